import { WriteStream } from 'node:tty';
import yoctoSpinner from 'yocto-spinner';
import { table } from '../cli/terminal/table.ts';
import {
  colours,
  lineWidth,
  type Output,
  print,
  printSentence,
  type Terminal,
  wrapped,
} from '../cli/terminal/terminal.ts';

const INDENT = '    ';

/** Tells a person step by step what happens, how long it took, and whether it held. */
export class Report {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /**
   * Runs a step. Its title appears once it is done, behind a mark; on a terminal also while it runs.
   *
   * @param title such as `deployed`
   * @param work its result is the result of the step; when it throws, the step is marked as failed
   */
  async step<Result>(title: string, work: () => Promise<Result>): Promise<Result> {
    const { stderr, stdout } = this.#terminal;
    const spinner =
      stderr instanceof WriteStream
        ? yoctoSpinner({ text: title, stream: stderr, handleSignals: false }).start()
        : undefined;
    const started = performance.now();
    const { red } = colours(stdout);
    try {
      const result = await work();
      spinner?.stop();
      await this.done(title, started);
      return result;
    } catch (error) {
      spinner?.stop();
      await printSentence(stdout, `${red('✗')} ${title}`);
      throw error;
    }
  }

  /** A step that is behind us. @param started as `performance.now()` counts */
  async done(title: string, started: number): Promise<void> {
    const { stdout } = this.#terminal;
    const { green, dim } = colours(stdout);
    await printSentence(stdout, `${green('✓')} ${title} ${dim(`(${seconds(performance.now() - started)})`)}`);
  }

  /** What there is to see of a step: lines, indented, and wrapped where they are too long. */
  async show(text: string): Promise<void> {
    const { stdout } = this.#terminal;
    const width = lineWidth(stdout);
    await print(
      stdout,
      text.replace(/^.*$/gm, (line) => wrapped(stdout, `${INDENT}${line}`, width)),
    );
  }

  /** As {@link table} makes it of these, shown. @param dispensable titles of columns that may be left out */
  async showTable(head: readonly string[], rows: readonly (readonly string[])[], dispensable: readonly string[] = []) {
    const { stdout } = this.#terminal;
    const width = lineWidth(stdout);
    const room = width === undefined ? {} : { columns: width - INDENT.length };
    const narrower: Output = Object.assign(Object.create(stdout) as Output, room);
    await print(stdout, table(narrower, head, rows, dispensable).replace(/^/gm, INDENT));
  }

  async line(text: string): Promise<void> {
    await print(this.#terminal.stdout, text);
  }
}

/** Such as `1.2 s`. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
