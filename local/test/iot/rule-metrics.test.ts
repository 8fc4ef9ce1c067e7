import type { CloudwatchMetricAction } from '@aws-sdk/client-iot';
import type { PutMetricDataInput } from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { ROLE, cloud, columns, permit, publish, queue, rule, useRuleCloud } from './rule-cloud.ts';

useRuleCloud();

/** Sums of AWS IoT's own metrics, by name and dimensions. */
const sums = (): Record<string, number> =>
  Object.fromEntries(
    [...cloud.metrics.all()].map(({ metric, minutes }) => [
      [metric.namespace, metric.name, ...Object.values(metric.dimensions)].join(' '),
      [...minutes.values()].reduce((total, { sum }) => total + sum, 0),
    ]),
  );

describe('AWS IoT counts', () => {
  it('the messages of each rule and what became of its actions', async () => {
    await rule('rows', { actions: [columns, queue] });
    await rule('choosy', { sql: "SELECT * FROM 'rtjm/#' WHERE false", actions: [columns] });
    await publish('{}');
    await publish('{}');
    await publish('{}', 'elsewhere');
    expect(sums()).toEqual({
      'AWS/IoT TopicMatch rows': 2,
      'AWS/IoT TopicMatch choosy': 2,
      'AWS/IoT Success rows DynamoDBv2': 2,
      'AWS/IoT Success rows Sqs': 2,
    });
  });

  it('failures, and what became of the error action', async () => {
    await rule('rows', { actions: [columns], errorAction: queue });
    await permit(['sqs:SendMessage'], '*');
    await publish('{}');
    await permit(['s3:GetObject'], '*');
    await publish('{}');
    expect(sums()).toEqual({
      'AWS/IoT TopicMatch rows': 2,
      'AWS/IoT Failure rows DynamoDBv2': 2,
      'AWS/IoT ErrorActionSuccess rows Sqs': 1,
      'AWS/IoT ErrorActionFailure rows Sqs': 1,
    });
  });

  it('what comes by basic ingest for a rule that there is not', async () => {
    await publish('{}', '$aws/rules/nothing/x');
    expect(sums()).toEqual({ 'AWS/IoT RuleNotFound nothing': 1 });
  });
});

describe('the cloudwatchMetric action', () => {
  const action = (more: Partial<CloudwatchMetricAction> = {}) => ({
    cloudwatchMetric: {
      roleArn: ROLE,
      metricNamespace: 'esp-fleet',
      metricName: '${topic(2)}',
      metricValue: '1',
      metricUnit: 'Count',
      ...more,
    },
  });

  it('puts a value under names from templates', async () => {
    await rule('seen', { actions: [action({ metricValue: '${temperature}', metricTimestamp: '${at}' })] });
    await publish('{"temperature":21.5,"at":1700000000}');
    expect(cloud.values).toEqual<PutMetricDataInput[]>([
      {
        Namespace: 'esp-fleet',
        MetricData: [{ MetricName: 'kitchen', Value: 21.5, Unit: 'Count', Timestamp: new Date(1_700_000_000_000) }],
      },
    ]);
  });

  it('fails for a value that is no number, as any action fails', async () => {
    await rule('seen', { actions: [action({ metricValue: '${temperature}' })], errorAction: queue });
    await publish('{"temperature":"warm"}');
    expect(cloud.values).toEqual([]);
    expect(cloud.letters[0]?.MessageBody).toContain('metricValue is \\"warm\\", which is no number');
  });

  it('needs every member, and a role that allows cloudwatch:PutMetricData', async () => {
    await rule('seen', { actions: [action()] });
    await permit(['sqs:SendMessage'], '*');
    await publish('{}');
    expect(cloud.log.refusals.at(-1)).toMatchObject({ action: 'cloudwatch:PutMetricData' });
    const { metricUnit, ...incomplete } = action().cloudwatchMetric;
    expect(metricUnit).toBe('Count');
    await expect(
      rule('bad', { actions: [{ cloudwatchMetric: incomplete as CloudwatchMetricAction }] }),
    ).rejects.toThrow('the cloudwatchMetric action has no metricUnit');
  });
});
