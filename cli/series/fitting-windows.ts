import { type Stat, Summary } from './summary.ts';
import { windowStart } from './window-start.ts';

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];

/** Lengths that people think in, in milliseconds; each is a multiple of the one before. */
const ROUND = [
  ...[1, 5, 10, 30].map((count) => count * SECOND),
  ...[1, 5, 10, 30].map((count) => count * MINUTE),
  ...[1, 3, 6, 12].map((count) => count * HOUR),
  DAY,
];

/** A silence of so many times the usual time between two numbers is a gap: one or two that went missing are none. */
const GAP = 3;

/** What a window says: where it begins, in milliseconds since 1970, and its value. */
export type WindowValue = readonly [from: number, value: string];

/**
 * Numbers of a span that nobody knows beforehand, in no more windows than were asked for: whenever there would be more,
 * the windows become a few times as long. So any number of rows passes through the memory of one chart.
 */
export class FittingWindows {
  readonly #most: number;
  #length: number;
  /** By the name of the series, then by where a window begins. */
  readonly #series = new Map<string, Map<number, Window>>();
  /** Where the first and the last window of all begin. */
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

  get names(): string[] {
    return [...this.#series.keys()];
  }

  /** @param time in milliseconds since 1970 */
  add(name: string, time: number, number: string): void {
    let from = windowStart(time, this.#length);
    this.#first = Math.min(this.#first, from);
    this.#last = Math.max(this.#last, from);
    while (this.#windowsBetween(this.#first, this.#last) >= this.#most) {
      this.#lengthen();
      from = windowStart(time, this.#length);
    }
    const windows = this.#series.get(name) ?? new Map<number, Window>();
    this.#series.set(name, windows);
    windowAt(windows, from).add(time, number);
  }

  /** The windows of a series that have numbers, the earliest first, without those that have nothing to say. */
  of(name: string, stat: Stat): WindowValue[] {
    return this.#sorted(name).flatMap(([from, { summary }]) => {
      const value = summary.value(stat);
      return value === undefined ? [] : [[from, value] as const];
    });
  }

  /** Where a series begins anew after a gap. @param every whether any window without a number is one */
  afterGaps(name: string, every: boolean): Set<number> {
    const windows = this.#sorted(name);
    const silences = windows.slice(1).map(([from, { first }], index) => {
      const [before, { last }] = windows[index] as (typeof windows)[number];
      return { from, silence: first - last, isVisible: this.#windowsBetween(before, from) > 1 };
    });
    const usual = median([
      ...silences.map(({ silence }) => silence),
      ...windows.flatMap(([, { first, last, count }]) => (count > 1 ? [(last - first) / (count - 1)] : [])),
    ]);
    return new Set(
      silences
        .filter(({ silence, isVisible }) => isVisible && (every || silence > GAP * usual))
        .map(({ from }) => from),
    );
  }

  #sorted(name: string): [from: number, window: Window][] {
    return [...(this.#series.get(name) ?? [])].sort(([a], [b]) => a - b);
  }

  /** Rounded, since a day may have an hour more or less. */
  #windowsBetween(from: number, to: number): number {
    return Math.round((to - from) / this.#length);
  }

  #lengthen(): void {
    this.#length = ROUND.find((each) => each > this.#length && each % this.#length === 0) ?? 2 * this.#length;
    this.#first = windowStart(this.#first, this.#length);
    this.#last = windowStart(this.#last, this.#length);
    for (const [name, windows] of this.#series) {
      const longer = new Map<number, Window>();
      for (const [from, window] of windows) windowAt(longer, windowStart(from, this.#length)).merge(window);
      this.#series.set(name, longer);
    }
  }
}

/** Numbers of one window, and when the first and the last of them came. */
class Window {
  readonly summary = new Summary();
  count = 0;
  first = Infinity;
  last = -Infinity;

  add(time: number, number: string): void {
    this.summary.add(number);
    this.#widen(1, time, time);
  }

  merge({ summary, count, first, last }: Window): void {
    this.summary.merge(summary);
    this.#widen(count, first, last);
  }

  #widen(count: number, first: number, last: number): void {
    this.count += count;
    this.first = Math.min(this.first, first);
    this.last = Math.max(this.last, last);
  }
}

function windowAt(windows: Map<number, Window>, from: number): Window {
  const window = windows.get(from) ?? new Window();
  windows.set(from, window);
  return window;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Infinity;
}
