import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  ListTagsForResourceCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloudWatchService } from '../../src/cloudwatch/cloudwatch-service.ts';
import type { MetricStore } from '../../src/cloudwatch/metric-store.ts';
import { type Services, startServices } from '../support/start-services.ts';

let services: Services;
let client: CloudWatchClient;
let metrics: MetricStore;
let stop = (): void => undefined;

beforeAll(async () => {
  services = await startServices((parts) => {
    const cloudWatch = cloudWatchService(parts);
    ({ metrics } = cloudWatch);
    stop = () => cloudWatch.close();
    return [cloudWatch.service];
  });
  client = new CloudWatchClient(services.operator);
});
afterAll(async () => {
  stop();
  await services.close();
});

const MINUTE = 60_000;
let last = 0;
/** A metric of its own with a value in each minute before now that has one, the minute under way last. */
function metric(values: readonly (number | undefined)[], namespace = 'app'): string {
  const name = `metric-${++last}`;
  for (const [index, value] of values.entries()) {
    const time = Date.now() - (values.length - 1 - index) * MINUTE;
    if (value !== undefined) metrics.add({ namespace, name, dimensions: {} }, value, { time });
  }
  return name;
}

const base = {
  Namespace: 'app',
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 0,
  ComparisonOperator: 'GreaterThanThreshold',
} as const;
const putAlarm = (AlarmName: string, more: Partial<PutMetricAlarmCommandInput>) =>
  client.send(new PutMetricAlarmCommand({ ...base, AlarmName, ...more }));
const describeAlarm = async (name: string) =>
  (await client.send(new DescribeAlarmsCommand({ AlarmNames: [name] }))).MetricAlarms?.[0];
const stateOf = async (MetricName: string, more: Partial<PutMetricAlarmCommandInput>) => {
  await putAlarm(MetricName, { MetricName, ...more });
  return (await describeAlarm(MetricName))?.StateValue;
};

describe('the state of an alarm', () => {
  const X = 1;
  const none = undefined;
  // User Guide, "Configuring how CloudWatch alarms treat missing data": 3 of 3 periods, 0 is within the threshold, X beyond.
  it.each([
    { values: [X, X, X], missing: 'ALARM', ignore: 'ALARM', breaching: 'ALARM', notBreaching: 'ALARM' },
    { values: [0, X, X], missing: 'OK', ignore: 'OK', breaching: 'OK', notBreaching: 'OK' },
    {
      values: [none, none, none],
      missing: 'INSUFFICIENT_DATA',
      ignore: 'INSUFFICIENT_DATA',
      breaching: 'ALARM',
      notBreaching: 'OK',
    },
    { values: [none, none, X], missing: 'ALARM', ignore: 'INSUFFICIENT_DATA', breaching: 'ALARM', notBreaching: 'OK' },
    { values: [0, none, X], missing: 'OK', ignore: 'OK', breaching: 'OK', notBreaching: 'OK' },
  ])('of $values', async ({ values, ...expected }) => {
    for (const [TreatMissingData, state] of Object.entries(expected)) {
      const alarm = { EvaluationPeriods: 3, TreatMissingData };
      expect([TreatMissingData, await stateOf(metric(values), alarm)]).toEqual([TreatMissingData, state]);
    }
  });

  it('stays where missing data are ignored', async () => {
    const name = metric([1]);
    expect(await stateOf(name, { TreatMissingData: 'ignore' })).toBe('ALARM');
    const gone = metric([]);
    await putAlarm(name, { MetricName: gone, TreatMissingData: 'ignore' });
    expect((await describeAlarm(name))?.StateValue).toBe('ALARM');
  });

  it('is that of DatapointsToAlarm out of EvaluationPeriods', async () => {
    const some = { EvaluationPeriods: 3, DatapointsToAlarm: 2 };
    expect(await stateOf(metric([1, 0, 1]), some)).toBe('ALARM');
    expect(await stateOf(metric([1, 0, 0]), some)).toBe('OK');
  });

  it.each([
    ['GreaterThanOrEqualToThreshold', 5, 'ALARM'],
    ['GreaterThanThreshold', 5, 'OK'],
    ['LessThanOrEqualToThreshold', 5, 'ALARM'],
    ['LessThanThreshold', 5, 'OK'],
    ['LessThanThreshold', 4, 'ALARM'],
  ] as const)('%s 5 of %d', async (ComparisonOperator, value, state) => {
    expect(await stateOf(metric([value]), { ComparisonOperator, Threshold: 5 })).toBe(state);
  });

  it.each([
    ['SampleCount', 3],
    ['Sum', 6],
    ['Average', 2],
    ['Minimum', 1],
    ['Maximum', 3],
  ] as const)('goes by %s over a period of several minutes', async (Statistic, Threshold) => {
    const exactly = { Statistic, Threshold, Period: 300, ComparisonOperator: 'GreaterThanOrEqualToThreshold' } as const;
    expect(await stateOf(metric([1, 2, 3]), exactly)).toBe('ALARM');
    expect(await stateOf(metric([1, 2, 3]), { ...exactly, Threshold: Threshold + 0.1 })).toBe('OK');
  });

  it('never leaves ALARM for missing data of DynamoDB, whatever is asked for', async () => {
    const Namespace = 'AWS/DynamoDB';
    const name = metric([], Namespace);
    const alarm = { Namespace, TreatMissingData: 'breaching' };
    expect(await stateOf(name, alarm)).toBe('INSUFFICIENT_DATA');
  });

  it('is told in the log as soon as values came', async () => {
    const name = metric([0]);
    expect(await stateOf(name, {})).toBe('OK');
    metrics.add({ namespace: 'app', name, dimensions: {} }, 1);
    const line = () => services.log.lines.find((text) => text.startsWith(`alarm ${name}: OK -> ALARM`));
    await expect.poll(line).toContain('Sum of');
  });
});

