import { setTimeout } from 'node:timers/promises';
import { CliError } from './cli-error.ts';

/** AWS IoT shows a change within seconds. */
const PATIENCE_MS = 60_000;

/**
 * Asks again and again until the answer is yes.
 *
 * @param what the state that is waited for, for the error
 * @throws {CliError} when it takes too long
 */
export async function waitUntil(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (let pause = 100; !(await isSo()); pause = Math.min(2 * pause, 2_000)) {
    if (Date.now() + pause > deadline) {
      throw new CliError(`gave up after ${PATIENCE_MS / 1_000} s, before ${what}; run the same again`);
    }
    await setTimeout(pause);
  }
}
