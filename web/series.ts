import type { Curve, Curves, Message } from './wire.ts';

/** Of time, in milliseconds since 1970. */
export interface Range {
  readonly since: number;
  readonly until: number;
}

/** How much longer than usual a pause between two points is that counts as a gap. */
const GAP_FACTOR = 3;

/** Pauses that are shorter never do, in milliseconds. */
const SHORTEST_GAP_MS = 2_000;

/** What a chart draws. */
export type Line = [times: number[], values: (number | null)[]];

/** The points of one field, the earliest first. */
export class Series {
  readonly field: string;
  readonly #times: number[];
  readonly #values: number[];
  #isBoolean: boolean;
  #line: Line | undefined;
  #extremes: readonly [number, number] | undefined;

  constructor({ field, times, values, isBoolean }: Curve) {
    this.field = field;
    this.#times = [...times];
    this.#values = [...values];
    this.#isBoolean = isBoolean;
  }

  get length(): number {
    return this.#times.length;
  }

  /** Whether all are false or true, as 0 and 1. */
  get isBoolean(): boolean {
    return this.#isBoolean;
  }

  get last(): { readonly time: number; readonly value: number } | undefined {
    const [time, value] = [this.#times.at(-1), this.#values.at(-1)];
    return time === undefined || value === undefined ? undefined : { time, value };
  }

  add(time: number, value: number | boolean): void {
    if (typeof value === 'number') this.#isBoolean = false;
    let index = this.#times.length; // a row may come late: it was retried, say
    while (index > 0 && (this.#times[index - 1] ?? 0) > time) index--;
    this.#times.splice(index, 0, time);
    this.#values.splice(index, 0, Number(value));
    this.#changed();
  }

  /** Forgets what is earlier. */
  dropBefore(time: number): void {
    const kept = this.#times.findIndex((each) => each >= time);
    const count = kept < 0 ? this.#times.length : kept;
    if (count === 0) return;
    this.#changed();
    this.#times.splice(0, count);
    this.#values.splice(0, count);
  }

  /** Least and greatest value; undefined when there is none. */
  get extremes(): readonly [number, number] | undefined {
    if (this.#values.length === 0) return undefined;
    if (this.#extremes === undefined) {
      let [least, greatest] = [Infinity, -Infinity];
      for (const value of this.#values) {
        if (value < least) least = value;
        if (value > greatest) greatest = value;
      }
      this.#extremes = [least, greatest];
    }
    return this.#extremes;
  }

  /**
   * The points as a line, in which null interrupts: a pause that is much longer than usual is a gap, and no line. The same
   * arrays until there is another point.
   */
  get line(): Line {
    this.#line ??= withGaps(this.#times, this.#values);
    return this.#line;
  }

  #changed(): void {
    this.#line = undefined;
    this.#extremes = undefined;
  }
}

function withGaps(points: readonly number[], valuesOfPoints: readonly number[]): Line {
  const longest = longestPause(points);
  const times: number[] = [];
  const values: (number | null)[] = [];
  points.forEach((time, index) => {
    const before = points[index - 1];
    if (before !== undefined && time - before > longest) {
      times.push((before + time) / 2);
      values.push(null);
    }
    times.push(time);
    values.push(valuesOfPoints[index] ?? null);
  });
  return [times, values];
}

/** The longest pause between two points that is no gap, by what is usual among them. */
function longestPause(times: readonly number[]): number {
  const pauses = times.slice(1).map((time, index) => time - (times[index] ?? time));
  pauses.sort((a, b) => a - b);
  // Not the median: most pauses may be those within bursts.
  const usual = pauses[Math.floor(0.75 * (pauses.length - 1))] ?? Infinity;
  return Math.max(SHORTEST_GAP_MS, GAP_FACTOR * usual);
}

/** The series of one device, by field. */
export class SeriesSet {
  readonly #byField = new Map<string, Series>();
  #first: number;
  /** When the newest message that came with the curves arrived. */
  readonly #newest: number;

  constructor({ fields, newest = 0, first = Infinity }: Pick<Curves, 'fields' | 'first'> & Partial<Curves>) {
    this.#newest = newest;
    this.#first = first;
    for (const curve of fields) {
      this.#byField.set(curve.field, new Series(curve));
    }
  }

  /** In alphabetical order, but for what came later. */
  get all(): readonly Series[] {
    return [...this.#byField.values()].filter(({ length }) => length > 0);
  }

  /** So much time up to now, but no more than the device has been sending, beside a minute: so a young curve has its room. */
  rangeUpTo(until: number, length: number): Range {
    return { since: Math.max(until - length, Math.min(this.#first, until - 60_000)), until };
  }

  /** @param most how many fields there may be */
  add({ received, measured = received, values }: Message, most: number): void {
    if (received <= this.#newest) return; // it came with the curves
    this.#first = Math.min(this.#first, measured);
    for (const [field, value] of values) {
      let series = this.#byField.get(field);
      if (series === undefined) {
        if (this.#byField.size >= most) continue;
        series = new Series({ field, times: [], values: [], isBoolean: typeof value === 'boolean' });
        this.#byField.set(field, series);
      }
      series.add(measured, value);
    }
  }

  dropBefore(time: number): void {
    for (const series of this.#byField.values()) series.dropBefore(time);
  }
}
