import type { AwsError } from '../errors.ts';
import { type FaultTarget, passingFailure, type SeenCall, throttled } from './fault.ts';

/** What holds for many calls, until it is taken back. */
export interface StandingFault {
  readonly target: Omit<FaultTarget, 'occurrence'>;
  readonly kind: 'throttle' | 'fail before';
  /** The error of this call, or undefined when it is spared. */
  readonly meets: () => AwsError | undefined;
}

/** Throttles a share of calls, chosen by a seed: the same seed chooses the same calls, counted in the order of arrival. */
export function throttledShare(target: StandingFault['target'], share: number, seed: number): StandingFault {
  const random = mulberry32(seed);
  return { target, kind: 'throttle', meets: () => (random() < share ? throttled() : undefined) };
}

/** Fails every call with an error that SDKs and the rules engine try again. */
export const outage = (target: StandingFault['target']): StandingFault => ({
  target,
  kind: 'fail before',
  meets: passingFailure,
});

export const isTarget = (
  { service, operation, caller }: Omit<FaultTarget, 'occurrence'>,
  call: Pick<SeenCall, 'service' | 'operation'>,
  { arn, identityArn }: { readonly arn: string; readonly identityArn?: string | undefined },
): boolean =>
  service === call.service &&
  operation === call.operation &&
  (caller === undefined || caller === arn || caller === identityArn);

/** Tommy Ettinger's generator: numbers from 0 up to 1, the same for the same seed, which Math.random cannot give. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
