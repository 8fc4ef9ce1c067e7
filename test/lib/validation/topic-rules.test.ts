import { expect, test } from 'vitest';
import { findings, fleetApp, resource } from './checked-fleet.ts';

/** What is said about the rule fleet_telemetry when this property is another. */
function said(property: string, value: unknown): string[] {
  const app = fleetApp();
  resource(app, 'AWS::IoT::TopicRule').addPropertyOverride(property, value);
  return findings(app);
}

test('a rule without an error action is found', () => {
  expect(said('TopicRulePayload.ErrorAction', undefined)).toEqual([
    'topic-rule-error-action: The rule fleet_telemetry has no error action: what its actions cannot deliver is lost ' +
      'without a trace.',
  ]);
});

test('another error action passes', () => {
  expect(said('TopicRulePayload.ErrorAction', { Republish: { RoleArn: 'arn', Topic: 'failed' } })).toEqual([]);
});

test.each([
  [undefined, 'no SQL version'],
  ['2015-10-08', 'the SQL version "2015-10-08"'],
  ['beta', 'the SQL version "beta"'],
])('a rule with the SQL version %s is found', (version, words) => {
  expect(said('TopicRulePayload.AwsIotSqlVersion', version)).toEqual([
    `topic-rule-sql-version: The rule fleet_telemetry has ${words}: its SQL may mean something else than it was written for.`,
  ]);
});

test.each(['fleet-telemetry', 'fleet.telemetry', '', 'a'.repeat(129)])(
  'a name that AWS refuses is found: %j',
  (name) => {
    expect(said('RuleName', name)).toEqual([
      `topic-rule-name: AWS IoT refuses the rule name "${name}", and the deployment would fail half way.`,
    ]);
  },
);

test.each(['Fleet_Telemetry_2', 'a'.repeat(128), undefined])('a name that AWS takes, or makes, passes: %s', (name) => {
  expect(said('RuleName', name)).toEqual([]);
});
