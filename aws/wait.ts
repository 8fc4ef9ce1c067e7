import { setTimeout } from 'node:timers/promises';

/** When to give up, in milliseconds since 1970, where AWS IoT shows a change within seconds. */
export const inAMinute = (): number => Date.now() + 60_000;

/** The same for a policy, which may not be deleted until five minutes after it was detached (API Reference, DeletePolicy). */
export const inSixMinutes = (): number => Date.now() + 360_000;

/**
 * Asks again and again, with growing pauses and jitter, until the answer is yes.
 *
 * @param what the state that is waited for, for the error
 * @param deadline in milliseconds since 1970
 * @param longestPause in milliseconds
 * @throws {Error} when the deadline comes first
 */
export async function waitUntil(
  what: string,
  deadline: number,
  isSo: () => Promise<boolean>,
  longestPause = 5_000,
): Promise<void> {
  for (let longest = 100; !(await isSo()); longest = Math.min(2 * longest, longestPause)) {
    if (Date.now() + longest > deadline) throw new Error(`time is up before ${what}; run the same again`);
    await setTimeout(longest * (0.5 + Math.random() / 2));
  }
}
