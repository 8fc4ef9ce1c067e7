import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { runFleet } from './run-fleet.ts';

const VERBS = [
  'add',
  'list',
  'secrets',
  'rotate',
  'revoke',
  'doctor',
  'tail',
  'query',
  'send',
  'redrive',
  'explain',
  'review',
];

describe('help', () => {
  test('lists the verbs that there are, and loads none of them', async () => {
    const { code, stdout } = await runFleet(['--help']);
    const [, commands = ''] = stdout.split('Commands:\n');
    expect(commands.match(/^ {2}[a-z]+/gm)?.map((name) => name.trim())).toEqual(VERBS);
    expect(code).toBe(0);
  });

  test.each(VERBS)('%s has examples that name it', async (verb) => {
    const { code, stdout } = await runFleet([verb, '--help']);
    expect(stdout).toContain(`Usage: fleet ${verb} [options]`);
    expect(stdout).toContain(`Examples:\n  npx fleet ${verb}`);
    expect(stdout).toContain('--fleet <dir>');
    expect(code).toBe(0);
  });
});

test.each([
  [['fly'], "unknown command 'fly'; see: npx fleet --help"],
  [['lst'], "unknown command 'lst' (Did you mean list?); see: npx fleet --help"],
  [['list', '--jsn'], "unknown option '--jsn' (Did you mean --json?); see: npx fleet list --help"],
  [
    ['list', '--fleet', 'no-such-folder'],
    'no-such-folder: no such folder; it holds one YAML file a site, such as home.yaml',
  ],
])('%j: one line, exit code 1', async (argv, message) => {
  expect(await runFleet(argv)).toEqual({ code: 1, stdout: '', stderr: `fleet: ${message}\n` });
});

test('no verb at all is answered with the help', async () => {
  const { code, stderr } = await runFleet([]);
  expect(stderr).toContain('Usage: fleet');
  expect(code).toBe(1);
});

test('npx fleet starts, says nothing of a dependency, and passes the exit code on', () => {
  const npx = (...argv: string[]) =>
    spawnSync('npx', ['--no', 'fleet', ...argv], {
      encoding: 'utf8',
      env: { ...process.env, npm_config_update_notifier: 'false' },
    });
  const help = npx('--help');
  expect(help.stderr).toBe('');
  expect(help.status).toBe(0);
  const wrong = npx('explain', 'no-such-device', 'connect');
  expect(wrong.stderr).toBe('fleet: no device "no-such-device" in fleet/; there is: kitchen-sensor, garage-door\n');
  expect(wrong.status).toBe(1);
});
