import type { Row } from '../aws/time-series.ts';
import { numbersIn } from './numbers.ts';
import { type Stat, Summary } from './summary.ts';

export interface WindowOptions {
  /** Length of a window, in milliseconds. Windows begin at its multiples since 1970, whatever the span. */
  readonly every: number;
  readonly stat: Stat;
  /** Without them, every field that holds numbers. */
  readonly fields: readonly string[] | undefined;
}

/**
 * Makes of the rows of a device, the oldest first, a row a window of time: `received` is its beginning, and each field
 * that held numbers has what the statistic says of them. Windows without numbers are left out. One is open at a time.
 */
export async function* windows(
  pages: AsyncIterable<readonly Row[]>,
  { every, stat, fields }: WindowOptions,
): AsyncGenerator<readonly Row[]> {
  let open: Window | undefined;
  for await (const page of pages) {
    const closed: Row[] = [];
    for (const row of page) {
      const from = Math.floor(Number(row.received?.N) / every) * every;
      if (open?.from !== from) {
        if (open !== undefined) closed.push(...open.rows(stat));
        open = new Window(from, row.device);
      }
      for (const [field, number] of numbersIn(row, fields)) open.add(field, number);
    }
    yield closed;
  }
  if (open !== undefined) yield open.rows(stat);
}

class Window {
  readonly from: number;
  readonly #device: Row[string] | undefined;
  readonly #summaries = new Map<string, Summary>();

  constructor(from: number, device: Row[string] | undefined) {
    this.from = from;
    this.#device = device;
  }

  add(field: string, number: number): void {
    const summary = this.#summaries.get(field) ?? new Summary();
    summary.add(number);
    this.#summaries.set(field, summary);
  }

  /** The row of this window; none when it has no numbers. */
  rows(stat: Stat): Row[] {
    if (this.#summaries.size === 0) return [];
    const values = [...this.#summaries].map(([field, summary]) => [field, { N: String(summary.value(stat)) }] as const);
    const device = this.#device && { device: this.#device };
    return [{ received: { N: String(this.from) }, ...device, ...Object.fromEntries(values) }];
  }
}
