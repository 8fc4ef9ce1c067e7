import { Match } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { AlarmsStack } from '../../lib/alarms-stack.ts';
import type { FleetDevice } from '../../lib/fleet/read.ts';
import { siteOf, templateOf, testApp } from './synthesized.ts';

const HOUR = 60 * 60;

function alarms(silentAfter: number, ...devices: (string | Partial<FleetDevice>)[]) {
  return templateOf(new AlarmsStack(testApp(), { site: siteOf(...devices), fleetId: 'ours', silentAfter }));
}

test('a device that is silent for too long rings, by the name of its metric; a revoked one does not', () => {
  const template = alarms(48 * HOUR, 'kitchen-sensor', { name: 'shed', revoked: true });
  template.resourceCountIs('AWS::CloudWatch::Alarm', 1);
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'esp-fleet',
    MetricName: 'kitchen-sensor',
    Dimensions: Match.absent(),
    Statistic: 'SampleCount',
    Period: 3_600,
    EvaluationPeriods: 48,
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
    AlarmDescription: Match.stringLikeRegexp(
      '^kitchen-sensor has sent nothing for 48 h: .* bin/fleet query kitchen-sensor ',
    ),
  });
});

test('a full site of 165 devices has an alarm each, also where names differ in their hyphens alone', () => {
  const awkward = ['ab', 'a-b', 'a--b', '-ab', 'ab-', 'constructor'];
  const names = [...awkward, ...Array.from({ length: 165 - awkward.length }, (_, index) => `d${index}`)];
  alarms(HOUR, ...names).resourceCountIs('AWS::CloudWatch::Alarm', 165);
});

test('no alarm is made before its metric has a first value', () => {
  const template = alarms(HOUR, 'shed', { name: 'old', revoked: true }, 'attic');
  const [[start, { Properties = {} } = {}] = []] = Object.entries(template.findResources('Custom::SilenceStart')) as [
    string,
    { Properties?: object },
  ][];
  expect(Properties).toMatchObject({ namespace: 'esp-fleet', devices: ['attic', 'shed'] });
  template.allResources('AWS::CloudWatch::Alarm', { DependsOn: [start] });
});

test('its function may put values into the metrics of the fleet alone, and read', () => {
  alarms(HOUR, 'shed').hasResourceProperties('AWS::IAM::Role', {
    Policies: [
      {
        PolicyDocument: {
          Statement: [
            {
              Action: 'cloudwatch:PutMetricData',
              Condition: { StringEquals: { 'cloudwatch:namespace': 'esp-fleet' } },
            },
            { Action: 'cloudwatch:GetMetricStatistics' },
            { Action: ['logs:CreateLogStream', 'logs:PutLogEvents'] },
          ],
        },
      },
    ],
  });
});

test('an alarm depends on its device alone', () => {
  const alarmsOf = (...names: string[]) => alarms(HOUR, ...names).findResources('AWS::CloudWatch::Alarm');
  expect(alarmsOf('attic', 'shed')).toMatchObject(alarmsOf('shed'));
});

test('the stack holds nothing that would be missed, so nothing protects it', () => {
  expect(
    new AlarmsStack(testApp(), { site: siteOf('a'), fleetId: 'ours', silentAfter: HOUR }).terminationProtection,
  ).toBe(false);
});
