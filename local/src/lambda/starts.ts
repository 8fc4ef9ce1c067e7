/**
 * Processes that start, so many at a time: a machine would slow down each below what Lambda allows for its init phase. AWS
 * starts them side by side, so whoever needs that waits until all are up.
 */
export class Starts {
  readonly #most: number;
  #running = 0;
  /** Those that run, and those that wait for their turn. */
  #open = 0;
  readonly #turns: (() => void)[] = [];
  readonly #held: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Starts one when it is its turn. */
  async run<T>(start: () => Promise<T>): Promise<T> {
    this.#open += 1;
    while (this.#running >= this.#most) await new Promise<void>((resolve) => this.#turns.push(resolve));
    this.#running += 1;
    try {
      return await start();
    } finally {
      this.#running -= 1;
      this.#open -= 1;
      this.#turns.shift()?.();
      if (this.#open === 0) for (const go of this.#held.splice(0)) go();
    }
  }

  /** Resolves when none starts any more. */
  async over(): Promise<void> {
    while (this.#open > 0) await new Promise<void>((resolve) => this.#held.push(resolve));
  }
}
