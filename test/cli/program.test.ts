import { stripVTControlCharacters } from 'node:util';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { changesNothing } from '../../cli/program.ts';
import { temporaryFleet } from '../lib/fleet/temporary-fleet.ts';
import { runFleet } from './run-fleet.ts';

const VERBS = [
  'add',
  'import',
  'list',
  'secrets',
  'enrol',
  'flash',
  'rotate',
  'revoke',
  'doctor',
  'tail',
  'query',
  'latest',
  'send',
  'redrive',
  'explain',
  'web',
  'review',
  'completion',
];

describe('help', () => {
  test('lists the verbs that there are, and loads none of them', async () => {
    const { code, stdout } = await runFleet(['--help']);
    const [, commands = ''] = stdout.split('Commands:\n');
    expect(commands.match(/^ {2}[a-z]+/gm)?.map((name) => name.trim())).toEqual(VERBS);
    expect(code).toBe(0);
  });

  test.each([
    [['help'], ['--help']],
    [
      ['help', 'query'],
      ['query', '--help'],
    ],
  ])('%j is %j', async (argv, same) => {
    expect(await runFleet(argv)).toEqual(await runFleet(same));
  });

  test.each(VERBS)('%s has examples that name it', async (verb) => {
    const { code, stdout } = await runFleet([verb, '--help']);
    expect(stdout).toContain(`Usage: bin/fleet ${verb} [options]`);
    expect(stdout).toContain(`Examples:\n  bin/fleet ${verb}`);
    expect(stdout).toContain('--fleet <dir>');
    expect(stdout).not.toMatch(/default:\s+(\[|\d{4})/); // as people write it, and not as the program has it
    expect(code).toBe(0);
  });
});

test.each([
  [['fly'], "unknown command 'fly'; see: bin/fleet --help"],
  [['deploy', '--all'], "unknown command 'deploy'; that is the CDK's: npx cdk deploy --all"],
  [
    ['send', 'kitchen', 'on'],
    /^fleet: payload 'on' is invalid\. It is not JSON \(.*\)\. Allowed: such as '\{"relay":true\}'; see: bin\/fleet send --help\n$/,
  ],
  [['lst'], "unknown command 'lst' (Did you mean list?); see: bin/fleet --help"],
  [['list', '--jsn'], "unknown option '--jsn' (Did you mean --json?); see: bin/fleet list --help"],
  [
    ['list', '--fleet', 'no-such-folder'],
    'no-such-folder/: no such folder here; run this in the folder that has cdk.json, or make it: it holds one YAML file a site, such as home.yaml',
  ],
])('%j: one line, exit code 1', async (argv, message) => {
  const stderr = typeof message === 'string' ? `fleet: ${message}\n` : (expect.stringMatching(message) as string);
  expect(await runFleet(argv)).toEqual({ code: 1, stdout: '', stderr });
});

describe('width', () => {
  const longest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

  test.each([
    [undefined, 80],
    [0, 80],
    [60, 60],
    [100, 100],
    [200, 100],
  ])('help of a terminal of %s columns has lines of up to %i', async (columns, most) => {
    for (const verb of VERBS) {
      const { stdout } = await runFleet([verb, '--help'], { columns });
      const [prose = '', examples = ''] = stdout.split('Examples:\n');
      expect(longest(prose), verb).toBeLessThanOrEqual(most);
      // A command is not broken: it would not be one any more. So it is written to fit the usual width.
      expect(longest(examples), verb).toBeLessThanOrEqual(80);
      for (const line of examples.trimEnd().split('\n')) expect(line).toMatch(/^ {2}bin\/fleet /);
    }
  });

  test.each([
    [60, 60],
    [200, 100],
  ])('errors on a terminal of %i columns have lines of up to %i, broken between words', async (columns, most) => {
    const argv = ['list', '--fleet', 'no-such-folder'];
    // Colours depend on where the tests run.
    const stderr = stripVTControlCharacters((await runFleet(argv, { answer: '', columns })).stderr);
    expect(longest(stderr)).toBeLessThanOrEqual(most);
    expect(stderr.replaceAll('\n', ' ').trim()).toBe(
      'fleet: no-such-folder/: no such folder here; run this in the folder that has cdk.json, or make it: it holds one YAML file a site, such as home.yaml',
    );
  });
});

test('what somebody else chose does not steer the terminal by way of a message', async () => {
  const { stderr } = await runFleet(['list', '--fleet', 'no\u001b[2J\u202e\u200b']);
  expect(stderr).toMatch(/^fleet: no\\u001b\[2J\\u202e\\u200b\/: no such folder/);
});

describe('the command itself', () => {
  test('without packages: a sentence', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fleet-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const part of ['bin', 'cli', 'lib', 'package.json']) cpSync(part, join(folder, part), { recursive: true });
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'bin/fleet.mjs'), 'list'], {
      encoding: 'utf8',
    });
    expect(stderr).toBe(`fleet: packages that it needs are not installed; run: npm ci (in ${folder}/)\n`);
    expect([status, stdout]).toEqual([1, '']);
  });

  test.each([
    ['bin/fleet.mjs', 'fleet'],
    ['bin/ready.mjs', 'esp-fleet'],
  ])('%s with a Node.js that is too old: a sentence', (file, name) => {
    const older = "data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'20.18.3'}})";
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', older, file], { encoding: 'utf8' });
    expect(stderr).toBe(`${name}: this is Node.js 20.18.3; install 20.19 or newer: https://nodejs.org\n`);
    expect([status, stdout]).toEqual([1, '']);
  });

  test.skipIf(process.platform === 'win32')('without Node.js on the PATH: a sentence', () => {
    const env = { ...process.env, PATH: mkdtempSync(join(tmpdir(), 'fleet-')) };
    onTestFinished(() => rmSync(env.PATH, { recursive: true }));
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['bin/fleet', 'list'], { encoding: 'utf8', env });
    expect(stderr).toBe('fleet: there is no node on the PATH; install Node.js: https://nodejs.org\n');
    expect([status, stdout]).toEqual([1, '']);
  });

  test.skipIf(!existsSync('/dev/full'))('a full disk: a sentence', () => {
    const stdout = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, ['bin/fleet.mjs', '--help'], {
      encoding: 'utf8',
      stdio: ['ignore', stdout, 'pipe'],
    });
    expect(stderr).toMatch(/^fleet: the output cannot be written: the disk is full \(ENOSPC.*\n$/);
    expect(status).toBe(1);
  });

  test('a reader that goes away ends what only reads, and nothing else', () => {
    expect(changesNothing(['query', 'kitchen'])).toBe(true);
    expect(changesNothing(['--help'])).toBe(true);
    expect(changesNothing(['--fleet', 'list', 'revoke', 'kitchen'])).toBe(false);
    expect(changesNothing(['redrive'])).toBe(false);
  });
});

