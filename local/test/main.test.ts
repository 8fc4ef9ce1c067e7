import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

it.each([
  [['--reading', 'colision=alias'], 'There is no reading "colision": collision, binary, '],
  [['--pace', 'fast'], 'Allowed choices are aws, quick.'],
  [['--pace', 'aws', '--lambda-concurrency', '0'], 'allowed: 1 to 99999.'],
  [['--lambda-concurrency', '10'], 'needs --pace aws'],
  [['--lan', '127.0.0.1'], '--lan 127.0.0.1 is no IPv4 address of this machine in a network; '],
])('refuses %j in one line, and starts nothing', (args, message) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', MAIN, ...args], {
    encoding: 'utf8',
  });
  expect({ status, stdout, lines: stderr.trim().split('\n').length }).toEqual({ status: 1, stdout: '', lines: 1 });
  expect(stderr).toContain(message);
});

it('refuses to start beside one of the same folder, whose files it would overwrite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'beside-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const command = ['--import', import.meta.resolve('tsx'), MAIN, '--port', '0', '--mqtt-port', '0'];
  const first = spawn(process.execPath, command, { cwd: folder });
  onTestFinished(() => void first.kill('SIGKILL'));
  let said = '';
  for await (const chunk of first.stdout) if ((said += String(chunk)).includes('ready')) break;
  const env = join(folder, '.local/env');
  const before = readFileSync(env, 'utf8');
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
  expect(stderr).toMatch(
    /^local cloud: a local cloud of this folder runs already, at http:\/\/127\.0\.0\.1:\d+; use that one \(source \.local\/env\), or /,
  );
  expect(status).toBe(1);
  expect(readFileSync(env, 'utf8')).toBe(before);
});

// A limit on the length of files stands for a full disk.
it.skipIf(process.platform === 'win32')('says that its disk is full, and ends', () => {
  const folder = mkdtempSync(join(tmpdir(), 'full-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const options = ['--port', '0', '--mqtt-port', '0', '--data', join(folder, 'd')];
  const command = [process.execPath, '--import', import.meta.resolve('tsx'), MAIN, ...options];
  const { status, stderr } = spawnSync('bash', ['-c', 'ulimit -f 40 && exec "$@"', '-', ...command], {
    encoding: 'utf8',
    cwd: folder,
    timeout: 30_000,
  });
  const said = stripVTControlCharacters(stderr)
    .split('\n')
    .filter((line) => line !== '' && !/^\d\d:\d\d:\d\d\.\d{3} /.test(line));
  expect(said).toEqual([
    expect.stringMatching(/^local cloud: the data folder .* takes no more \(IO error: .*\), and what/),
  ]);
  expect(status).toBe(1);
});
