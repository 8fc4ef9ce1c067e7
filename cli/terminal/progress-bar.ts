import cliProgress, { SingleBar } from 'cli-progress';
import { WriteStream } from 'node:tty';
import { withSpinner } from './spinner.ts';
import type { Terminal } from './terminal.ts';

/** Nobody wants to see a bar that comes and goes. */
const PATIENCE_MS = 1_000;

/**
 * Shows a bar on a terminal, once the work takes longer than a second; a spinner where there is nothing to count.
 *
 * @param work given what it tells how far it is
 */
export async function withProgress<Result>(
  terminal: Terminal,
  text: string,
  total: number,
  work: (onProgress: (done: number) => void) => Promise<Result>,
): Promise<Result> {
  if (total === 0)
    return withSpinner(
      terminal,
      text,
      work(() => undefined),
    );
  const shown: { bar?: ProgressBar; done: number } = { done: 0 };
  const timer = setTimeout(() => {
    shown.bar = new ProgressBar(terminal, text, total);
    shown.bar.update(shown.done);
  }, PATIENCE_MS);
  try {
    return await work((done) => {
      shown.done = done;
      shown.bar?.update(done);
    });
  } finally {
    clearTimeout(timer);
    shown.bar?.end();
  }
}

/** Shows on a terminal how far a long work is. */
export class ProgressBar {
  readonly #bar: SingleBar | undefined;

  /** @param text what the work is */
  constructor({ stderr }: Terminal, text: string, total: number) {
    if (!(stderr instanceof WriteStream) || total === 0) return;
    this.#bar = new SingleBar({
      format: `${text} {bar} {value} of {total}, {eta_formatted} left`,
      // At the start it is not a number yet.
      formatTime: (seconds, options, round) =>
        Number.isFinite(seconds) ? cliProgress.Format.TimeFormat(seconds, options, round) : '?',
      stream: stderr,
      barsize: 24,
      clearOnComplete: true,
      gracefulExit: false, // Ctrl-C is the verb's to handle
      linewrap: true,
    });
    this.#bar.start(total, 0);
  }

  /** @param done so many; the total grows with it where more came up than was foreseen */
  update(done: number): void {
    if (this.#bar === undefined) return;
    if (done > this.#bar.getTotal()) this.#bar.setTotal(done);
    this.#bar.update(done);
  }

  /** Takes it off the screen. */
  end(): void {
    this.#bar?.stop();
  }
}
