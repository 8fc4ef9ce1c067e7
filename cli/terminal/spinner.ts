import { WriteStream } from 'node:tty';
import yoctoSpinner from 'yocto-spinner';
import type { Terminal } from './terminal.ts';

/** Nobody wants to see a spinner that comes and goes. */
const PATIENCE_MS = 500;

/**
 * Shows on a terminal that something is under way, once it takes longer than a moment. Ctrl-C ends the process, unless whoever
 * calls this ends by itself in good order, see until-interrupted.ts.
 */
export async function withSpinner<Result>({ stderr }: Terminal, text: string, work: Promise<Result>): Promise<Result> {
  if (!(stderr instanceof WriteStream)) return work;
  const spinner = yoctoSpinner({ text, stream: stderr, handleSignals: process.listenerCount('SIGINT') === 0 });
  const timer = setTimeout(() => spinner.start(), PATIENCE_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    spinner.stop();
  }
}
