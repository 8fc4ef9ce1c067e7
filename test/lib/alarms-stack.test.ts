import { Match } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { AlarmsStack } from '../../lib/alarms-stack.ts';
import type { FleetDevice } from '../../lib/fleet/read.ts';
import { resourcesOf, siteOf, templateOf, testApp } from './synthesized.ts';

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
    Statistic: 'Sum',
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
  expect(Object.keys(resourcesOf(alarms(HOUR, ...names)))).toHaveLength(165);
});

test('an alarm depends on its device alone', () => {
  const before = resourcesOf(alarms(HOUR, 'shed'));
  expect(resourcesOf(alarms(HOUR, 'attic', 'shed'))).toMatchObject(before);
});

test('the stack holds nothing that would be missed, so nothing protects it', () => {
  expect(
    new AlarmsStack(testApp(), { site: siteOf('a'), fleetId: 'ours', silentAfter: HOUR }).terminationProtection,
  ).toBe(false);
});
