import { byHand } from './by-hand.ts';
import { failuresOf } from './failures.ts';
import { type Operation, titleOf } from './operations.ts';
import { racesOf } from './races.ts';
import type { Call, Case, Trouble } from './trouble.ts';

/** Of lambda:Invoke, what makes two runs at once, and how many more deliveries than calls there are then. */
const RUNS_BESIDE: Readonly<Record<string, number>> = { 'answer twice': 1, 'fail after, retried': 0 };

/** Deployments that end by deleting something, and which call of a kind is the first to do so: what fails there is given up. */
const CLEANS_UP: Readonly<Record<string, number>> = {
  remove: 1,
  finish: 1,
  replace: 2,
  'make the key': 2,
  'have the board make the key': 2,
};

/** Every trouble that makes sense, at every call of a run without a fault. */
export function casesOf(operation: Operation, calls: readonly Call[]): Case[] {
  const seen = new Map<string, number>();
  return calls.flatMap((call) => {
    const { service, operation: name, caller, maker } = call;
    const key = `${service}:${name} by ${maker}`;
    const occurrence = (seen.get(key) ?? 0) + 1;
    seen.set(key, occurrence);
    const target = { service, operation: name, occurrence, caller };
    const failures = Object.entries(failuresOf(call)).map(([words, effect]): Trouble => {
      const again = service === 'lambda' ? RUNS_BESIDE[words] : undefined;
      const isAbandoned =
        maker === 'CloudFormation' && occurrence >= (CLEANS_UP[operation.name] ?? Infinity) && words === 'fail before';
      return {
        words,
        kind: isAbandoned ? 'abandoned' : 'failure',
        arrange: (device) => ({
          faults: [{ ...target, ...effect(device) }],
          ...(again !== undefined && { afterwards: () => device.untilRunsHaveEnded(again) }),
        }),
      };
    });
    return [...failures, ...byHand(operation), ...racesOf(operation, call, calls)].map((trouble) => ({
      words: `${titleOf(operation)}, ${key} #${occurrence}: ${trouble.words}`,
      operation,
      target,
      trouble,
    }));
  });
}
