import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { handle, reasonOf } from '../custom-resource/handle.ts';
import type { Answer } from '../custom-resource/response.ts';
import { persistently } from '../custom-resource/retry.ts';
import { create } from './create.ts';
import { remove } from './remove.ts';
import { update } from './update.ts';

/**
 * The custom resource `Custom::DeviceCertificate`: one generation of a device, which is created, revoked and deleted, and never
 * changes otherwise. Its physical id is the id of its certificate. Lambda may run an event more than once; every run gives
 * the same answer.
 */
export async function handler(
  event: CloudFormationCustomResourceEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<void> {
  await handle(event, context, (deadline) => outcome(event, deadline));
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
