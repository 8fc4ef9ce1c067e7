import { type Fault, passingFailure } from '@esp-fleet/local-cloud';
import type { Call } from './trouble.ts';
import type { ProvedDevice } from './device.ts';

type Effect = Fault extends infer One
  ? One extends Fault
    ? Omit<One, 'service' | 'operation' | 'occurrence' | 'caller'>
    : never
  : never;
type Effects = Readonly<Record<string, (device: ProvedDevice) => Effect>>;

const REFUSED: Effects = {
  'fail before': () => ({ kind: 'fail before' }),
  'fail before, retried': () => ({ kind: 'fail before', error: passingFailure() }),
  'fail after, retried': () => ({ kind: 'fail after', error: passingFailure() }),
  throttle: () => ({ kind: 'throttle' }),
};

const FAILED_AFTER: Effects = { 'fail after': () => ({ kind: 'fail after' }) };

/** Only what calls over the wire gives up waiting. */
const UNANSWERED: Effects = { 'time out': () => ({ kind: 'time out' }) };

/** Nobody else can crash and be started again by somebody else. */
const OF_FUNCTION: Effects = {
  ...UNANSWERED,
  'crash before': () => ({ kind: 'crash before' }),
  'crash after': () => ({ kind: 'crash after' }),
};

/** Killed after a call is killed before the next one. */
const OF_VERB: Effects = {
  ...UNANSWERED,
  'killed before': (device) => ({ kind: 'meanwhile', act: () => device.killVerb() }),
};

/** AWS documents of these that they are asynchronous. */
const SEEN_LATE: readonly string[] = ['DetachPolicy', 'DetachThingPrincipal', 'UpdateCertificate'];

/** How a call can fail. */
export function failuresOf({ service, operation, maker }: Call): Effects {
  if (service === 'lambda') {
    // Lambda does not refuse what it has queued.
    return { ...REFUSED, 'answer twice': () => ({ kind: 'answer twice' }) };
  }
  return {
    ...REFUSED,
    ...FAILED_AFTER,
    ...(maker === 'function' && OF_FUNCTION),
    ...(maker === 'verb' && OF_VERB),
    ...(maker !== 'CloudFormation' &&
      SEEN_LATE.includes(operation) && { 'seen 3 calls later': () => ({ kind: 'seen late', calls: 3 }) }),
  };
}
