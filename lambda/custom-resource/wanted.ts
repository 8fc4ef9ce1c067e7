import type {
  CloudFormationCustomResourceCreateEvent,
  CloudFormationCustomResourceDeleteEvent,
  CloudFormationCustomResourceUpdateEvent,
} from 'aws-lambda';
import { setTimeout } from 'node:timers/promises';
import { stackResource } from '../../aws/stacks.ts';

type Event = Pick<CloudFormationCustomResourceCreateEvent, 'StackId' | 'LogicalResourceId'>;

/** A stack may not show at once what it has begun with: how often it is asked, and the pause before each time. */
const PAUSES_MS = [0, 500, 1_500];

/**
 * A creation is wanted as long as CloudFormation waits for it. It is not when another resource of the stack has failed, so
 * that CloudFormation has given it up and deletes what it may have made; nor when the event is delivered again after its end.
 *
 * @throws {Error} when it is not
 */
export async function ensureWanted({ StackId, LogicalResourceId }: Event): Promise<void> {
  for (const milliseconds of PAUSES_MS) {
    if (milliseconds > 0) await setTimeout(milliseconds);
    const resource = await stackResource(StackId, LogicalResourceId);
    if (resource === undefined) continue;
    if (resource.status === 'CREATE_IN_PROGRESS') return;
    throw new Error(`this creation is not wanted any more: ${LogicalResourceId} is ${resource.status}`);
  }
  throw new Error(`this creation is not wanted any more: its stack has no ${LogicalResourceId}`);
}

/** Whether a later creation of the same generation, in a stack of the same name, has found a certificate and goes on with it. */
export async function isTakenOver({ StackId, LogicalResourceId }: Event, certificateId: string): Promise<boolean> {
  const [, stackName = StackId] = StackId.split('/');
  const resource = await stackResource(stackName, LogicalResourceId);
  if (resource === undefined || resource.status.startsWith('DELETE_')) return false;
  return resource.status === 'CREATE_IN_PROGRESS' || resource.physicalId === certificateId;
}

/**
 * Whether CloudFormation waits for this update or deletion. Lambda may deliver an event again, when that has long ended: what
 * is not bound to one certificate would then find those of another creation.
 */
export async function isUnderWay({
  RequestType,
  StackId,
  LogicalResourceId,
  PhysicalResourceId,
}: CloudFormationCustomResourceUpdateEvent | CloudFormationCustomResourceDeleteEvent): Promise<boolean> {
  const resource = await stackResource(StackId, LogicalResourceId);
  return resource?.physicalId === PhysicalResourceId && resource.status === `${RequestType.toUpperCase()}_IN_PROGRESS`;
}
