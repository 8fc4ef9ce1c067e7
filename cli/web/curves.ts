import type { Curve, Curves } from '../../web/wire.ts';
import type { Row } from '../rows/time-series.ts';
import { timeOf } from '../rows/row-time.ts';
import { isWithin } from '../rows/rows-by-time.ts';
import { valuesOf } from './readings.ts';

/** Of a curve; with the least and the greatest of each, it has ten thousand points at the most. */
const WINDOWS = 5_000;

/** Rows that are read for one span: some seconds' worth. */
const MOST_ROWS = 200_000;

/** Device firmware has a handful; more are noise. */
const MOST_FIELDS = 60;

interface Point {
  readonly time: number;
  readonly value: number;
}

/** Of a window of time. */
interface Extremes {
  readonly least: Point;
  readonly greatest: Point;
}

interface Field {
  isBoolean: boolean;
  readonly windows: Map<number, Extremes>;
}

/**
 * Thins the rows of a span out to what a screen can show: of each window of time the least and the greatest value, where
 * they were, so that no spike is lost. Rows pass through; no more is held than the curves will have.
 *
 * @param pages newest first, so that of too many rows it is the oldest that are left out
 * @param span milliseconds since 1970
 */
export async function curvesOf(
  pages: AsyncIterable<readonly Row[]>,
  { since, until }: { readonly since: number; readonly until: number },
): Promise<Curves> {
  const fields = new Map<string, Field>();
  const left = new Set<string>();
  const windowOf = (time: number) => Math.floor(((time - since) / Math.max(1, until - since)) * WINDOWS);
  let rows = 0;
  let cutAt: number | undefined;
  let newest = 0;
  for await (const page of pages) {
    for (const row of page) {
      const received = Number(row.received?.N);
      if (received < until) newest = Math.max(newest, received);
      if (!isWithin(row, { since, until })) continue;
      const time = timeOf(row);
      cutAt = time;
      for (const [name, value] of valuesOf(row)) {
        const field = fields.get(name) ?? newField(fields, name);
        if (field === undefined) {
          if (left.size < MOST_ROWS) left.add(name);
          continue;
        }
        if (typeof value === 'number') field.isBoolean = false;
        const window = windowOf(time);
        field.windows.set(window, widened(field.windows.get(window), { time, value: Number(value) }));
      }
    }
    rows += page.length;
    if (rows >= MOST_ROWS) break;
  }
  return {
    fields: [...fields].map(([name, field]) => curveOf(name, field)).sort((a, b) => (a.field < b.field ? -1 : 1)),
    left: left.size,
    newest,
    ...(rows >= MOST_ROWS && cutAt !== undefined && { cutAt }),
  };
}

function newField(fields: Map<string, Field>, name: string): Field | undefined {
  if (fields.size >= MOST_FIELDS) return undefined;
  const field = { isBoolean: true, windows: new Map<number, Extremes>() };
  fields.set(name, field);
  return field;
}

function widened(before: Extremes | undefined, point: Point): Extremes {
  if (before === undefined) return { least: point, greatest: point };
  return {
    least: point.value < before.least.value ? point : before.least,
    greatest: point.value > before.greatest.value ? point : before.greatest,
  };
}

function curveOf(field: string, { isBoolean, windows }: Field): Curve {
  const points = [...windows.values()]
    .flatMap(({ least, greatest }) => (least === greatest ? [least] : [least, greatest]))
    .sort((a, b) => a.time - b.time);
  return {
    field,
    times: points.map(({ time }) => time),
    values: points.map(({ value }) => value),
    isBoolean,
  };
}