describe('an alarm on an expression', () => {
  const query = (Id: string, MetricName: string, Stat = 'Sum') => ({
    Id,
    MetricStat: { Metric: { Namespace: 'app', MetricName }, Period: 60, Stat },
    ReturnData: false,
  });
  const onMath = { Namespace: undefined, Statistic: undefined, Period: undefined };
  const put = (AlarmName: string, more: Partial<PutMetricAlarmCommandInput>) =>
    putAlarm(AlarmName, { ...onMath, ...more });

  it.each([
    ['a - b', [3], [1], 2],
    ['a - b - 1', [3], [1], 1],
    ['a - (b - 1)', [3], [1], 3],
    ['2 + a * b / 4', [3], [2], 3.5],
    ['ABS(b - a)', [3], [1], 2],
    ['a + b', [3], [undefined], undefined],
    ['a + FILL(b, 0.5)', [3], [undefined], 3.5],
    ['FILL(a / b, -1)', [3], [0], -1],
    ['a / b', [3], [0], undefined],
  ])('%s', async (Expression, a, b, value) => {
    const Metrics = [{ Id: 'e', Expression }, query('a', metric(a)), query('b', metric(b))];
    const name = `math ${++last}`;
    const stateWith = async (Threshold: number) => {
      await put(name, { Metrics, Threshold, ComparisonOperator: 'GreaterThanOrEqualToThreshold' });
      return (await describeAlarm(name))?.StateValue;
    };
    if (value === undefined) expect(await stateWith(-1e9)).toBe('INSUFFICIENT_DATA');
    else expect([await stateWith(value), await stateWith(value + 0.1)]).toEqual(['ALARM', 'OK']);
  });

  it('counts period by period, each metric by its own statistic', async () => {
    const Metrics = [
      { Id: 'e', Expression: 'FILL(a, 0) - FILL(b, 0)' },
      query('a', metric([4, undefined, 2])),
      query('b', metric([9, 9, undefined]), 'SampleCount'),
    ];
    for (const [DatapointsToAlarm, state] of [
      [2, 'ALARM'],
      [3, 'OK'],
    ] as const) {
      await put('periods', { Metrics, Threshold: 2, EvaluationPeriods: 3, DatapointsToAlarm, ...over });
      expect((await describeAlarm('periods'))?.StateValue).toBe(state);
    }
  });
  const over = { ComparisonOperator: 'GreaterThanOrEqualToThreshold' } as const;

  const a = query('a', 'm');
  it.each([
    ['another function', [{ Id: 'e', Expression: 'RATE(a)' }, a], 'NotImplemented', 'RATE(a)'],
    ['an id that there is not', [{ Id: 'e', Expression: 'a + b' }, a], 'NotImplemented', 'a + b'],
    ['no expression', [{ ...a, ReturnData: true }], 'NotImplemented', 'Expression'],
    [
      'two results',
      [{ Id: 'e', Expression: 'a' }, query('b', 'm'), { ...a, ReturnData: true }],
      'ValidationException',
      '2',
    ],
    ['an id twice', [{ Id: 'a', Expression: 'a' }, a], 'ValidationException', 'same Id'],
    ['a capital letter', [{ Id: 'E', Expression: 'a' }, a], 'ValidationException', 'E'],
    ['a percentile', [{ Id: 'e', Expression: 'a' }, query('a', 'm', 'p99')], 'NotImplemented', 'p99'],
  ])('is refused with %s', async (_, Metrics, name, words) => {
    const call = put('refused', { Metrics });
    await expect(call).rejects.toMatchObject({ name, message: expect.stringContaining(words) as string });
  });
});

