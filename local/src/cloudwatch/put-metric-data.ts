import type * as sdk from '@aws-sdk/client-cloudwatch';
import { AwsError, NotImplementedError } from '../errors.ts';
import type { Operations } from '../service.ts';
import { dimensionsOf } from './dimensions.ts';
import { MINUTE, type MetricStore, type StatisticSet } from './metric-store.ts';

/** API Reference, PutMetricData: items of a request, and how far from now a value may be. */
const MOST = 1000;
const PAST = 14 * 24 * 60 * MINUTE;
const FUTURE = 2 * 60 * MINUTE;
const DATUM_MEMBERS = ['MetricName', 'Dimensions', 'Timestamp', 'Value', 'StatisticValues', 'Values', 'Counts', 'Unit'];

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValueException', message);

export const putMetricData = (store: MetricStore): Operations<typeof sdk>['PutMetricData'] => ({
  takes: ['Namespace', 'MetricData', 'StrictEntityValidation'],
  resource: () => '*',
  conditions: ({ Namespace }) => ({ 'cloudwatch:namespace': Namespace }),
  handle: ({ Namespace: namespace = '', MetricData = [] }) => {
    if (!/^(?!:)[!-~]+(?: [!-~]+)*$/.test(namespace) || namespace.length > 255)
      throw invalid(`The value ${namespace} for parameter Namespace is invalid.`);
    if (namespace.startsWith('AWS/'))
      throw invalid(`The value ${namespace} for parameter Namespace is invalid: AWS/ is reserved for AWS's services.`);
    if (MetricData.length > MOST)
      throw invalid(`MetricData has ${MetricData.length} items; at most ${MOST} are allowed.`);
    const now = Date.now();
    // All is checked before anything is counted.
    const read = MetricData.map((datum) => readDatum(datum, now));
    for (const { name, dimensions, values, more } of read) store.add({ namespace, name, dimensions }, values, more);
  },
});

interface Read {
  readonly name: string;
  readonly dimensions: Record<string, string>;
  readonly values: Omit<StatisticSet, 'unit'>;
  readonly more: { readonly unit?: string; readonly time: number };
}

function readDatum(datum: sdk.MetricDatum, now: number): Read {
  for (const [member, value] of Object.entries(datum))
    if (value !== undefined && !DATUM_MEMBERS.includes(member) && !(member === 'StorageResolution' && value === 60))
      throw new NotImplementedError(`${member} ${JSON.stringify(value)} of cloudwatch:PutMetricData`);
  const { MetricName: name = '', Timestamp, Unit, Dimensions } = datum;
  if (name === '' || name.length > 255)
    throw invalid(`MetricName has ${name.length} characters; allowed are 1 to 255.`);
  const time = Timestamp?.getTime() ?? now;
  if (time < now - PAST || time > now + FUTURE)
    throw invalid(`The Timestamp of ${name} is more than two weeks ago or more than two hours ahead.`);
  const more = { time, ...(Unit !== undefined && { unit: Unit }) };
  return { name, dimensions: dimensionsOf(Dimensions), values: readValues(datum, name), more };
}

function readValues(
  { Value, StatisticValues, Values, Counts }: sdk.MetricDatum,
  name: string,
): Omit<StatisticSet, 'unit'> {
  if ([Value, StatisticValues, Values].filter((given) => given !== undefined).length !== 1)
    throw new AwsError(
      'InvalidParameterCombinationException',
      `${name} needs exactly one of Value, Values and StatisticValues.`,
    );
  if (StatisticValues) {
    const { SampleCount: count = 0, Sum: sum = 0, Minimum: least = 0, Maximum: most = 0 } = StatisticValues;
    return { count: finite(count, name), sum: finite(sum, name), least: finite(least, name), most: finite(most, name) };
  }
  const values = Values ?? [Value ?? 0];
  const counts = Counts ?? values.map(() => 1);
  if (values.length === 0 || values.length !== counts.length)
    throw invalid(`${name} has ${values.length} Values and ${counts.length} Counts.`);
  for (const value of values) finite(value, name);
  return {
    count: counts.reduce((sum, count) => sum + count, 0),
    sum: values.reduce((sum, value, index) => sum + value * (counts[index] ?? 1), 0),
    least: Math.min(...values),
    most: Math.max(...values),
  };
}

function finite(value: number, name: string): number {
  if (!Number.isFinite(value)) throw invalid(`The value ${value} of ${name} is not a number that CloudWatch takes.`);
  return value;
}
