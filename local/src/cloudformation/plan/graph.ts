// By hand, since one walk has to go on with all that a failure does not concern, and to say what failed.

import { validationError } from '../template/template.ts';

/** Which nodes each node waits for. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** Throws ValidationError naming the nodes of a circle, if there is one. */
export function checkAcyclic(graph: Graph): void {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): void => {
    if (done.has(node)) return;
    const start = path.indexOf(node);
    if (start !== -1)
      throw validationError(`Circular dependency between resources: [${path.slice(start).sort().join(', ')}]`);
    path.push(node);
    for (const next of graph.get(node) ?? []) visit(next);
    path.pop();
    done.add(node);
  };
  for (const node of graph.keys()) visit(node);
}

/** The nodes, each behind all that it waits for. */
export function inOrder(graph: Graph): string[] {
  const order = new Set<string>();
  const visit = (node: string): void => {
    if (order.has(node)) return;
    for (const next of graph.get(node) ?? []) visit(next);
    order.add(node);
  };
  for (const node of graph.keys()) visit(node);
  return [...order];
}

/**
 * Runs a task for every node, each as soon as those are done that it waits for. What waits for a failed task is not run;
 * once `stopped` answers true, nothing more is begun. Resolves when all that was begun has ended.
 *
 * @returns the tasks that failed
 */
export async function runInOrder(
  graph: Graph,
  task: (node: string) => Promise<void>,
  stopped: () => boolean = () => false,
): Promise<string[]> {
  const begun = new Map<string, Promise<boolean>>();
  const failed: string[] = [];
  const begin = (node: string): Promise<boolean> => {
    const known = begun.get(node);
    if (known) return known;
    const ended = (async () => {
      const dependencies = (graph.get(node) ?? []).filter((dependency) => graph.has(dependency));
      const ready = (await Promise.all(dependencies.map(begin))).every(Boolean);
      if (!ready || stopped()) return false;
      try {
        await task(node);
        return true;
      } catch {
        // Why, the task has recorded itself.
        failed.push(node);
        return false;
      }
    })();
    begun.set(node, ended);
    return ended;
  };
  await Promise.all([...graph.keys()].map(begin));
  return failed;
}