describe('an alarm', () => {
  it('is changed in place, keeps its state and tags, and goes', async () => {
    const MetricName = metric([1]);
    await putAlarm('a', { MetricName, AlarmDescription: 'one', Tags: [{ Key: 'k', Value: 'v' }] });
    await describeAlarm('a');
    await putAlarm('a', { MetricName, AlarmDescription: 'two' });
    const alarm = await describeAlarm('a');
    expect(alarm).toMatchObject({
      AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:a',
      AlarmDescription: 'two',
      StateValue: 'ALARM',
      Threshold: 0,
    });
    const ResourceARN = alarm?.AlarmArn;
    await client.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'l', Value: 'w' }] }));
    await client.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['k'] }));
    const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceARN }));
    expect(Tags).toEqual([{ Key: 'l', Value: 'w' }]);
    await client.send(new DeleteAlarmsCommand({ AlarmNames: ['a'] }));
    expect(await describeAlarm('a')).toBeUndefined();
  });

  it('is found by the beginning of its name and by its state', async () => {
    await putAlarm('found-1', { MetricName: metric([1]) });
    await putAlarm('found-2', { MetricName: metric([0]) });
    const find = { AlarmNamePrefix: 'found-', StateValue: 'ALARM' } as const;
    const { MetricAlarms } = await client.send(new DescribeAlarmsCommand(find));
    expect(MetricAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(['found-1']);
  });

  it.each([
    ['a percentile', { Statistic: undefined, ExtendedStatistic: 'p99' }, 'NotImplemented', 'ExtendedStatistic'],
    ['a metric and an expression', { Metrics: [{ Id: 'e', Expression: 'a' }] }, 'ValidationException', 'Namespace'],
    ['an action', { AlarmActions: ['arn:aws:sns:us-east-1:000000000000:topic'] }, 'NotImplemented', 'AlarmActions'],
    ['a period of 90 s', { Period: 90 }, 'InvalidParameterValueException', '90'],
    ['more than a day', { Period: 300, EvaluationPeriods: 289 }, 'ValidationException', '86400'],
    ['no threshold', { Threshold: undefined }, 'ValidationException', 'Threshold'],
    ['an unknown treatment', { TreatMissingData: 'maybe' }, 'ValidationException', 'maybe'],
  ])('is refused with %s', async (_, more, name, words) => {
    const call = putAlarm('refused', { MetricName: 'm', ...more });
    await expect(call).rejects.toMatchObject({ name, message: expect.stringContaining(words) as string });
  });

  it('that does not exist fails the deletion of all', async () => {
    await putAlarm('stays', { MetricName: 'm' });
    const call = client.send(new DeleteAlarmsCommand({ AlarmNames: ['stays', 'none'] }));
    await expect(call).rejects.toMatchObject({ name: 'ResourceNotFound' });
    expect(await describeAlarm('stays')).toBeDefined();
  });
});