test('no verb at all is answered with the help', async () => {
  expect(await runFleet([])).toMatchObject({ code: 1, stderr: expect.stringContaining('Usage: bin/fleet') as string });
});

describe('how it is called', () => {
  const NPX = ['npx', 'fleet'].join(' '); // this file is searched for it as well
  const env = { ...process.env, npm_config_update_notifier: 'false' };

  test.each([
    ['bin/fleet', []],
    ['npx', ['--no', 'fleet']],
  ])('%s %j starts, says nothing of a dependency, and passes the exit code on', (command, before) => {
    const call = (...argv: string[]) => spawnSync(command, [...before, ...argv], { encoding: 'utf8', env });
    const help = call('--help');
    expect(help.stderr).toBe('');
    expect(help.status).toBe(0);
    const wrong = call('explain', 'no-such-device', 'connect');
    expect(wrong.stderr).toBe('fleet: no device "no-such-device" in fleet/; there is: kitchen-sensor, garage-door\n');
    expect(wrong.status).toBe(1);
  });

  test('bin/fleet needs no npm, whatever folder one is in', () => {
    const cwd = temporaryFleet({ 'home.yaml': 'devices:\n  kitchen: { board: esp32 }\n' });
    const { stderr } = spawnSync(join(process.cwd(), 'bin/fleet'), ['explain', 'barn', 'connect', '--fleet', '.'], {
      encoding: 'utf8',
      cwd,
      env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` },
    });
    expect(stderr).toBe('fleet: no device "barn" in ./; there is: kitchen\n');
  });

  test('no document and no message calls it by a name that anybody may publish on npm', () => {
    const { stdout } = spawnSync('git', ['grep', '-l', NPX], { encoding: 'utf8' });
    expect(stdout.split('\n').filter(Boolean)).toEqual(['docs/calling-fleet.md']);
  });
});

test('commands that a sentence names are about the same stage', async () => {
  const STAGE = ['-c', 'stages={"dev":{"name":"dev"}}', '-c', 'stage=dev'];
  const folder = temporaryFleet({ 'home.yaml': 'devices:\n  a: { board: esp32 }\n' });
  const { stdout } = await runFleet(['add', 'b', '--board', 'esp32', '--fleet', folder, ...STAGE]);
  expect(stdout).toContain(`  npx cdk -c stage=dev deploy --all\n`);
  expect(stdout).toContain(`bin/fleet -c stage=dev secrets b --out secrets/b/secrets.h\n`);
  const plain = await runFleet(['add', 'c', '--board', 'esp32', '--fleet', folder]);
  expect(plain.stdout).toContain('  npx cdk deploy --all\n');
});
