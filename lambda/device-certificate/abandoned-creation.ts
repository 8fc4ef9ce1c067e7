import { DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import type { CloudFormationCustomResourceDeleteEvent } from 'aws-lambda';
import { cloudFormation } from './clients.ts';
import { type DeviceProperties, devicePropertiesOf } from './event.ts';
import { isIssued } from './identity.ts';
import { IdentityStore } from './identity-store.ts';
import { removeIdentity } from './removal.ts';
import { readRecorded, type Run } from './run.ts';
import { pause } from './wait.ts';

/** How often nothing has to be found, and how long after each other: a run that is not waited for any more may still go on. */
const QUIET_LOOKS = 3;
const BETWEEN_LOOKS_MS = 1_000;

/**
 * When another resource of its stack fails, CloudFormation waits no longer for a creation: it gives what that may have made an
 * id of its own invention, and deletes that, and then the thing and the policy, which AWS IoT refuses while a certificate is
 * attached to them. So what such a creation has made is removed. Anything else that is deleted under an id which was never
 * given is left alone.
 */
export async function removeAbandonedCreation(
  event: CloudFormationCustomResourceDeleteEvent,
  deadline: number,
): Promise<void> {
  const device = propertiesIn(event);
  if (device === undefined || !(await isAbandonedCreation(event))) return;
  const run: Run = { device, deadline, store: new IdentityStore(device.parameterName), onCertificate: () => undefined };
  for (let quiet = 0; quiet < QUIET_LOOKS && Date.now() < deadline; quiet++) {
    if (quiet > 0) await pause(BETWEEN_LOOKS_MS);
    if (await removeRecorded(run)) quiet = 0;
  }
}

/** Undefined when they are wrong: then the creation has failed at them, and made nothing. */
function propertiesIn(event: CloudFormationCustomResourceDeleteEvent): DeviceProperties | undefined {
  try {
    return devicePropertiesOf(event);
  } catch {
    return undefined;
  }
}

/** Whether CloudFormation knows the resource by that id, and so has no certificate of it. */
async function isAbandonedCreation(event: CloudFormationCustomResourceDeleteEvent): Promise<boolean> {
  const { StackId: StackName, LogicalResourceId, PhysicalResourceId } = event;
  try {
    const describe = new DescribeStackResourceCommand({ StackName, LogicalResourceId });
    const { StackResourceDetail } = await cloudFormation.send(describe);
    return StackResourceDetail?.PhysicalResourceId === PhysicalResourceId;
  } catch (error) {
    // Whoever has sent this, the stack is not the function's, or has nothing of that name.
    if (error instanceof Error && ['AccessDenied', 'AccessDeniedException', 'ValidationError'].includes(error.name))
      return false;
    throw error;
  }
}

/**
 * A key without a certificate stays: the next attempt goes on with it, and by it `fleet doctor` knows whose a certificate is
 * that AWS IoT made and never answered with.
 *
 * @returns whether there was anything to remove
 */
async function removeRecorded(run: Run): Promise<boolean> {
  const { identity, previous, draft } = await readRecorded(run);
  const issued = draft !== undefined && isIssued(draft.identity) ? draft.identity : undefined;
  if (issued !== undefined) await removeIdentity('next', issued, run);
  if (previous !== undefined) await removeIdentity('previous', previous, run);
  if (identity !== undefined) await removeIdentity('identity', identity, run);
  return (issued ?? previous ?? identity) !== undefined;
}
