import { Stack } from 'aws-cdk-lib';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { testApp } from './synthesized.ts';

/** Bundles anew, past the copy that a process keeps. */
async function bundle(): Promise<string> {
  vi.resetModules();
  const { bundledCode } = await import('../../lib/bundled-code.ts');
  const app = testApp();
  bundledCode(new Stack(app, 'stack'), 'device-certificate');
  const folder = join(app.outdir, 'bundles', 'device-certificate');
  expect(readdirSync(folder)).toEqual(['index.mjs']);
  return readFileSync(join(folder, 'index.mjs'), 'utf8');
}

test('the same source is the same bundle wherever it is made, so that only a change of code updates the function', async () => {
  const code = await bundle();
  expect(await bundle()).toBe(code);
  expect(code).not.toContain(process.cwd());
});

test('the bundle brings its own SDK', async () => {
  expect(await bundle()).not.toMatch(/from\s*["']@(aws-sdk|smithy)/);
});
