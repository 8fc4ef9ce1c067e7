import { checkExports } from './exports.ts';
import { failureReason } from './failure-reason.ts';
import type { Operation } from './operation.ts';
import { allOf, forgetDeleted, removeAll } from './removal.ts';

/** Deletes a stack with its resources, apart from those that their policy or the caller retains. */
export async function deleteStack(operation: Operation, retained: readonly string[]): Promise<void> {
  const { stack } = operation;
  operation.setStackStatus('DELETE_IN_PROGRESS', 'User Initiated');
  try {
    checkExports(operation.environment.store, stack, []);
  } catch (error) {
    return operation.setStackStatus('DELETE_FAILED', failureReason(error, 'deletion'));
  }
  const removals = operation
    .resources()
    .flatMap((resource) =>
      allOf(resource, resource.deletionPolicy !== 'Delete' || retained.includes(resource.logicalId)),
    );
  const removed = await removeAll(operation, removals);
  forgetDeleted(operation, removed);
  if (removed.failed.length > 0)
    return operation.setStackStatus(
      'DELETE_FAILED',
      `The following resource(s) failed to delete: [${removed.failed.join(', ')}].`,
    );
  stack.deleted = new Date();
  operation.setStackStatus('DELETE_COMPLETE');
}
