import { MOST_AGE_MS } from '../../lib/fleet/measured.ts';
import type { TimeSeries } from '../aws/deployment.ts';
import { pagesOfRows, type Row, type Span } from './time-series.ts';
import { timeOf } from './row-time.ts';

/*
 * The table has rows by their arrival, and people want readings by when they were taken. A board sends what it holds in the
 * order in which it was taken, so that a reading stands no further from its place than a board holds readings.
 */

/** More than a board holds: the ring of the firmware has room for some forty readings, and for 2,700 of the least at the most. */
export const MOST_HELD = 1_000;

export type TimeSpan = Omit<Span, 'newestFirst' | 'startAfter'>;

/** The rows of a device that were measured in a span, the earliest first, page by page. No more than a page and 1,000 are held. */
export async function* rowsByTime(series: TimeSeries, device: string, span: TimeSpan): AsyncGenerator<readonly Row[]> {
  let held: Row[] = [];
  for await (const page of arrivals(series, device, span)) {
    held = [...held, ...page].sort((a, b) => timeOf(a) - timeOf(b));
    if (held.length > MOST_HELD) yield held.splice(0, held.length - MOST_HELD);
  }
  yield held;
}

async function* arrivals(series: TimeSeries, device: string, span: TimeSpan): AsyncGenerator<readonly Row[]> {
  for await (const page of pagesOfRows(series, device, span)) yield page.filter((row) => timeOf(row) >= span.since);
  yield await lateRows(series, device, span);
}

/**
 * The rows of a device that were measured within a span, and arrived after it: of the next thousand within a week, so that
 * they cost little. A span without an end has none.
 */
export async function lateRows(
  series: TimeSeries,
  device: string,
  { since, until, fields }: TimeSpan,
): Promise<readonly Row[]> {
  const late: Row[] = [];
  if (until === undefined) return late;
  let left = MOST_HELD;
  const span = { since: until, until: until + MOST_AGE_MS, pageSize: MOST_HELD, ...(fields && { fields }) };
  for await (const page of pagesOfRows(series, device, span)) {
    late.push(...page.filter((row) => isWithin(row, { since, until })));
    left -= page.length;
    if (left <= 0) break;
  }
  return late;
}

/** Whether a reading was taken within a span. */
export function isWithin(row: Row, { since, until = Infinity }: Pick<Span, 'since' | 'until'>): boolean {
  const time = timeOf(row);
  return time >= since && time < until;
}
