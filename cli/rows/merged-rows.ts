import type { Row } from './time-series.ts';
import { timeOf } from './row-time.ts';

/** The rows of several devices, each the earliest first, in the order of time; no more than a page of each is held. */
export async function* mergedRows(devices: readonly AsyncIterable<readonly Row[]>[]): AsyncGenerator<readonly Row[]> {
  const sources = devices.map((pages) => new Source(pages[Symbol.asyncIterator]()));
  for (;;) {
    await Promise.all(sources.map((source) => source.fill()));
    const live = sources.filter((source) => source.row !== undefined);
    if (live.length === 0) return;
    const batch: Row[] = [];
    // Until one has to be asked again.
    while (live.every(({ row }) => row !== undefined)) {
      const earliest = live.reduce((a, b) => (timeOf(b.row as Row) < timeOf(a.row as Row) ? b : a));
      batch.push(earliest.row as Row);
      earliest.next();
    }
    yield batch;
  }
}

/** Reads the first page ahead. */
export async function peeked(
  pages: AsyncIterable<readonly Row[]>,
): Promise<{ readonly first: readonly Row[]; readonly pages: AsyncIterable<readonly Row[]> }> {
  const iterator = pages[Symbol.asyncIterator]();
  const next = await iterator.next();
  const first = next.done ? [] : next.value;
  async function* again(): AsyncGenerator<readonly Row[]> {
    yield first;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { first, pages: again() };
}

class Source {
  readonly #pages: AsyncIterator<readonly Row[]>;
  #page: readonly Row[] = [];
  #index = 0;
  #done = false;

  constructor(pages: AsyncIterator<readonly Row[]>) {
    this.#pages = pages;
  }

  /** The earliest that was not taken yet. */
  get row(): Row | undefined {
    return this.#page[this.#index];
  }

  next(): void {
    this.#index += 1;
  }

  async fill(): Promise<void> {
    while (this.row === undefined && !this.#done) {
      const next = await this.#pages.next();
      this.#page = next.done ? [] : next.value;
      this.#index = 0;
      this.#done = next.done === true;
    }
  }
}
