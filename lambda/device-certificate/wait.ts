/** Resolves after this many milliseconds. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/**
 * Asks again and again, with growing pauses and jitter, until the answer is yes.
 *
 * @param what the state that is waited for, for the error
 * @param deadline in milliseconds since 1970
 * @throws {Error} when the deadline comes first
 */
export async function waitUntil(what: string, deadline: number, isSo: () => Promise<boolean>): Promise<void> {
  for (let longest = 100; !(await isSo()); longest = Math.min(2 * longest, 5_000)) {
    if (Date.now() + longest > deadline) throw new Error(`timed out before ${what}`);
    await pause(longest * (0.5 + Math.random() / 2));
  }
}
