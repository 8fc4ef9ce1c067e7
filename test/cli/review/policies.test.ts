import { expect, test } from 'vitest';
import { compare } from '../../../cli/review/compare.ts';
import { assemblyOf, edited, NOTHING, resourceOf } from './assemblies.ts';

interface Statement {
  Sid: string;
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}

const SITE = 'fleet-site-home';
const fleet = assemblyOf({ home: ['attic', 'shed'] });
const arn = (resource: string) => `arn:aws:iot:us-east-1:111122223333:${resource}`;

/** The fleet with the policy of the shed changed by hand. */
function withPolicy(edit: (statements: Statement[]) => void) {
  return edited(fleet, SITE, (resources) => {
    const { PolicyDocument } = resourceOf(resources, 'AWS::IoT::Policy', 'shed').Properties;
    edit((PolicyDocument as { Statement: Statement[] }).Statement);
  });
}

function withStatement(sid: string, change: Partial<Statement>) {
  return withPolicy((statements) => Object.assign(statements.find(({ Sid }) => Sid === sid) ?? {}, change));
}

const now = (action: string, resource: string, example = resource, detached = false) => ({
  may: 'now',
  action,
  resource,
  example,
  detached,
});

const other = '<another device>';

test.each([
  [
    'publishing under every topic',
    withStatement('Publish', { Resource: arn('topic/rtjm/*') }),
    [now('iot:Publish', 'topic/rtjm/*', `topic/rtjm/${other}/telemetry`)],
  ],
  [
    'receiving everything',
    withStatement('Receive', { Resource: '*' }),
    [now('iot:Receive', '*', `topic/rtjm/${other}/telemetry`)],
  ],
  [
    'connecting while the certificate is not attached',
    withStatement('Connect', { Condition: undefined }),
    [now('iot:Connect', 'client/<device>', 'client/<device>', true)],
  ],
  [
    'an action more',
    withStatement('Publish', { Action: ['iot:Publish', 'iot:RetainPublish'] }),
    [now('iot:RetainPublish', 'topic/rtjm/<device>/*', 'topic/rtjm/<device>/telemetry')],
  ],
  [
    'a topic of their own beside the others',
    withStatement('Publish', { Resource: [arn('topic/rtjm/shed/*'), arn('topic/weather')] }),
    [now('iot:Publish', 'topic/weather')],
  ],
])('%s: what the device may do now, with an example', (_, head, changes) => {
  expect(compare(fleet, head)).toEqual({
    ...NOTHING,
    policies: [{ devices: ['shed'], changes }],
    sites: compare(fleet, fleet).sites,
  });
  // The other way round, it is what the device may do no longer.
  expect(compare(head, fleet).policies).toEqual([
    { devices: ['shed'], changes: changes.map((change) => ({ ...change, may: 'no longer' })) },
  ]);
});

test('a Deny takes away', () => {
  const deny = { Sid: 'Deny', Effect: 'Deny', Action: 'iot:Publish', Resource: arn('topic/rtjm/shed/secret') };
  const head = withPolicy((statements) => statements.push(deny));
  expect(compare(fleet, head).policies[0]?.changes).toEqual([
    { ...now('iot:Publish', 'topic/rtjm/<device>/secret'), may: 'no longer' },
  ]);
});

test('a condition that is not understood is not passed over', () => {
  const head = withStatement('Publish', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } });
  expect(compare(fleet, head).policies[0]?.changes).toMatchObject([{ may: 'unclear', action: 'iot:Publish' }]);
});

test('other words for the same: nothing', () => {
  const head = withPolicy((statements) => {
    for (const statement of statements) statement.Sid += 'Own';
    statements.reverse();
  });
  expect(compare(fleet, head).policies).toEqual([]);
});

test('a statement that another one covers changes nothing', () => {
  const head = withPolicy((statements) =>
    statements.push({ Sid: 'More', Effect: 'Allow', Action: 'iot:Publish', Resource: arn('topic/rtjm/shed/alarm') }),
  );
  expect(compare(fleet, head).policies).toEqual([]);
});

test('the same change of many devices is said once', () => {
  const devices = Array.from({ length: 30 }, (_, index) => `d${index + 10}`);
  const all = assemblyOf({ home: devices });
  const head = edited(all, SITE, (resources) => {
    for (const { Type, Properties } of Object.values(resources)) {
      if (Type !== 'AWS::IoT::Policy') continue;
      const { Statement } = Properties.PolicyDocument as { Statement: Statement[] };
      Object.assign(Statement[1] ?? {}, { Resource: arn('topic/*') });
    }
  });
  expect(compare(all, head).policies).toEqual([
    { devices, changes: [now('iot:Publish', 'topic/*', `topic/rtjm/${other}/telemetry`)] },
  ]);
});

test('a policy of AWS IoT that belongs to no device is compared by its text', () => {
  const policy = (topic: string) => ({
    Type: 'AWS::IoT::Policy',
    Properties: { PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'iot:Publish', Resource: topic }] } },
  });
  const [base, head] = ['a', 'b'].map((topic) =>
    edited(fleet, 'fleet-telemetry', (resources) => Object.assign(resources, { Own: policy(topic) })),
  );
  expect(compare(base ?? fleet, head ?? fleet).resources).toMatchObject([
    {
      logicalId: 'Own',
      change: 'changed',
      details: [expect.stringMatching(/^PolicyDocument\.Statement .*"a".* → .*"b"/)],
    },
  ]);
});
