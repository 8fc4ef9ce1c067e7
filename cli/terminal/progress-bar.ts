import { SingleBar } from 'cli-progress';
import { WriteStream } from 'node:tty';
import type { Terminal } from './terminal.ts';

/** Shows on a terminal how far a long work is. */
export class ProgressBar {
  readonly #bar: SingleBar | undefined;

  /** @param text what the work is */
  constructor({ stderr }: Terminal, text: string, total: number) {
    if (!(stderr instanceof WriteStream) || total === 0) return;
    this.#bar = new SingleBar({
      format: `${text} {bar} {value} of {total}, {eta_formatted} left`,
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
