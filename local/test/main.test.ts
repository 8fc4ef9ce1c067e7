import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

it.each([
  [['--reading', 'colision=alias'], 'There is no reading "colision": collision, binary, '],
  [['--pace', 'fast'], 'Allowed choices are aws, quick.'],
  [['--pace', 'aws', '--lambda-concurrency', '0'], 'allowed: 1 to 99999.'],
  [['--lambda-concurrency', '10'], 'needs --pace aws'],
])('refuses %j in one line, and starts nothing', (args, message) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', MAIN, ...args], {
    encoding: 'utf8',
  });
  expect({ status, stdout, lines: stderr.trim().split('\n').length }).toEqual({ status: 1, stdout: '', lines: 1 });
  expect(stderr).toContain(message);
});
