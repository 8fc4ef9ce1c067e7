import type { ComparisonOperator, StateValue } from '@aws-sdk/client-cloudwatch';
import type { Alarm } from './alarm-store.ts';
import { dimensionsOf } from './dimensions.ts';
import { MINUTE, type MetricStore } from './metric-store.ts';
import { checkStatistic, datapoints, valueOf } from './statistics.ts';

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
  const { Namespace: namespace = '', MetricName: name = '', Dimensions, ComparisonOperator: operator } = settings;
  const statistic = checkStatistic(settings.Statistic);
  const compare = (operator && COMPARISONS[operator]) ?? (() => false);
  const period = (settings.Period ?? 60) * 1000;
  const end = Math.floor(now / MINUTE) * MINUTE + MINUTE;
  const series = metrics.find({ namespace, name, dimensions: dimensionsOf(Dimensions) });
  const values = datapoints(series, period, end - periods * period, end).map((at) => valueOf(statistic, at.values));
  const breaching = values.filter((value) => compare(value, Threshold)).length;
  const missing = periods - values.length;
  const stay = { value: state.value, reason: state.reason };
  const to = (value: StateValue): { value: StateValue; reason: string } => ({
    value,
    reason: `${statistic} of ${name} in the last ${periods} periods of ${period / 1000} s: [${values.join(', ')}], ${missing} missing; ${operator} ${Threshold} in ${breaching}`,
  });
  switch (treatment(namespace, settings.TreatMissingData)) {
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
const treatment = (namespace: string, wanted: string | undefined): string =>
  namespace === 'AWS/DynamoDB' ? 'ignore' : (wanted ?? 'missing');
