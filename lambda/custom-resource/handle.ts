import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { type Answer, respond } from './response.ts';

/** Kept back from the Lambda's time, for the answer to CloudFormation. */
const TIME_TO_ANSWER_MS = 15_000;

/** CloudFormation allows 4,096 bytes for the whole answer. */
const LONGEST_REASON = 500;

/**
 * Answers an event of a custom resource. Only the answer is logged, never the event: whoever has its ResponseURL can answer in our
 * name.
 *
 * @param outcome does what the event asks for, until the deadline, in milliseconds since 1970
 */
export async function handle(
  event: CloudFormationCustomResourceEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
  outcome: (deadline: number) => Promise<Answer>,
): Promise<void> {
  const answer = await outcome(Date.now() + context.getRemainingTimeInMillis() - TIME_TO_ANSWER_MS);
  const { RequestType, RequestId, LogicalResourceId } = event;
  console.log(JSON.stringify({ RequestType, RequestId, LogicalResourceId, ...answer }));
  await respond(event, answer);
}

/** For people to read in a stack event: what failed, and no key, whatever an error may quote. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error';
  return text.replace(/-----BEGIN.*/gs, '(left out)').slice(0, LONGEST_REASON);
}
