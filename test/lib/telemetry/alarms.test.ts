import { expect, test } from 'vitest';
import { fleetSettings } from '../../../lib/fleet/settings.ts';
import { TelemetryStack } from '../../../lib/telemetry-stack.ts';
import { templateOf, testApp } from '../synthesized.ts';

interface Alarm {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: unknown }[];
  readonly Statistic: string;
  readonly Metrics?: readonly { readonly Id: string; readonly Expression?: string }[];
  readonly Threshold: number;
  readonly TreatMissingData: string;
  readonly AlarmDescription: string;
}

function alarmsWith(settings: object): Alarm[] {
  const stack = new TelemetryStack(testApp(), { settings: fleetSettings(settings), fleetId: 'ours', sites: [] });
  const alarms = templateOf(stack).findResources('AWS::CloudWatch::Alarm');
  return Object.values(alarms).map(({ Properties }: { Properties?: Alarm }) => Properties as Alarm);
}

/** What an alarm looks at: the metric and its dimensions, a reference to a resource as its name only; or an expression. */
function metricOf({ Namespace, MetricName, Dimensions, Metrics }: Alarm): string {
  if (Metrics) return Metrics.map(({ Id, Expression }) => Expression ?? Id).join(' ');
  const dimensions = Dimensions.map(({ Name, Value }) => `${Name}=${typeof Value === 'string' ? Value : '…'}`);
  return `${Namespace} ${MetricName} ${dimensions.sort().join(' ')}`;
}

const ofRule = (rule: string) => [
  `AWS/IoT ErrorActionFailure ActionType=Sqs RuleName=${rule}`,
  `AWS/IoT Failure ActionType=DynamoDBv2 RuleName=${rule}`,
  `AWS/IoT RuleMessageThrottled RuleName=${rule}`,
];
const UNSTORED =
  'ABS(FILL(matched, 0) - FILL(rows, 0) - FILL(dead, 0) + FILL(redriven, 0)) - FILL(matched, 0) / 50 ' +
  'matched rows dead redriven';
const SHARED = [
  'AWS/DynamoDB WriteThrottleEvents TableName=…',
  'AWS/SQS ApproximateNumberOfMessagesVisible QueueName=…',
];

test('what may go wrong between a device and its rows rings', () => {
  expect(alarmsWith({}).map(metricOf).sort()).toEqual(
    [...SHARED, UNSTORED, ...ofRule('fleet_telemetry'), ...ofRule('fleet_telemetry_raw')].sort(),
  );
});

test.each([{ ingest: 'basic' }, { payload: 'raw' }])(
  'with %j there is no alarm on a rule that is not there, nor on what one rule alone cannot leave',
  (settings) => {
    expect(alarmsWith(settings).map(metricOf).sort()).toEqual([...SHARED, ...ofRule('fleet_telemetry')].sort());
  },
);

test('the first time is enough, and silence is no problem', () => {
  for (const alarm of alarmsWith({}).filter(({ Metrics }) => !Metrics)) {
    expect(alarm).toMatchObject({
      Statistic: expect.stringMatching(/^(Sum|Maximum)$/) as string,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
    });
  }
});

test('what one message may do that crosses from one hour into the next, two hours must, with three messages', () => {
  expect(alarmsWith({}).filter(({ Metrics }) => Metrics)).toMatchObject([
    {
      Threshold: 3,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      EvaluationPeriods: 2,
      TreatMissingData: 'notBreaching',
    },
  ]);
});

test('each says what it means and which command helps, in as many characters as CloudWatch takes', () => {
  for (const { AlarmDescription } of alarmsWith({})) {
    expect(AlarmDescription).toMatch(/^\S.*\. What to do: .*(bin\/fleet|npx cdk) [a-z]+.*\.$/);
    expect(AlarmDescription.length).toBeLessThanOrEqual(1_024);
  }
});

test('the one that may not become quiet by itself says how to make it', () => {
  const staying = alarmsWith({}).filter(({ Namespace }) => Namespace === 'AWS/DynamoDB');
  expect(staying.map(metricOf)).toEqual(['AWS/DynamoDB WriteThrottleEvents TableName=…']);
  expect(staying[0]?.AlarmDescription).toContain('aws cloudwatch set-alarm-state');
});
