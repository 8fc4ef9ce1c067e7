import { setTimeout } from 'node:timers/promises';

const LIMIT_S = 30;

/** Seconds until a call succeeds that is refused with this error at first. Rejects with any other, or after half a minute. */
export async function secondsUntil(call: () => Promise<unknown>, refusal?: string): Promise<number> {
  const began = performance.now();
  for (;;) {
    const seconds = (performance.now() - began) / 1000;
    try {
      await call();
      return seconds;
    } catch (error) {
      if ((error as Error).name !== refusal || seconds > LIMIT_S) throw error;
      // Below every request limit.
      await setTimeout(150);
    }
  }
}
