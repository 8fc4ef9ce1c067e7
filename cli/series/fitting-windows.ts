import { Summary } from './summary.ts';

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];

/** Lengths that people think in, in milliseconds; each is a multiple of the one before. */
const ROUND = [
  ...[1, 5, 10, 30].map((count) => count * SECOND),
  ...[1, 5, 10, 30].map((count) => count * MINUTE),
  ...[1, 3, 6, 12].map((count) => count * HOUR),
  DAY,
];

/**
 * Numbers of a span that nobody knows beforehand, in no more windows than were asked for: whenever there would be more,
 * the windows become a few times as long. So any number of rows passes through the memory of one chart.
 */
export class FittingWindows {
  readonly #most: number;
  #length: number;
  readonly #fields = new Map<string, Map<number, Summary>>();
  #first = Infinity;
  #last = -Infinity;

  /**
   * @param most how many windows there may be
   * @param length of a window to begin with, in milliseconds
   */
  constructor(most: number, length: number) {
    this.#most = most;
    this.#length = length;
  }

  /** Of a window, in milliseconds. */
  get length(): number {
    return this.#length;
  }

  get fields(): string[] {
    return [...this.#fields.keys()];
  }

  /** @param time in milliseconds since 1970 */
  add(field: string, time: number, number: number): void {
    this.#first = Math.min(this.#first, time);
    this.#last = Math.max(this.#last, time);
    while (this.#indexOf(this.#last) - this.#indexOf(this.#first) >= this.#most) this.#lengthen();
    const windows = this.#fields.get(field) ?? new Map<number, Summary>();
    this.#fields.set(field, windows);
    summaryIn(windows, this.#indexOf(time)).add(number);
  }

  /** The windows of a field that have numbers, by their beginning in milliseconds since 1970, the earliest first. */
  of(field: string): [from: number, summary: Summary][] {
    const windows = [...(this.#fields.get(field) ?? [])].sort(([a], [b]) => a - b);
    return windows.map(([index, summary]) => [index * this.#length, summary]);
  }

  #indexOf(time: number): number {
    return Math.floor(time / this.#length);
  }

  #lengthen(): void {
    const length = ROUND.find((each) => each > this.#length && each % this.#length === 0) ?? 2 * this.#length;
    const factor = length / this.#length;
    this.#length = length;
    for (const [field, windows] of this.#fields) {
      const longer = new Map<number, Summary>();
      for (const [index, summary] of windows) summaryIn(longer, Math.floor(index / factor)).merge(summary);
      this.#fields.set(field, longer);
    }
  }
}

function summaryIn(windows: Map<number, Summary>, index: number): Summary {
  const summary = windows.get(index) ?? new Summary();
  windows.set(index, summary);
  return summary;
}
