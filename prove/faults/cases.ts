import type { Fault, SeenCall } from '@esp-fleet/local-cloud';
import { byHand } from './by-hand.ts';
import type { Attempt, ProvedDevice } from './device.ts';
import { failuresOf } from './failures.ts';
import type { Operation } from './operations.ts';
import { racesOf } from './races.ts';

/** A call that an operation makes without a fault. */
export interface Call extends SeenCall {
  /** Who makes it. */
  readonly maker: 'function' | 'CloudFormation' | 'verb';
}

/** Which call, as a fault finds it. */
export type Target = Required<Pick<Fault, 'service' | 'operation' | 'occurrence' | 'caller'>>;

/** What goes wrong in a case. */
export interface Trouble {
  readonly words: string;
  /**
   * `failure`: a call fails, and in the end nothing shows it. `abandoned`: CloudFormation gives up deleting something, which
   * `fleet doctor --fix` does then. `race`: the fleet file may say something else afterwards, and more may be left that doctor
   * names. `by hand`: what somebody did is undone, or doctor says so.
   */
  readonly kind: 'failure' | 'abandoned' | 'race' | 'by hand';
  arrange(device: ProvedDevice, target: Target): Arranged;
}

export interface Arranged {
  readonly faults: readonly Fault[];
  /** Whether it turned out that there is nothing that could go wrong here. */
  readonly isNothing?: () => boolean;
  /** What happens once the operation has ended. @returns how the last attempt to deploy has ended, if there was one */
  readonly afterwards?: () => Promise<Attempt | undefined | void>;
}

/** One trouble at one call of one operation. */
export interface Case {
  readonly words: string;
  readonly operation: Operation;
  readonly target: Target;
  readonly trouble: Trouble;
}

/** Of lambda:Invoke, what makes two runs at once, and how many more deliveries than calls there are then. */
const RUNS_BESIDE: Readonly<Record<string, number>> = { 'answer twice': 1, 'fail after, retried': 0 };

/** Deployments that end by deleting something, and which call of a kind is the first to do so: what fails there is given up. */
const CLEANS_UP: Readonly<Record<string, number>> = { remove: 1, finish: 1, replace: 2 };

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
      words: `${operation.name}, ${key} #${occurrence}: ${trouble.words}`,
      operation,
      target,
      trouble,
    }));
  });
}
