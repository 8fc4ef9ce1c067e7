import { describe, expect, test } from 'vitest';
import { devicePolicy, obstacles } from '../../cli/policy/device-policies.ts';
import { evaluate, type Request } from '../../policy/evaluate.ts';

const ARN = 'arn:aws:iot:eu-west-1:111122223333:';

const publish = (topic: string): Request => ({
  action: 'iot:Publish',
  resource: `${ARN}topic/${topic}`,
  conditions: { 'iot:ClientId': 'kitchen', 'iot:Connection.Thing.IsAttached': 'true' },
  partial: true,
});

const policyOf = (statements: readonly unknown[]) =>
  devicePolicy({ name: 'p', document: JSON.stringify({ Version: '2012-10-17', Statement: statements }) });

const allow = { Effect: 'Allow', Action: 'iot:Publish', Resource: `${ARN}topic/a/*` };
const deny = { ...allow, Effect: 'Deny', Resource: `${ARN}topic/a/secret` };

/** The outcome, and what it rests on. */
function summary(statements: readonly unknown[], request: Request): unknown[] {
  const policies = [policyOf(statements)];
  const verdict = evaluate(policies, request);
  if (verdict.outcome === 'not allowed')
    return ['not allowed', ...obstacles(policies, request).map(({ statement, why }) => `${statement.label}: ${why}`)];
  return [verdict.outcome, verdict.statement.label, ...('reason' in verdict ? [verdict.reason] : [])];
}

describe('the verdict', () => {
  test.each<[string, unknown[], string, unknown[]]>([
    ['an Allow that covers it', [allow], 'a/b', ['allowed', '1']],
    ['a Deny, wherever it stands', [allow, deny], 'a/secret', ['denied', '2']],
    ['a Deny for something else', [deny, allow], 'a/b', ['allowed', '2']],
    ['nothing about the action', [{ ...allow, Action: 'iot:Subscribe' }], 'a/b', ['not allowed']],
    ['nothing that covers it', [allow], 'b', ['not allowed', `1: covers only ${ARN}topic/a/*`]],
    ['its Sid', [{ Sid: 'Out', ...allow }], 'a/b', ['allowed', 'Out']],
    [
      'lists',
      [{ ...allow, Action: ['iot:Receive', 'iot:Publish'], Resource: ['x', allow.Resource] }],
      'a/b',
      ['allowed', '1'],
    ],
    ['wildcards and capitals in an action', [{ ...allow, Action: 'IOT:Pub*' }], 'a/b', ['allowed', '1']],
    ['a variable', [{ ...allow, Resource: `${ARN}topic/\${iot:ClientId}/*` }], 'kitchen/t', ['allowed', '1']],
    [
      'a condition that holds',
      [{ ...allow, Condition: { Bool: { 'iot:Connection.Thing.IsAttached': true } } }],
      'a/b',
      ['allowed', '1'],
    ],
    [
      'a condition that does not hold',
      [{ ...allow, Condition: { Bool: { 'iot:Connection.Thing.IsAttached': ['false'] } } }],
      'a/b',
      ['not allowed', '1: wants iot:Connection.Thing.IsAttached to be false'],
    ],
    [
      'a condition on what is known',
      [{ ...allow, Condition: { StringLike: { 'iot:ClientId': 'attic*' } } }],
      'a/b',
      ['not allowed', '1: wants iot:ClientId to be attic* (StringLike)'],
    ],
  ])('%s', (_, statements, topic, expected) => {
    expect(summary(statements, publish(topic))).toEqual(expected);
  });

  test('one statement need not stand in a list', () => {
    const [statement] = devicePolicy({ name: 'p', document: JSON.stringify({ Statement: allow }) }).document.statements;
    expect(statement).toMatchObject({ effect: 'Allow' });
    expect(statement).not.toHaveProperty('problem');
  });
});

describe('what is not understood makes the verdict unsure where it matters', () => {
  const ofOrganisation = { StringEquals: { 'iot:Certificate.Subject.Organization': 'X' } };
  test.each<[string, unknown[], string, unknown[]]>([
    [
      'NotAction',
      [allow, { Effect: 'Deny', NotAction: 'iot:Connect', Resource: '*' }],
      'a/b',
      ['unsure', '2', 'NotAction'],
    ],
    ['NotResource', [{ Effect: 'Allow', Action: '*', NotResource: 'x' }], 'a/b', ['unsure', '1', 'NotResource']],
    ['no Effect', [allow, { Action: '*', Resource: '*' }], 'a/b', ['unsure', '2', 'Effect']],
    [
      'another condition on a Deny',
      [allow, { ...deny, Condition: ofOrganisation }],
      'a/secret',
      ['unsure', '2', 'iot:Certificate.Subject.Organization'],
    ],
    ['that Deny is about something else', [allow, { ...deny, Condition: ofOrganisation }], 'a/b', ['allowed', '1']],
    [
      'another condition on the only Allow',
      [{ ...allow, Condition: ofOrganisation }],
      'a/b',
      ['unsure', '1', 'iot:Certificate.Subject.Organization'],
    ],
    ['that Allow is not needed', [{ ...allow, Condition: ofOrganisation }, allow], 'a/b', ['allowed', '2']],
    ['a Deny that applies anyway', [deny, { ...allow, Condition: ofOrganisation }], 'a/secret', ['denied', '1']],
    ['a variable', [{ ...allow, Resource: `${ARN}topic/\${iot:X}` }], 'a', ['unsure', '1', '${iot:X}']],
    [
      'an operator that is not known',
      [{ ...allow, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.1' } } }],
      'a/b',
      ['unsure', '1', 'Condition'],
    ],
    ['another key', [{ ...allow, Condition: { Bool: { 'aws:X': 'true' } } }], 'a/b', ['unsure', '1', 'aws:X']],
  ])('%s', (_, statements, topic, expected) => {
    expect(summary(statements, publish(topic))).toEqual(expected);
  });

  test.each(['', 'null', '{"Statement":7}', '{"Statement":["x"]}'])('a document that is no policy: %j', (document) => {
    expect(evaluate([devicePolicy({ name: 'p', document })], publish('a/b')).outcome).toBe('unsure');
  });
});
