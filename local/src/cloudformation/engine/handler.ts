import { setTimeout } from 'node:timers/promises';
import type { Pace } from '../../pace/pace.ts';
import type { Readings } from '../../readings.ts';
import type { Account } from '../../service.ts';
import type { Invoke } from '../resources/provider.ts';
import type { Properties } from '../template/value.ts';

/** A real thing, as Ref and Fn::GetAtt see it. */
export interface Made {
  readonly id: string;
  readonly attributes: Properties;
}

export interface HandlerRequest {
  readonly stack: { readonly id: string; readonly name: string };
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Properties;
  readonly account: Account;
  readonly readings: Readings;
  readonly pace: Pace;
  readonly invoke: Invoke;
  /** Aborted when the operation has failed elsewhere and waits for nothing more. */
  readonly signal: AbortSignal;
  /** To be called as soon as there is something that a rollback has to remove. */
  exists(made: Made): void;
}

/** How the engine makes, changes and deletes what stands behind a resource. */
export interface Handler {
  create(request: HandlerRequest): Promise<Made>;
  update(request: HandlerRequest & { readonly old: Properties; readonly made: Made }): Promise<Made>;
  delete(request: HandlerRequest & { readonly made: Made }): Promise<void>;
}

/** Thrown out of a wait that was ended because the operation has failed elsewhere. */
export class CancelledError extends Error {}

/** Waits so many milliseconds. Rejects with CancelledError when the operation has failed elsewhere. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, { signal });
  } catch {
    throw new CancelledError();
  }
}
