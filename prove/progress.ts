import yoctoSpinner, { type Spinner } from 'yocto-spinner';

/** What a proof says on its way: failures and findings on stdout, and on a terminal how far it is. */
export class Progress {
  readonly #name: string;
  readonly #spinner: Spinner | undefined;
  #total = 0;
  #done = 0;
  #failed = 0;

  constructor(name: string) {
    this.#name = name;
    this.#spinner = process.stderr.isTTY ? yoctoSpinner({ text: name, stream: process.stderr }).start() : undefined;
  }

  /** Further cases that are to come. */
  expect(cases: number): void {
    this.#total += cases;
    this.#show();
  }

  /** A case is over. @param problem why it failed; undefined when it did not */
  case(what: string, problem: string | undefined): void {
    this.#done += 1;
    if (problem !== undefined) {
      this.#failed += 1;
      this.say(`FAILED ${what}: ${problem}`);
    }
    this.#show();
  }

  say(line: string): void {
    this.#spinner?.clear();
    console.log(line);
  }

  get outcome() {
    return { cases: this.#done, failed: this.#failed };
  }

  end(): void {
    this.#spinner?.stop();
  }

  #show(): void {
    const failed = this.#failed > 0 ? `, ${this.#failed} failed` : '';
    if (this.#spinner) this.#spinner.text = `${this.#name}: ${this.#done} of ${this.#total}${failed}`;
  }
}
