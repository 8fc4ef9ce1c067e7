import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { create } from './create.ts';
import { remove } from './remove.ts';
import { type Answer, respond } from './response.ts';
import { persistently } from './retry.ts';
import { update } from './update.ts';

/** Kept back from the Lambda's time, for the answer to CloudFormation. */
const TIME_TO_ANSWER_MS = 15_000;

/** CloudFormation allows 4,096 bytes for the whole answer. */
const LONGEST_REASON = 500;

/**
 * The custom resource `Custom::DeviceCertificate`: one generation of a device, which is created, revoked and deleted, and never
 * changes otherwise. Its physical id is the id of its certificate. Lambda may run an event more than once; every run gives
 * the same answer. The event itself is never logged: whoever has its ResponseURL can answer in our name.
 */
export async function handler(
  event: CloudFormationCustomResourceEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<void> {
  const deadline = Date.now() + context.getRemainingTimeInMillis() - TIME_TO_ANSWER_MS;
  const answer = await outcome(event, deadline);
  const { RequestType, RequestId, LogicalResourceId } = event;
  console.log(JSON.stringify({ RequestType, RequestId, LogicalResourceId, ...answer }));
  await respond(event, answer);
}

async function outcome(event: CloudFormationCustomResourceEvent, deadline: number): Promise<Answer> {
  let physicalId = event.RequestType === 'Create' ? `unmade-${event.LogicalResourceId}` : event.PhysicalResourceId;
  try {
    switch (event.RequestType) {
      case 'Create': {
        const onCertificate = (certificateId: string) => (physicalId = certificateId);
        const made = await persistently({ deadline }, () => create(event, deadline, onCertificate));
        return { physicalId: made ?? `revoked-${event.LogicalResourceId}` };
      }
      case 'Update':
        await persistently({ deadline }, () => update(event, deadline));
        return { physicalId };
      case 'Delete':
        // When a stack update cleans up, CloudFormation asks once, and what failed then is forgotten.
        await persistently({ deadline, furtherTries: 2 }, () => remove(event, deadline));
        return { physicalId };
    }
  } catch (error) {
    return { physicalId, failure: reasonOf(error) };
  }
}

/** For people to read in a stack event: what failed, and no key, whatever an error may quote. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error';
  return text.replace(/-----BEGIN.*/gs, '(left out)').slice(0, LONGEST_REASON);
}
