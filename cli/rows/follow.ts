import { setTimeout } from 'node:timers/promises';
import type { TimeSeries } from '../aws/deployment.ts';
import { pagesOfRows, type Row } from './time-series.ts';
import { concurrently } from '../../aws/concurrently.ts';

const POLL_MS = 1_000;

/** How much later than a row of the same device an earlier one may still appear: it was retried, say. */
const OVERLAP_MS = 10_000;

/**
 * The rows of some devices as they arrive, each once, in batches in the order of their arrival.
 *
 * @param since in milliseconds since 1970
 * @param signal ends it
 */
export async function* follow(
  series: TimeSeries,
  devices: readonly string[],
  since: number,
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  const followers = devices.map((device) => new Follower(series, device, since));
  while (!signal.aborted) {
    const rows = (await concurrently(followers, (follower) => follower.newRows())).flat();
    if (rows.length > 0) yield rows.sort((a, b) => (arrivalOf(a) < arrivalOf(b) ? -1 : 1));
    await setTimeout(POLL_MS, undefined, { signal }).catch(() => undefined); // aborted: the loop sees it
  }
}

/** One device's rows: asks for the newest again and again, and remembers which of them it has given out. */
export class Follower {
  readonly #series: TimeSeries;
  readonly #device: string;
  #since: number;
  #seen = new Set<string>();

  constructor(series: TimeSeries, device: string, since: number) {
    this.#series = series;
    this.#device = device;
    this.#since = since;
  }

  /** What arrived since the last call that did not fail. */
  async newRows(): Promise<Row[]> {
    const rows: Row[] = [];
    const seen = new Set<string>();
    let newest = this.#since;
    for await (const page of pagesOfRows(this.#series, this.#device, { since: this.#since })) {
      for (const row of page) {
        const arrival = arrivalOf(row);
        if (!this.#seen.has(arrival)) rows.push(row);
        seen.add(arrival);
        newest = Math.max(newest, Number.parseInt(arrival, 10));
      }
    }
    this.#since = Math.max(this.#since, newest - OVERLAP_MS);
    this.#seen = seen;
    return rows;
  }
}

function arrivalOf(row: Row): string {
  return row.arrival?.S ?? '';
}
