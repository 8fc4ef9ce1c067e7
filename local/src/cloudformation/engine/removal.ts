import { type Graph, runInOrder } from '../plan/graph.ts';
import type { Physical, StackResource } from '../stack/stack.ts';
import { failureReason } from './failure-reason.ts';
import { AbandonedError, type Operation } from './operation.ts';

/** One real thing to be deleted. */
export interface Removal {
  readonly resource: StackResource;
  readonly physical: Physical;
  /** Its policy leaves it alone. */
  readonly retain: boolean;
}

/** What is superseded and waits for its deletion. */
const leftoversOf = (resource: StackResource): Removal[] =>
  resource.leftovers.map(({ physical, retain }) => ({ resource, physical, retain }));

/** Everything that stands behind a resource. */
export function allOf(resource: StackResource, retain: boolean): Removal[] {
  const { now, before } = resource;
  const old = before !== undefined && before !== 'nothing' && before.id !== now?.id ? [before] : [];
  return [
    ...leftoversOf(resource),
    ...[...old, ...(now ? [now] : [])].map((physical) => ({ resource, physical, retain })),
  ];
}

/** What became of a deletion, by logical id. */
export interface Removed {
  /** What could not be deleted. */
  readonly failed: readonly string[];
  /** What is still there: that, and what would have been deleted after it. */
  readonly left: ReadonlySet<string>;
}

/** Deletes things, each after those that depend on it; what a failed one depends on stays. */
export async function removeAll(operation: Operation, removals: readonly Removal[]): Promise<Removed> {
  const left = new Set(removals.map(({ resource }) => resource.logicalId));
  const done = new Set<Removal>();
  const failed = await inDeletionOrder(removals, async (removal) => {
    await remove(operation, removal);
    done.add(removal);
  });
  for (const { resource } of removals)
    if (removals.every((removal) => removal.resource !== resource || done.has(removal)))
      left.delete(resource.logicalId);
  return { failed, left };
}

async function inDeletionOrder(
  removals: readonly Removal[],
  task: (removal: Removal) => Promise<void>,
): Promise<string[]> {
  const keyed = new Map(removals.map((removal, index) => [`${removal.resource.logicalId}#${index}`, removal]));
  const graph: Graph = new Map(
    [...keyed].map(([key, { resource }]) => [
      key,
      [...keyed]
        .filter(([, other]) => other.resource !== resource && other.physical.dependencies.includes(resource.logicalId))
        .map(([other]) => other),
    ]),
  );
  const failed = await runInOrder(graph, async (key) => {
    const removal = keyed.get(key);
    if (removal) await task(removal);
  });
  return [...new Set(failed.map((key) => keyed.get(key)?.resource.logicalId ?? key))];
}

async function remove(operation: Operation, { resource, physical, retain }: Removal): Promise<void> {
  if (retain) return operation.event(resource, physical.id, 'DELETE_SKIPPED');
  const current = resource.now === physical;
  const say = (status: 'DELETE_IN_PROGRESS' | 'DELETE_COMPLETE' | 'DELETE_FAILED', reason?: string): void =>
    current
      ? operation.setResourceStatus(resource, status, reason)
      : operation.event(resource, physical.id, status, reason);
  say('DELETE_IN_PROGRESS');
  try {
    const type = operation.environment.types.find(resource.type);
    if (typeof type === 'string') throw new Error(type);
    await operation.handler(type).delete({ ...operation.request(resource, physical), made: physical });
  } catch (error) {
    say('DELETE_FAILED', failureReason(error, 'deletion'));
    throw error;
  }
  say('DELETE_COMPLETE');
  if (current) resource.now = undefined;
  if (resource.before === physical) resource.before = undefined;
  resource.leftovers = resource.leftovers.filter((leftover) => leftover.physical !== physical);
  operation.save(resource);
}

/**
 * Deletes what an operation leaves over: what was replaced, and the resources that are no longer part of the stack. What
 * cannot be deleted is reported and given up, as CloudFormation does: it stays, and the stack forgets it.
 */
export async function cleanUp(
  operation: Operation,
  gone: readonly { resource: StackResource; retain: boolean }[],
): Promise<void> {
  const staying = operation.resources().filter((resource) => !gone.some((other) => other.resource === resource));
  const removals = [
    ...staying.flatMap(leftoversOf),
    ...gone.flatMap(({ resource, retain }) => allOf(resource, retain)),
  ];
  await inDeletionOrder(removals, async (removal) => {
    try {
      await remove(operation, removal);
    } catch (error) {
      if (error instanceof AbandonedError) throw error;
    }
  });
  for (const { resource } of gone) operation.forget(resource);
  for (const resource of staying)
    if (resource.leftovers.length > 0) {
      resource.leftovers = [];
      operation.save(resource);
    }
}

/** Takes the resources that are gone out of the stack. */
export function forgetDeleted(operation: Operation, { left }: Removed): void {
  for (const resource of operation.resources()) if (!left.has(resource.logicalId)) operation.forget(resource);
}
