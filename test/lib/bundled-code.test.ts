import { Stack } from 'aws-cdk-lib';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { build, bundledCode } from '../../lib/bundled-code.ts';
import { testApp } from './synthesized.ts';

/** Past the copies that a process and a folder keep. */
const bundle = (): string => build('device-certificate').outputFiles[0]?.text ?? '';

test('the same source is the same bundle wherever it is made, so that only a change of code updates the function', () => {
  const code = bundle();
  expect(bundle()).toBe(code);
  expect(code).not.toContain(process.cwd());

  const app = testApp();
  bundledCode(new Stack(app, 'stack'), 'device-certificate');
  const folder = join(app.outdir, 'bundles', 'device-certificate');
  expect(readdirSync(folder)).toEqual(['index.mjs']);
  expect(readFileSync(join(folder, 'index.mjs'), 'utf8')).toBe(code);
});

test('the bundle brings its own SDK', () => {
  expect(bundle()).not.toMatch(/from\s*["']@(aws-sdk|smithy)/);
});
