import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate, type Request, type Verdict } from '../../../cli/policy/evaluate.ts';
import { statementsOf } from '../../../cli/policy/statement.ts';
import { parsePolicy } from '../../../local/src/policy/document.ts';
import { evaluate as evaluateInTheLocalCloud } from '../../../local/src/policy/evaluate.ts';

const ARN = 'arn:aws:iot:eu-west-1:111122223333:';

const publish = (topic: string): Request => ({
  action: 'iot:Publish',
  resource: `${ARN}topic/${topic}`,
  variables: new Map([
    ['iot:ClientId', 'kitchen'],
    ['iot:Connection.Thing.IsAttached', 'true'],
  ]),
});

const verdictOf = (statements: readonly unknown[], request: Request) =>
  evaluate(
    statementsOf({ name: 'p', document: JSON.stringify({ Version: '2012-10-17', Statement: statements }) }),
    request,
  );

const allow = { Effect: 'Allow', Action: 'iot:Publish', Resource: `${ARN}topic/a/*` };
const deny = { ...allow, Effect: 'Deny', Resource: `${ARN}topic/a/secret` };

/** The outcome, and what it rests on. */
function summary(verdict: Verdict): unknown[] {
  if (verdict.outcome === 'not allowed') {
    return ['not allowed', ...verdict.reasons.map(({ statement, reason }) => `${statement.label}: ${reason}`)];
  }
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
  ])('%s', (_, statements, topic, expected) => {
    expect(summary(verdictOf(statements, publish(topic)))).toEqual(expected);
  });

  test('one statement need not stand in a list', () => {
    const [statement] = statementsOf({ name: 'p', document: JSON.stringify({ Statement: allow }) });
    expect(statement).toMatchObject({ effect: 'Allow', notUnderstood: undefined });
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
      ['unsure', '2', 'Condition'],
    ],
    ['that Deny is about something else', [allow, { ...deny, Condition: ofOrganisation }], 'a/b', ['allowed', '1']],
    [
      'another condition on the only Allow',
      [{ ...allow, Condition: ofOrganisation }],
      'a/b',
      ['unsure', '1', 'Condition'],
    ],
    ['that Allow is not needed', [{ ...allow, Condition: ofOrganisation }, allow], 'a/b', ['allowed', '2']],
    ['a Deny that applies anyway', [deny, { ...allow, Condition: ofOrganisation }], 'a/secret', ['denied', '1']],
    ['a variable', [{ ...allow, Resource: `${ARN}topic/\${iot:X}` }], 'a', ['unsure', '1', '${iot:X}']],
    ['another key', [{ ...allow, Condition: { Bool: { 'aws:X': 'true' } } }], 'a/b', ['unsure', '1', 'aws:X']],
  ])('%s', (_, statements, topic, expected) => {
    expect(summary(verdictOf(statements, publish(topic)))).toEqual(expected);
  });

  test.each(['', 'null', '{"Statement":7}', '{"Statement":["x"]}'])('a document that is no policy: %j', (document) => {
    expect(evaluate(statementsOf({ name: 'p', document }), publish('a/b')).outcome).toBe('unsure');
  });
});

/* Two people wrote two evaluators from AWS's documentation: they have to agree. */
test('the local cloud enforces what fleet explain says', () => {
  const topicPart = fc.array(fc.constantFrom('a', 'b', '/', '*', '?', '+', '#', '${iot:ClientId}'), { maxLength: 5 });
  const statement = fc.record(
    {
      Effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
      Action: fc.constantFrom('iot:Publish', 'iot:*', 'iot:Connect', ['iot:Receive', 'iot:P*']),
      Resource: topicPart.map((parts) => `${ARN}topic/${parts.join('')}`),
      Condition: fc.constantFrom(
        { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
        { Bool: { 'iot:Connection.Thing.IsAttached': ['false'] } },
      ),
    },
    { requiredKeys: ['Effect', 'Action', 'Resource'] },
  );
  const topic = fc.array(fc.constantFrom('a', 'b', '/', '+', '#', 'kitchen'), { maxLength: 5 });
  const outcomes = new Set<string>();
  fc.assert(
    fc.property(fc.array(statement, { minLength: 1, maxLength: 4 }), topic, (statements, parts) => {
      const request = publish(parts.join(''));
      const document = JSON.stringify({ Version: '2012-10-17', Statement: statements });
      const { outcome } = evaluate(statementsOf({ name: 'p', document }), request);
      const { allowed } = evaluateInTheLocalCloud([{ name: 'p', document: parsePolicy(document) }], {
        action: request.action,
        resource: request.resource,
        conditions: Object.fromEntries(request.variables),
      });
      expect(outcome === 'allowed').toBe(allowed);
      outcomes.add(outcome);
    }),
    { numRuns: 2_000 },
  );
  expect(outcomes).toEqual(new Set(['allowed', 'denied', 'not allowed']));
});
