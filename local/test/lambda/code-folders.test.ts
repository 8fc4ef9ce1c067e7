import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CodeFolders } from '../../src/lambda/code-folders.ts';
import type { LambdaFunction } from '../../src/lambda/function-store.ts';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'code-folders-'));
});
afterEach(() => rmSync(scratch, { recursive: true }));

const code = zipSync({ 'index.mjs': Buffer.from('export const handler = () => 1;') });
const fn = { name: 'door', codeSha256: Buffer.from('one').toString('base64') } as LambdaFunction;

it('lays a package out once, however many events come while it does so and as it ends', async () => {
  const folders = new CodeFolders(scratch);
  const asked: Promise<string>[] = [];
  for (let turn = 0; turn < 500; turn++) {
    asked.push(folders.folder(fn, code));
    await setImmediate();
  }
  const [folder = '', ...others] = [...new Set(await Promise.all(asked))];
  expect(others).toEqual([]);
  expect(readFileSync(join(folder, 'index.mjs'), 'utf8')).toContain('handler');
});

it('tries again after a package that cannot be laid out', async () => {
  const folders = new CodeFolders(scratch);
  await expect(folders.folder(fn, Buffer.from('no zip'))).rejects.toThrow('Could not unzip');
  await expect(folders.folder(fn, code)).resolves.toContain('door');
});
