import type { Fault, SeenCall } from '@esp-fleet/local-cloud';
import type { Attempt, ProvedDevice } from './device.ts';
import type { Operation } from './operations.ts';

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
