import { setTimeout } from 'node:timers/promises';
import { CancelledError } from './handler.ts';

/** Waits so many milliseconds. Rejects with CancelledError when the operation has failed elsewhere. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, { signal });
  } catch {
    throw new CancelledError();
  }
}
