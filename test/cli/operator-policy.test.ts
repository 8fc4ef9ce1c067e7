import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FleetNames } from '../../lib/fleet/names.ts';
import { actionsByVerb } from '../../cli/operator-policy/calls.ts';
import { documents } from '../../cli/operator-policy/documents.ts';
import { operatorPolicy, statementsFor } from '../../cli/operator-policy/statements.ts';

const names = new FleetNames();

test('the policy has every action that a verb calls for, and no other', () => {
  const called = new Set([...actionsByVerb().values()].flat());
  expect(
    statementsFor(names)
      .flatMap(({ Action }) => Action)
      .sort(),
  ).toEqual([...called].sort());
});

test('what a verb calls for is read from its code', () => {
  const verbs = actionsByVerb();
  expect(verbs.get('latest')).toEqual(['cloudformation:DescribeStacks', 'dynamodb:Query']);
  expect(verbs.get('review')).toEqual([]);
  expect(verbs.get('revoke')).toContain('iot:UpdateCertificate');
  expect(verbs.get('list')).not.toContain('iot:UpdateCertificate'); // in the same module as what it does call
});

test('the files are as npm run operator-policy writes them', () => {
  for (const [file, text] of documents(names)) expect(readFileSync(file, 'utf8'), file).toBe(text);
});

// IAM User Guide, "IAM and AWS STS quotas": white space does not count.
test('it fits into a managed policy', () => {
  expect(JSON.stringify(operatorPolicy(names)).length).toBeLessThanOrEqual(6_144);
});

test('that of a fleet with a name reaches nothing of another fleet but what IAM cannot tell apart', () => {
  const { Statement } = operatorPolicy(new FleetNames({ name: 'b' })) as { Statement: { Resource: string[] }[] };
  const resources = new Set(Statement.flatMap(({ Resource }) => Resource));
  expect([...resources].filter((resource) => !/\bb[-_/*]|_b\/|-b(\/|$)/.test(resource)).sort()).toEqual([
    '*',
    'arn:aws:cloudwatch:*:*:alarm:*',
    'arn:aws:iot:*:*:cert/*',
    'arn:aws:iot:*:*:policy/*',
    'arn:aws:logs:*:*:log-group:AWSIotLogsV2:*',
  ]);
});
