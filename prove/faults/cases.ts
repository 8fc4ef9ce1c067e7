import { type Fault, passingFailure, type SeenCall } from '@esp-fleet/local-cloud';
import type { Operation } from './operations.ts';

/** One fault in one call of one operation. */
export interface Case {
  readonly words: string;
  readonly operation: Operation;
  readonly fault: Fault;
}

type Effect = Fault extends infer One ? (One extends Fault ? Omit<One, keyof Target> : never) : never;
type Target = Pick<Fault, 'service' | 'operation' | 'occurrence' | 'caller'>;

/** What can happen to a call of the Lambda. */
const EFFECTS: Readonly<Record<string, Effect>> = {
  'fail before': { kind: 'fail before' },
  'fail before, retried by the SDK': { kind: 'fail before', error: passingFailure() },
  'fail after': { kind: 'fail after' },
  'fail after, retried by the SDK': { kind: 'fail after', error: passingFailure() },
  throttle: { kind: 'throttle' },
  'time out': { kind: 'time out' },
  'crash before': { kind: 'crash before' },
  'crash after': { kind: 'crash after' },
};

/** AWS documents of these that they are asynchronous. */
const SEEN_LATE: readonly string[] = ['DetachPolicy', 'DetachThingPrincipal', 'UpdateCertificate'];

/** Every fault that makes sense, in every call of a dry run. */
export function casesOf(operation: Operation, calls: readonly SeenCall[]): Case[] {
  const seen = new Map<string, number>();
  return calls.flatMap((call) => {
    const name = `${call.service}:${call.operation}`;
    const occurrence = (seen.get(name) ?? 0) + 1;
    seen.set(name, occurrence);
    const target = { service: call.service, operation: call.operation, occurrence, caller: call.caller };
    return Object.entries(effectsOn(call)).map(([words, effect]) => ({
      words: `${operation.name}, ${name} #${occurrence}: ${words}`,
      operation,
      fault: { ...target, ...effect },
    }));
  });
}

function effectsOn({ service, operation }: SeenCall): Readonly<Record<string, Effect>> {
  if (service === 'lambda') return { 'answer twice': { kind: 'answer twice' } };
  if (!SEEN_LATE.includes(operation)) return EFFECTS;
  return { ...EFFECTS, 'seen 3 calls later': { kind: 'seen late', calls: 3 } };
}
