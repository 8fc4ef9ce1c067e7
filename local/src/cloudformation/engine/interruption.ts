import type { ResourceStatus, StackStatus } from '@aws-sdk/client-cloudformation';
import type { StackStore } from '../stack/stack-store.ts';
import { type Stack, isInProgress } from '../stack/stack.ts';

/**
 * Where a stack is left when its operation was cut off. A creation: the CDK CLI deletes the stack and begins again. An update:
 * ContinueUpdateRollback (`cdk rollback`) brings it back. A deletion: to be asked for again. A clean-up: done as far as it
 * came; the next operation does the rest.
 */
export const AFTER_INTERRUPTION: Readonly<Partial<Record<StackStatus, StackStatus>>> = {
  CREATE_IN_PROGRESS: 'ROLLBACK_FAILED',
  ROLLBACK_IN_PROGRESS: 'ROLLBACK_FAILED',
  UPDATE_IN_PROGRESS: 'UPDATE_ROLLBACK_FAILED',
  UPDATE_ROLLBACK_IN_PROGRESS: 'UPDATE_ROLLBACK_FAILED',
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: 'UPDATE_COMPLETE',
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'UPDATE_ROLLBACK_COMPLETE',
  IMPORT_IN_PROGRESS: 'IMPORT_ROLLBACK_FAILED',
  IMPORT_ROLLBACK_IN_PROGRESS: 'IMPORT_ROLLBACK_FAILED',
  DELETE_IN_PROGRESS: 'DELETE_FAILED',
};

const REASON = 'The local cloud was stopped during the operation.';

/** Marks what was under way when the local cloud last stopped, or was killed, as failed. */
export function markInterrupted(store: StackStore): void {
  for (const stack of store.stacks().filter(isInProgress)) markStack(store, stack);
}

function markStack(store: StackStore, stack: Stack): void {
  const say = (
    LogicalResourceId: string,
    PhysicalResourceId: string,
    ResourceType: string,
    ResourceStatus: ResourceStatus | StackStatus,
  ) =>
    store.addEvent(stack, {
      LogicalResourceId,
      PhysicalResourceId,
      ResourceType,
      ResourceStatus,
      ResourceStatusReason: REASON,
      OperationId: undefined,
      ClientRequestToken: undefined,
    });
  for (const resource of store.resources(stack.id).values()) {
    if (!resource.status.endsWith('_IN_PROGRESS')) continue;
    resource.status = resource.status.replace('_IN_PROGRESS', '_FAILED') as
      'CREATE_FAILED' | 'UPDATE_FAILED' | 'DELETE_FAILED' | 'IMPORT_FAILED';
    resource.statusReason = REASON;
    store.saveResource(resource);
    say(resource.logicalId, resource.now?.id ?? '', resource.type, resource.status);
  }
  stack.status = AFTER_INTERRUPTION[stack.status] ?? stack.status;
  stack.statusReason = REASON;
  store.save(stack);
  say(stack.name, stack.id, 'AWS::CloudFormation::Stack', stack.status);
}
