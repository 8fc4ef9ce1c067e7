import { type Pace, quickPace } from '../pace/pace.ts';
import type { Collection, State } from '../state/state.ts';

/** What tells a metric from every other. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** The values of one minute. */
export interface StatisticSet {
  readonly count: number;
  readonly sum: number;
  readonly least: number;
  readonly most: number;
  /** Of the latest value; undefined when it came without one. */
  readonly unit: string | undefined;
}

export interface Series {
  readonly id: string;
  readonly metric: Metric;
  /** By the time at which the minute begins, in milliseconds since 1970. */
  readonly minutes: Map<number, StatisticSet>;
}

interface StoredMinute extends StatisticSet {
  readonly metric: Metric;
  readonly minute: number;
}

export const MINUTE = 60_000;
/** How long CloudWatch keeps values a minute apart. Here they are dropped at the next start. */
const RETENTION = 15 * 24 * 60 * MINUTE;
/** Values come by the thousand a second: they are written, and alarms looked at, once for all that came meanwhile. */
const GATHER_MS = 1000;

/** The values of all metrics, a record a metric and minute. The latest second is not on disk yet. */
export class MetricStore {
  readonly #stored: Collection<StoredMinute>;
  readonly #series = new Map<string, Series>();
  /** What is not handed to the state yet. */
  readonly #changed = new Map<Series, Set<number>>();
  readonly #gauges: (() => void)[] = [];
  /** When a new metric is seen, in milliseconds since 1970, by its id. A restart forgets it. */
  readonly #due = new Map<string, number>();
  readonly #pace: Pace;
  #onChange: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #sampling = false;

  constructor(state: State, pace = quickPace()) {
    this.#pace = pace;
    this.#stored = state.collection('cloudwatch.metrics');
    const oldest = Date.now() - RETENTION;
    for (const key of [...this.#stored.keys()]) {
      const stored = this.#stored.get(key);
      if (!stored) continue;
      const { metric, minute, ...values } = stored;
      if (minute < oldest) this.#stored.delete(key);
      else this.#of(metric).minutes.set(minute, values);
    }
  }

  /** Counts values, one unless told otherwise. What services tell of themselves comes here without asking IAM, as at AWS. */
  add(
    metric: Metric,
    values: number | Omit<StatisticSet, 'unit'>,
    { unit, time }: { unit?: string; time?: number } = {},
  ) {
    const series = this.#of(metric);
    const minute = Math.floor((time ?? Date.now()) / MINUTE) * MINUTE;
    const added = typeof values === 'number' ? { count: 1, sum: values, least: values, most: values } : values;
    const before = series.minutes.get(minute);
    series.minutes.set(minute, {
      count: (before?.count ?? 0) + added.count,
      sum: (before?.sum ?? 0) + added.sum,
      least: Math.min(before?.least ?? Infinity, added.least),
      most: Math.max(before?.most ?? -Infinity, added.most),
      unit,
    });
    const changed = this.#changed.get(series);
    if (changed) changed.add(minute);
    else this.#changed.set(series, new Set([minute]));
    // A sample is no news: it is taken because somebody looks.
    if (!this.#sampling) this.#timer ??= setTimeout(() => this.#settle(), GATHER_MS).unref();
  }

  /** A value that is looked at rather than told, such as the length of a queue; `sample` adds it. */
  addGauge(sample: () => void): void {
    this.#gauges.push(sample);
  }

  sampleGauges(): void {
    this.#sampling = true;
    for (const sample of this.#gauges) sample();
    this.#sampling = false;
  }

  /** The values of a metric; undefined where there are none to be seen. */
  find(metric: Metric): Series | undefined {
    const id = idOf(metric);
    return (this.#due.get(id) ?? 0) > Date.now() ? undefined : this.#series.get(id);
  }

  all(): IterableIterator<Series> {
    return this.#series.values();
  }

  /** Calls back after values came, at most once a second. */
  watch(onChange: () => void): void {
    this.#onChange = onChange;
  }

  /** Hands to the state what was not yet. */
  write(): void {
    for (const [{ id, metric, minutes }, changed] of this.#changed)
      for (const minute of changed) {
        const values = minutes.get(minute);
        if (values) this.#stored.set(`${id}/${minute}`, { metric, minute, ...values });
      }
    this.#changed.clear();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.write();
  }

  #settle(): void {
    this.#timer = undefined;
    this.write();
    this.#onChange();
  }

  #of(metric: Metric): Series {
    const id = idOf(metric);
    const known = this.#series.get(id);
    if (known) return known;
    const series = { id, metric, minutes: new Map<number, StatisticSet>() };
    this.#series.set(id, series);
    this.#due.set(id, Date.now() + this.#pace.lag('new-metric'));
    return series;
  }
}

/** The same text for the same metric, whatever the order of its dimensions; it also orders lists. Namespace and dimensions have no NUL. */
export function idOf({ namespace, name, dimensions }: Metric): string {
  const names = Object.keys(dimensions).sort();
  return [namespace, names.length, ...names, ...names.map((dimension) => dimensions[dimension]), name].join('\0');
}
