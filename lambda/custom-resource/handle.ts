import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse, Context } from 'aws-lambda';
import { setTimeout } from 'node:timers/promises';

/** Kept back from the Lambda's time, for the answer to CloudFormation. */
const TIME_TO_ANSWER_MS = 15_000;

const ATTEMPTS = 5;

/** CloudFormation allows 4,096 bytes for the whole answer. */
const LONGEST_REASON = 500;

/**
 * Makes the handler of a custom resource. Only what is answered is logged, never the event: whoever has its ResponseURL can answer
 * in our name.
 *
 * @param work does what the event asks for, until the deadline, in milliseconds since 1970; it may set another physical id than that
 * of before, or of a creation the logical one
 */
export function answering(
  work: (
    event: CloudFormationCustomResourceEvent,
    deadline: number,
    setPhysicalId: (physicalId: string) => void,
  ) => Promise<void>,
) {
  return async (
    event: CloudFormationCustomResourceEvent,
    context: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<void> => {
    const { RequestType, RequestId, LogicalResourceId, StackId } = event;
    let physicalId = event.RequestType === 'Create' ? LogicalResourceId : event.PhysicalResourceId;
    let failure: string | undefined;
    try {
      await work(event, Date.now() + context.getRemainingTimeInMillis() - TIME_TO_ANSWER_MS, (id) => (physicalId = id));
    } catch (error) {
      failure = reasonOf(error);
    }
    console.log(JSON.stringify({ RequestType, RequestId, LogicalResourceId, physicalId, failure }));
    const common = { PhysicalResourceId: physicalId, StackId, RequestId, LogicalResourceId };
    await respond(
      event.ResponseURL,
      failure === undefined ? { ...common, Status: 'SUCCESS' } : { ...common, Status: 'FAILED', Reason: failure },
    );
  };
}

/** For people to read in a stack event: what failed, and no key, whatever an error may quote. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error';
  return text.replace(/-----BEGIN.*/gs, '(left out)').slice(0, LONGEST_REASON);
}

/**
 * Puts the answer where CloudFormation waits for it.
 *
 * @throws {Error} when that fails several times; Lambda then runs the event again, which gives the same answer
 */
async function respond(url: string, answer: CloudFormationCustomResourceResponse): Promise<void> {
  let problem: string | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    problem = await put(url, JSON.stringify(answer));
    if (problem === undefined) return;
    await setTimeout(100 * 2 ** attempt);
  }
  throw new Error(`CloudFormation did not take the answer: ${problem}`);
}

/** @returns what went wrong, in words that do not hold the URL: whoever has it can answer in our name */
async function put(url: string, body: string): Promise<string | undefined> {
  try {
    // The URL is signed for a request without a content type.
    const headers = { 'content-type': '' };
    const response = await fetch(url, { method: 'PUT', body, headers, signal: AbortSignal.timeout(10_000) });
    return response.ok ? undefined : `HTTP status ${response.status}`;
  } catch (error) {
    return error instanceof Error ? error.name : 'unknown error';
  }
}
