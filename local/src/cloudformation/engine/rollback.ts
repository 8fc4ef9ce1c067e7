import type { Graph } from '../plan/graph.ts';
import { runInOrder } from '../plan/graph.ts';
import type { Physical, StackResource } from '../stack/stack.ts';
import { parseTemplate } from '../template/parse-template.ts';
import { deleteStack } from './delete-stack.ts';
import { failureReason } from './failure-reason.ts';
import type { Operation } from './operation.ts';
import { allOf, cleanUp, forgetDeleted, removeAll } from './removal.ts';
import { settle } from './settle.ts';

/** Deletes what a failed creation has made. What is to be retained stays, as in AWS, unless the caller says otherwise. */
export async function rollBackCreation(operation: Operation, reason: string): Promise<void> {
  const { stack } = operation;
  operation.resume();
  operation.setStackStatus('ROLLBACK_IN_PROGRESS', reason);
  const removals = operation
    .resources()
    .flatMap((resource) => allOf(resource, staysAfterCreation(operation, resource)));
  const removed = await removeAll(operation, removals);
  forgetDeleted(operation, removed);
  if (removed.failed.length > 0)
    return operation.setStackStatus(
      'ROLLBACK_FAILED',
      `The following resource(s) failed to delete: [${removed.failed.join(', ')}].`,
    );
  stack.deployed = { ...stack.deployed, outputs: [], imports: [] };
  operation.setStackStatus('ROLLBACK_COMPLETE');
  if (stack.onFailure === 'DELETE') await deleteStack(operation, []);
}

// Retain counts from the first moment on; RetainExceptOnCreate, which a caller may also ask for, from the first success on.
const staysAfterCreation = ({ options }: Operation, { deletionPolicy, imported = false }: StackResource): boolean =>
  imported || (deletionPolicy === 'Retain' && !options.retainExceptOnCreate);

/** Brings the resources that a failed update has touched back to what they were, apart from those to be skipped. */
export async function rollBackUpdate(operation: Operation, reason: string, skip: readonly string[]): Promise<void> {
  const { stack } = operation;
  operation.resume();
  operation.setStackStatus('UPDATE_ROLLBACK_IN_PROGRESS', reason);
  for (const resource of operation.resources())
    // Found wanting before anything was done to it.
    if (resource.before === undefined && resource.status === 'UPDATE_FAILED')
      operation.setResourceStatus(resource, 'UPDATE_COMPLETE');
  const touched = new Map(
    operation
      .resources()
      .flatMap((resource): [string, { resource: StackResource; before: Physical }][] =>
        resource.before === undefined || resource.before === 'nothing'
          ? []
          : [[resource.logicalId, { resource, before: resource.before }]],
      ),
  );
  const graph: Graph = new Map([...touched].map(([logicalId, { before }]) => [logicalId, before.dependencies]));
  const failed = await runInOrder(graph, async (logicalId) => {
    const found = touched.get(logicalId);
    if (found) await restore(operation, found.resource, found.before, skip.includes(logicalId));
  });
  if (failed.length > 0)
    return operation.setStackStatus(
      'UPDATE_ROLLBACK_FAILED',
      `The following resource(s) failed to update: [${failed.join(', ')}].`,
    );
  stack.deployed = stack.before ?? stack.deployed;
  const gone = operation
    .resources()
    .filter(({ before }) => before === 'nothing')
    .map((resource) => ({ resource, retain: staysAfterCreation(operation, resource) }));
  settle(operation, parseTemplate(stack.deployed.template));
  operation.setStackStatus('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
  await cleanUp(operation, gone);
  operation.setStackStatus('UPDATE_ROLLBACK_COMPLETE');
}

async function restore(operation: Operation, resource: StackResource, before: Physical, skip: boolean): Promise<void> {
  const { now } = resource;
  if (skip || resource.replaced || !now) {
    if (now && now.id !== before.id && !skip)
      resource.leftovers.push({ physical: now, retain: staysAfterCreation(operation, resource) });
    resource.now = before;
    resource.before = undefined;
    resource.replaced = false;
    return operation.setResourceStatus(
      resource,
      'UPDATE_COMPLETE',
      // The CDK CLI looks for these very words.
      skip ? 'Resource skipped during UpdateRollback' : undefined,
    );
  }
  try {
    operation.setResourceStatus(resource, 'UPDATE_IN_PROGRESS');
    const type = operation.environment.types.find(resource.type);
    if (typeof type === 'string') throw new Error(type);
    const { properties, dependencies } = before;
    const wanted = { properties, dependencies };
    // Old and new swapped, under the id that is in force: a custom resource answers with the id that is to stay.
    const request = { ...operation.request(resource, wanted), old: now.properties, made: now };
    const made = await operation.handler(type).update(request);
    if (made.id !== now.id && now.id !== before.id) resource.leftovers.push({ physical: now, retain: false });
    resource.now = { ...wanted, ...made };
    resource.before = undefined;
    operation.setResourceStatus(resource, 'UPDATE_COMPLETE');
  } catch (error) {
    operation.setResourceStatus(resource, 'UPDATE_FAILED', failureReason(error, 'update'));
    throw error;
  }
}
