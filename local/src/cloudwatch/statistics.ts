import { AwsError, NotImplementedError } from '../errors.ts';
import { MINUTE, type Series, type StatisticSet } from './metric-store.ts';

const VALUES = {
  SampleCount: ({ count }) => count,
  Average: ({ sum, count }) => sum / count,
  Sum: ({ sum }) => sum,
  Minimum: ({ least }) => least,
  Maximum: ({ most }) => most,
} satisfies Record<string, (values: StatisticSet) => number>;
export type Statistic = keyof typeof VALUES;

export interface Datapoint {
  /** When its period begins, in milliseconds since 1970. */
  readonly time: number;
  readonly values: StatisticSet;
}

export const valueOf = (statistic: Statistic, values: StatisticSet): number => VALUES[statistic](values);

/** Refuses percentiles, trimmed means and the like, by name. */
export function checkStatistic(name = ''): Statistic {
  if (!Object.hasOwn(VALUES, name))
    throw new NotImplementedError(`the statistic ${name} (known are ${Object.keys(VALUES).join(', ')})`);
  return name as Statistic;
}

/** A period in milliseconds. Throws for what is no multiple of a minute. */
export function checkPeriod(seconds = 0): number {
  if ([1, 5, 10, 20, 30].includes(seconds)) throw new NotImplementedError(`a period of ${seconds} s: high resolution`);
  if (seconds <= 0 || seconds % 60 !== 0)
    throw new AwsError('InvalidParameterValueException', `Period is ${seconds}; it must be a multiple of 60`);
  return seconds * 1000;
}

/** The periods from `from` on that begin before `to` and have values, oldest first. All times in milliseconds. */
export function datapoints(series: Series | undefined, period: number, from: number, to: number): Datapoint[] {
  const found = new Map<number, StatisticSet>();
  for (const [minute, values] of series?.minutes ?? []) {
    if (minute < from || minute + MINUTE > from + Math.ceil((to - from) / period) * period) continue;
    const time = from + Math.floor((minute - from) / period) * period;
    const before = found.get(time);
    found.set(time, before ? merge(before, values) : values);
  }
  return [...found].map(([time, values]) => ({ time, values })).sort((a, b) => a.time - b.time);
}

const merge = (a: StatisticSet, b: StatisticSet): StatisticSet => ({
  count: a.count + b.count,
  sum: a.sum + b.sum,
  least: Math.min(a.least, b.least),
  most: Math.max(a.most, b.most),
  unit: a.unit ?? b.unit,
});
