import { setTimeout as sleep } from 'node:timers/promises';
import { endpoint } from '../fleet/cloud-choice.ts';
import { errorMessage } from '../terminal/error-message.ts';

/** After so long without an answer, people are told; the call goes on, and is tried again. */
const PATIENCE_MS = 5_000;

export interface Work {
  /** What is asked, again and again. */
  readonly ask: () => Promise<void>;
  /** How long to wait between two times, in milliseconds. */
  readonly every: number;
  /** How many times as long as the answer took it waits at least, so that a large fleet is asked about less often. */
  readonly rest: number;
  /** Called with what is wrong, and with undefined once it is right again. */
  readonly onProblem: (problem: string | undefined) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Asks the cloud again and again, through every failure. */
export async function repeat({ ask, every, rest, onProblem, signal }: Work): Promise<void> {
  while (!signal.aborted) {
    const started = Date.now();
    const slow = setTimeout(() => onProblem(`nothing has answered at ${endpoint() ?? 'AWS'} for 5 s`), PATIENCE_MS);
    try {
      await ask();
      onProblem(undefined);
    } catch (error) {
      onProblem(errorMessage(error, endpoint()));
    } finally {
      clearTimeout(slow);
    }
    const pause = Math.max(every, rest * Math.min(Date.now() - started, 60_000));
    await sleep(pause, undefined, { signal }).catch(() => undefined); // aborted: the loop sees it
  }
}
