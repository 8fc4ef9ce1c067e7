import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { AwsError, NotImplementedError } from '../errors.ts';
import { dimensionsOf } from './dimensions.ts';
import type { Metric } from './metric-store.ts';
import { type MetricMath, parseMetricMath } from './metric-math.ts';
import { type Statistic, checkPeriod, checkStatistic } from './statistics.ts';

/** The expression that an alarm looks at, over metrics of one period. */
export interface AlarmMath {
  readonly math: MetricMath;
  /** As it was given. */
  readonly text: string;
  readonly metrics: readonly { readonly id: string; readonly metric: Metric; readonly statistic: Statistic }[];
  /** In milliseconds. */
  readonly period: number;
}

/** API Reference, PutMetricAlarm and MetricDataQuery. */
const MOST_METRICS = 10;
const ID = /^[a-z][A-Za-z0-9_]*$/;

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

/** Reads `Metrics` of PutMetricAlarm. Throws ValidationException, or NotImplemented with the name of what there is not. */
export function alarmMath(queries: readonly MetricDataQuery[]): AlarmMath {
  const ids = queries.map(({ Id = '' }) => Id);
  const wrong = ids.find((id) => !ID.test(id));
  if (wrong !== undefined) throw invalid(`The Id ${wrong} in Metrics must match ${ID.source}.`);
  if (new Set(ids).size < ids.length) throw invalid('Two of Metrics have the same Id.');
  const returned = queries.filter(({ ReturnData = true }) => ReturnData);
  if (returned.length !== 1) throw invalid(`${returned.length} of Metrics have ReturnData; exactly one must.`);
  const stats = queries.filter(({ Expression }) => Expression === undefined);
  if (stats.length > MOST_METRICS) throw invalid(`Metrics has ${stats.length} metrics; allowed are ${MOST_METRICS}.`);
  for (const query of queries) refuseOthers(query);

  const { Expression: text, Period } = returned[0] ?? {};
  if (text === undefined || queries.length - stats.length !== 1)
    throw new NotImplementedError('Metrics of an alarm without exactly one Expression, which returns data');
  const periods = new Set(stats.map(({ MetricStat }) => checkPeriod(MetricStat?.Period)));
  const [period] = periods;
  if (period === undefined || periods.size > 1 || (Period !== undefined && Period * 1000 !== period))
    throw new NotImplementedError('Metrics of an alarm with different periods, or none');
  return {
    math: parseMetricMath(
      text,
      stats.map(({ Id = '' }) => Id),
    ),
    text,
    metrics: stats.map(({ Id = '', MetricStat }) => {
      const { Namespace: namespace = '', MetricName: name = '', Dimensions } = MetricStat?.Metric ?? {};
      if (namespace === '' || name === '') throw invalid(`The metric ${Id} has no Namespace or no MetricName.`);
      const statistic = checkStatistic(MetricStat?.Stat);
      return { id: Id, metric: { namespace, name, dimensions: dimensionsOf(Dimensions) }, statistic };
    }),
    period,
  };
}

function refuseOthers({ Id, Expression, MetricStat, AccountId }: MetricDataQuery): void {
  if ((Expression === undefined) === (MetricStat === undefined))
    throw invalid(`The query ${Id} needs a MetricStat or an Expression, and not both.`);
  if (AccountId !== undefined) throw new NotImplementedError('AccountId in Metrics of an alarm');
  if (MetricStat?.Unit !== undefined) throw new NotImplementedError('MetricStat.Unit in Metrics of an alarm');
}
