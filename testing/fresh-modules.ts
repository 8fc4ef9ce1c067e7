import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { afterAll, expect, vi } from 'vitest';

/*
 * Before each test file that shares a process with others: our own modules are evaluated anew, so that a client of AWS reads
 * the environment of this file. Packages stay loaded: they take most of the time, and keep nothing of a file but what is put
 * back here. What vi.mock() does stays, so a file that calls it cannot share.
 */
const { testPath = '' } = expect.getState();
if (readFileSync(testPath, 'utf8').includes('vi.mock(')) {
  throw new Error(`${testPath} calls vi.mock(): give it a project that isolates, in vitest.config.ts`);
}

/** With which aws-sdk-client-mock changes the clients of AWS. */
const sinon = createRequire(createRequire(import.meta.url).resolve('aws-sdk-client-mock'))('sinon') as {
  restore(): void;
};

vi.resetModules();
const { env, exitCode } = process;
const before = { ...env };
afterAll(() => {
  sinon.restore();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  for (const name of Object.keys(env)) if (!(name in before)) delete env[name];
  process.env = Object.assign(env, before);
  process.exitCode = exitCode;
});
