import { expect, test } from 'vitest';
import { findings, fleetApp, resource } from './checked-fleet.ts';

const ARN = 'arn:aws:iot:eu-west-1:123456789012';

/** What is said about the policy of the device kitchen when it has this statement alone. */
function said(statement: Record<string, unknown>): string[] {
  const app = fleetApp();
  const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'iot:Publish', ...statement }] };
  resource(app, 'AWS::IoT::Policy').addPropertyOverride('PolicyDocument', document);
  return findings(app);
}

test('the policy of a device passes', () => {
  expect(findings(fleetApp())).toEqual([]);
});

test.each([
  'topic/rtjm/kitchen/*',
  'topic/rtjm/kitchen/a/?',
  'topic/cmd/rtjm/kitchen/*',
  'topic/$aws/rules/fleet_telemetry/rtjm/kitchen/*',
  'topicfilter/cmd/rtjm/kitchen/#',
  'client/kitchen',
])('what is of the device passes: %s', (resource) => {
  expect(said({ Resource: `${ARN}:${resource}` })).toEqual([]);
});

test.each([
  'topic/*',
  'topic/rtjm/*',
  'topic/rtjm/kitchen*',
  'topic/rtjm/kitchen',
  'topic/rtjm/garage/*',
  'topic/rtjm/?itchen/*',
  'topic/$aws/rules/*/rtjm/kitchen/*',
  'topic/$aws/rules/other/rtjm/kitchen/*',
  'topic/$aws/rules/fleet_telemetry/rtjm/*',
  'topic/rtjm/${iot:ClientId}/*',
  'topicfilter/cmd/rtjm/+/x',
  'client/*',
  'client/kitchen-2',
  'thing/kitchen',
])('what reaches further is found, with the device and the topic: %s', (resource) => {
  expect(said({ Resource: [`${ARN}:topic/rtjm/kitchen/*`, `${ARN}:${resource}`] })).toEqual([
    `iot-policy-reach: The policy of "kitchen" allows iot:Publish on ${resource}: that reaches beyond the device, ` +
      'so one stolen board could act for others.',
  ]);
});

test.each([
  ['a resource "*"', { Resource: '*' }],
  ['all accounts', { Resource: 'arn:aws:iot:*:*:topic/rtjm/kitchen/*' }],
  ['a resource that only the deployment knows', { Resource: { Ref: 'AWS::StackName' } }],
  ['NotResource', { NotResource: `${ARN}:topic/rtjm/garage/*` }],
  ['actions that nobody listed', { Action: 'iot:*', Resource: `${ARN}:client/kitchen` }],
  ['NotAction', { Action: undefined, NotAction: 'iot:Publish', Resource: `${ARN}:client/kitchen` }],
])('%s is found', (_, statement) => {
  expect(said(statement)).toEqual([expect.stringContaining('iot-policy-reach: The policy of "kitchen" allows')]);
});

test('what is denied may be wide', () => {
  expect(said({ Effect: 'Deny', Resource: '*' })).toEqual([]);
});

test('a device whose name is a level of the topics has no more than others', () => {
  const app = fleetApp();
  const policy = resource(app, 'AWS::IoT::Policy');
  policy.addPropertyOverride('PolicyName', 'rtjm');
  policy.addPropertyOverride('PolicyDocument.Statement', [
    { Effect: 'Allow', Action: 'iot:Publish', Resource: `${ARN}:topic/rtjm/*` },
  ]);
  expect(findings(app)).toEqual([expect.stringContaining('on topic/rtjm/*')]);
});

test('a policy that cannot be read is found', () => {
  const app = fleetApp();
  resource(app, 'AWS::IoT::Policy').addPropertyDeletionOverride('PolicyName');
  expect(findings(app)).toEqual([expect.stringContaining('cannot be checked')]);
});
