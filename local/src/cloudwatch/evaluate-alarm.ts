import type { ComparisonOperator, PutMetricAlarmInput, StateValue } from '@aws-sdk/client-cloudwatch';
import type { Tags } from '../tags.ts';
import { type AlarmMath, alarmMath } from './alarm-math.ts';
import { dimensionsOf } from './dimensions.ts';
import { calculate } from './metric-math.ts';
import { MINUTE, type MetricStore } from './metric-store.ts';
import { checkStatistic, datapoints, valueOf } from './statistics.ts';

/** An alarm as it is kept. */
export interface Alarm {
  readonly name: string;
  /** As PutMetricAlarm took them. */
  readonly settings: Omit<PutMetricAlarmInput, 'Tags'>;
  readonly configured: Date;
  readonly state: { readonly value: StateValue; readonly reason: string; readonly updated: Date };
  readonly tags: Tags;
}

type Compare = (value: number, threshold: number) => boolean;

/** The comparisons with a plain threshold; those with a band of anomaly detection there are not. */
export const COMPARISONS: Readonly<Partial<Record<ComparisonOperator, Compare>>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
};

/**
 * The state of an alarm, from the values of its evaluation periods, which slide by the minute (User Guide, "Evaluating an
 * alarm"). Unlike at AWS the minute under way counts, so that nobody waits for its end, and no older period stands in for
 * one without values.
 */
export function evaluate(
  { settings, state }: Alarm,
  metrics: MetricStore,
  now: number,
): { readonly value: StateValue; readonly reason: string } {
  const { EvaluationPeriods: periods = 1, DatapointsToAlarm: needed = periods, Threshold = 0 } = settings;
  const { ComparisonOperator: operator } = settings;
  const compare = (operator && COMPARISONS[operator]) ?? (() => false);
  const { math, text, metrics: watched, period } = watchedBy(settings);
  const end = Math.floor(now / MINUTE) * MINUTE + MINUTE;
  const start = end - periods * period;
  const byId = new Map(
    watched.map(({ id, metric, statistic }) => {
      const found = datapoints(metrics.find(metric), period, start, end);
      return [id, new Map(found.map(({ time, values }) => [time, valueOf(statistic, values)]))];
    }),
  );
  const values = Array.from({ length: periods }, (_, index) =>
    calculate(math, (id) => byId.get(id)?.get(start + index * period)),
  ).filter((value) => value !== undefined);
  const breaching = values.filter((value) => compare(value, Threshold)).length;
  const missing = periods - values.length;
  const stay = { value: state.value, reason: state.reason };
  const to = (value: StateValue): { value: StateValue; reason: string } => ({
    value,
    reason: `${text} in the last ${periods} periods of ${period / 1000} s: [${values.join(', ')}], ${missing} missing; ${operator} ${Threshold} in ${breaching}`,
  });
  const namespaces = watched.map(({ metric }) => metric.namespace);
  switch (treatment(namespaces, settings.TreatMissingData)) {
    case 'breaching':
      return to(breaching + missing >= needed ? 'ALARM' : 'OK');
    case 'notBreaching':
      return to(breaching >= needed ? 'ALARM' : 'OK');
    case 'ignore':
      if (breaching >= needed) return to('ALARM');
      return breaching + missing < needed ? to('OK') : stay;
    default:
      if (values.length === 0) return to('INSUFFICIENT_DATA');
      return to(breaching >= Math.min(needed, values.length) ? 'ALARM' : 'OK');
  }
}

// "Alarms that evaluate metrics in the AWS/DynamoDB namespace always ignore missing data" (API Reference, PutMetricAlarm). The
// User Guide says that they do by default; what holds when they always do holds then as well.
const treatment = (namespaces: readonly string[], wanted: string | undefined): string =>
  namespaces.includes('AWS/DynamoDB') ? 'ignore' : (wanted ?? 'missing');

/** A metric alone is an expression of itself. */
function watchedBy(settings: Alarm['settings']): AlarmMath {
  if (settings.Metrics) return alarmMath(settings.Metrics);
  const { Namespace: namespace = '', MetricName: name = '', Dimensions, Period = 60 } = settings;
  const statistic = checkStatistic(settings.Statistic);
  const metric = { namespace, name, dimensions: dimensionsOf(Dimensions) };
  return {
    math: { kind: 'metric', id: 'm' },
    text: `${statistic} of ${name}`,
    metrics: [{ id: 'm', metric, statistic }],
    period: Period * 1000,
  };
}
