import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FleetNames } from '../../../lib/fleet/names.ts';
import { readAssembly } from '../../../cli/review/assembly.ts';
import { resolved, textOf } from '../../../cli/review/template.ts';
import { assemblyOf } from './assemblies.ts';

test('stacks by name, resources with their place in the tree, and what has been acknowledged with its reason', () => {
  const { stacks, acknowledgements } = assemblyOf({ home: ['attic'] });
  expect([...stacks.keys()].sort()).toEqual(['fleet-site-home', 'fleet-telemetry']);
  expect([...(stacks.get('fleet-site-home')?.paths.values() ?? [])]).toContain('/fleet-site-home/attic/Thing');
  expect(acknowledgements).toContainEqual({
    rule: 'AwsSolutions-SQS3',
    construct: expect.stringMatching(/^fleet-telemetry\/DeadLetters/) as string,
    reason: expect.stringMatching(/dead-letter queue/) as string,
  });
});

test('findings of a validation report, a line for each construct', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cdk.out-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'manifest.json'), '{"version":"55.0.0","artifacts":{}}');
  const violation = {
    ...{ ruleName: 'AwsSolutions-SQS4', description: 'no SSL', severity: 'error' },
    violatingConstructs: [
      { constructPath: 'stack/Queue/Resource', constructFqn: 'aws-cdk-lib.aws_sqs.CfnQueue' },
      { constructPath: 'stack/Other/Resource' },
    ],
  };
  const report = { version: '55.0.0', pluginReports: [{ pluginName: 'AwsSolutions', violations: [violation] }] };
  writeFileSync(join(folder, 'validation-report.json'), JSON.stringify(report));
  const finding = { rule: 'AwsSolutions-SQS4', severity: 'error', description: 'no SSL' };
  const names = new FleetNames();
  expect(readAssembly(folder, names)).toEqual({
    names,
    stacks: new Map(),
    acknowledgements: [],
    findings: [
      { ...finding, construct: 'stack/Queue/Resource' },
      { ...finding, construct: 'stack/Other/Resource' },
    ],
  });
});

test.each([
  [
    { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iot:', { Ref: 'AWS::Region' }, ':x']] },
    'arn:aws:iot:us-east-1:x',
  ],
  [{ 'Fn::Sub': 'a-${AWS::AccountId}-${Table}' }, 'a-111122223333-${Table}'],
  [{ 'Fn::GetAtt': ['Table', 'Arn'] }, '${Table.Arn}'],
  [{ Ref: 'Table' }, '${Table}'],
  [true, 'true'],
  [{ a: 1 }, '{"a":1}'],
])('%j in a template is %s to people', (value, text) => {
  expect(textOf(value)).toBe(text);
  expect(resolved({ deep: [value] })).toEqual({ deep: [typeof value === 'object' && !('a' in value) ? text : value] });
});
