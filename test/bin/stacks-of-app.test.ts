import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stacksOfApp } from '../../demo/cdk.ts';

test('npm start shows every stack that it has deployed, those of yours/stacks.ts included', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'stacks-'));
  onTestFinished(() => rmSync(scratch, { recursive: true }));
  mkdirSync(join(scratch, 'cdk.out'));
  // As the CDK writes it: a stack may be called otherwise than its construct.
  const stack = (stackName?: string) => ({
    type: 'aws:cloudformation:stack',
    environment: 'aws://unknown-account/unknown-region',
    properties: { templateFile: 'x.template.json', ...(stackName !== undefined && { stackName }) },
  });
  const artifacts = {
    'fleet-telemetry': stack(),
    Heat: stack('fleet-telemetry-heat'),
    Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
  };
  writeFileSync(join(scratch, 'cdk.out', 'manifest.json'), JSON.stringify({ version: '36.0.0', artifacts }));
  writeFileSync(join(scratch, 'cdk.out', 'x.template.json'), '{}');
  expect(stacksOfApp({ scratch, fleet: 'fleet' }).sort()).toEqual(['fleet-telemetry', 'fleet-telemetry-heat']);
});
