import type { Row } from '../rows/time-series.ts';
import { timeOf } from '../rows/row-time.ts';
import { numbersIn } from './numbers.ts';
import { type Stat, Summary } from './summary.ts';
import { windowStart } from './window-start.ts';

export interface WindowOptions {
  /** Length of a window, in milliseconds; where it begins {@link windowStart} says, whatever the span is. */
  readonly every: number;
  readonly stat: Stat;
  /** Without them, every field that holds numbers. */
  readonly fields: readonly string[] | undefined;
}

/**
 * Makes of rows, the earliest first, a row a device and window of time: `received` is its beginning, and each field that held
 * numbers has what the statistic says of them. Windows without numbers are left out. One of each device is open at a time.
 */
export async function* windows(
  pages: AsyncIterable<readonly Row[]>,
  { every, stat, fields }: WindowOptions,
): AsyncGenerator<readonly Row[]> {
  let from: number | undefined;
  let open = new Map<string, Window>();
  const rows = () => [...open.values()].flatMap((window) => window.rows(stat));
  for await (const page of pages) {
    const closed: Row[] = [];
    for (const row of page) {
      const start = windowStart(timeOf(row), every);
      if (start !== from) {
        closed.push(...rows());
        from = start;
        open = new Map<string, Window>();
      }
      const device = row.device?.S ?? '';
      const window = open.get(device) ?? new Window(start, row.device);
      open.set(device, window);
      for (const [field, number] of numbersIn(row, fields)) window.add(field, number);
    }
    yield closed;
  }
  yield rows();
}

class Window {
  readonly #from: number;
  readonly #device: Row[string] | undefined;
  readonly #summaries = new Map<string, Summary>();

  constructor(from: number, device: Row[string] | undefined) {
    this.#from = from;
    this.#device = device;
  }

  add(field: string, number: string): void {
    const summary = this.#summaries.get(field) ?? new Summary();
    summary.add(number);
    this.#summaries.set(field, summary);
  }

  /** The row of this window; none when it has no numbers. */
  rows(stat: Stat): Row[] {
    const values = [...this.#summaries].flatMap(([field, summary]) => {
      const value = summary.value(stat);
      return value === undefined ? [] : [[field, { N: value }] as const];
    });
    if (values.length === 0) return [];
    const device = this.#device && { device: this.#device };
    return [{ received: { N: String(this.#from) }, ...device, ...Object.fromEntries(values) }];
  }
}
