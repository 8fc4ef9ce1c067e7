import type * as sdk from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../errors.ts';
import { pageOf } from '../paging.ts';
import type { Operations } from '../service.ts';
import { dimensionList, dimensionsOf } from './dimensions.ts';
import { type Metric, MINUTE, type MetricStore, idOf } from './metric-store.ts';
import { checkPeriod, checkStatistic, datapoints, valueOf } from './statistics.ts';

/** API Reference: GetMetricStatistics answers so many, and ListMetrics. */
const MOST_DATAPOINTS = 1440;
const PAGE = 500;

const metricOf = ({ Namespace: namespace = '', MetricName: name = '', Dimensions }: sdk.Metric): Metric => ({
  namespace,
  name,
  dimensions: dimensionsOf(Dimensions),
});

export function readMetricOperations(store: MetricStore): Operations<typeof sdk> {
  return {
    GetMetricStatistics: {
      takes: ['Namespace', 'MetricName', 'Dimensions', 'StartTime', 'EndTime', 'Period', 'Statistics'],
      resource: () => '*',
      handle: (input) => {
        const { Statistics = [], MetricName, StartTime, EndTime } = input;
        if (Statistics.length === 0)
          throw new AwsError('MissingRequiredParameterException', 'The parameter Statistics is missing.');
        const statistics = Statistics.map((name) => checkStatistic(name));
        store.sampleGauges();
        const [start, end] = [StartTime?.getTime() ?? 0, EndTime?.getTime() ?? 0];
        if (start >= end)
          throw new AwsError('InvalidParameterCombinationException', 'StartTime must be less than EndTime.');
        const period = checkPeriod(input.Period);
        const found = datapoints(store.find(metricOf(input)), period, Math.floor(start / period) * period, end);
        if (found.length > MOST_DATAPOINTS)
          throw new AwsError(
            'InvalidParameterCombinationException',
            `${found.length} datapoints were asked for; at most ${MOST_DATAPOINTS} are answered.`,
          );
        return {
          Label: MetricName,
          Datapoints: found.map(({ time, values }) => ({
            Timestamp: new Date(time),
            ...Object.fromEntries(statistics.map((statistic) => [statistic, valueOf(statistic, values)])),
            Unit: (values.unit ?? 'None') as sdk.StandardUnit,
          })),
        };
      },
    },
    ListMetrics: {
      takes: ['Namespace', 'MetricName', 'Dimensions', 'RecentlyActive', 'NextToken'],
      resource: () => '*',
      handle: ({ Namespace, MetricName, Dimensions = [], RecentlyActive, NextToken: token }) => {
        store.sampleGauges();
        const since = RecentlyActive === undefined ? 0 : Date.now() - 3 * 60 * MINUTE;
        const wanted = [...store.all()]
          .filter(({ minutes }) => since === 0 || [...minutes.keys()].some((minute) => minute >= since))
          .map(({ metric }) => metric)
          .filter(({ namespace }) => Namespace === undefined || namespace === Namespace)
          .filter(({ name }) => MetricName === undefined || name === MetricName)
          .filter(({ dimensions }) =>
            Dimensions.every(
              ({ Name = '', Value }) => Name in dimensions && (Value ?? dimensions[Name]) === dimensions[Name],
            ),
          );
        const { items, next } = pageOf(wanted, idOf, { limit: PAGE, token });
        return {
          Metrics: items.map(({ namespace, name, dimensions }) => ({
            Namespace: namespace,
            MetricName: name,
            Dimensions: dimensionList(dimensions),
          })),
          NextToken: next,
        };
      },
    },
  };
}
