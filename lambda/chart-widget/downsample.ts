import type { Reading, Span } from './readings.ts';

export interface Point {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly value: number;
}

/** The points of each field, in the order of time. */
export interface Series {
  readonly fields: ReadonlyMap<string, readonly Point[]>;
  /** The names of the fields that hold numbers and have no points here, as far as they are told apart. */
  readonly others: ReadonlySet<string>;
  /** Of a span with more rows than are read: the time of the oldest one that was, in milliseconds since 1970. */
  readonly cutAt?: number;
}

/** The rows that one picture reads of a device: some seconds' worth. */
export const MOST_ROWS = 100_000;

/** Device firmware has a handful; this many that nobody named are noise. */
const MOST_FIELDS_A_DEVICE = 50;

/** A device may make up a name a message: past this, they are not told apart any more. */
const MOST_NAMES_A_DEVICE = 10_000;

/** What a picture shows of a device. */
export interface Wanted {
  /** Its width, in pixels. */
  readonly columns: number;
  /** Only these. None: whatever the device sends, up to a limit. */
  readonly names?: readonly string[];
}

/**
 * Thins readings out to what a picture can show: of each column of pixels the least and the greatest value, so that no
 * spike is lost. Takes memory by the width of the picture, not by the number of readings.
 *
 * @param pages newest first
 */
export async function downsample(
  pages: AsyncIterable<readonly Reading[]>,
  { from, to }: Pick<Span, 'from' | 'to'>,
  { columns, names = [] }: Wanted,
): Promise<Series> {
  const fields = new Map<string, Map<number, Extremes>>();
  const others = new Set<string>();
  const isWanted = (field: string) =>
    names.length > 0 ? names.includes(field) : fields.has(field) || fields.size < MOST_FIELDS_A_DEVICE;
  // The end of the span is inclusive, and stands in the last column.
  const column = (time: number) =>
    Math.min(columns - 1, Math.floor(((time - from) / Math.max(1, to - from)) * columns));
  let rows = 0;
  let oldest = to;
  for await (const readings of pages) {
    for (const { time, values } of readings) {
      for (const [field, value] of values) {
        if (!isWanted(field)) {
          if (others.size < MOST_NAMES_A_DEVICE) others.add(field);
          continue;
        }
        const thinned = fields.get(field) ?? new Map<number, Extremes>();
        fields.set(field, thinned);
        thinned.set(column(time), widened(thinned.get(column(time)), { time, value }));
      }
      oldest = time;
    }
    rows += readings.length;
    if (rows >= MOST_ROWS) return { fields: pointsOf(fields), others, cutAt: oldest };
  }
  return { fields: pointsOf(fields), others };
}

interface Extremes {
  readonly least: Point;
  readonly greatest: Point;
}

function widened(before: Extremes | undefined, point: Point): Extremes {
  if (before === undefined) return { least: point, greatest: point };
  return {
    least: point.value < before.least.value ? point : before.least,
    greatest: point.value > before.greatest.value ? point : before.greatest,
  };
}

function pointsOf(fields: ReadonlyMap<string, ReadonlyMap<number, Extremes>>): Map<string, Point[]> {
  const inOrder = (columns: ReadonlyMap<number, Extremes>) =>
    [...columns.values()]
      .flatMap(({ least, greatest }) => (least === greatest ? [least] : [least, greatest]))
      .sort((a, b) => a.time - b.time);
  return new Map([...fields].map(([field, columns]) => [field, inOrder(columns)]));
}
