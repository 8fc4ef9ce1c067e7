import { expect, test, vi } from 'vitest';
import { temporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import { runFleet } from '../run-fleet.ts';

test.each([
  [['--base', 'no-such-ref'], 'git knows no commit "no-such-ref"; allowed for --base: a branch, tag or commit'],
  [
    ['--format', 'html'],
    "option '--format <format>' argument 'html' is invalid. Allowed choices are text, md, json; see: bin/fleet review --help",
  ],
  [
    ['--interval', '0s'],
    "option '--interval <time>' argument '0s' is invalid. Allowed: such as 30s, 10m, 1h, 1d, 1y; see: bin/fleet review --help",
  ],
  [
    ['--bytes', '1.5'],
    "option '--bytes <number>' argument '1.5' is invalid. Allowed: a whole number from 1; see: bin/fleet review --help",
  ],
])('%j: one line, exit code 1', async (args, message) => {
  expect(await runFleet(['review', ...args])).toEqual({ code: 1, stdout: '', stderr: `fleet: ${message}\n` });
});

test('a mistake in a fleet file is said as everywhere else', async () => {
  const folder = temporaryFleet({ 'home.yaml': 'devices:\n  A: { board: esp32 }\n' });
  const { code, stdout, stderr } = await runFleet(['review', '--fleet', folder]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^fleet: \S*home\.yaml:2: device name "A" is not valid; allowed: .*\n$/);
});

test('--cost --format json is JSON', async () => {
  vi.stubEnv('CDK_VALIDATION', 'false');
  const { code, stdout } = await runFleet(['review', '--cost', '--format', 'json', '--interval', '10s']);
  expect(code).toBe(0);
  const cost = JSON.parse(stdout) as { total: number; charges: { dollars: number; free: number }[] };
  expect(cost).toMatchObject({
    region: 'us-east-1',
    traffic: { interval: 10_000, bytes: 200 },
    deployment: { devices: 2 },
  });
  expect(cost.charges.reduce((sum, { dollars, free }) => sum + dollars - free, 0)).toBeCloseTo(cost.total);
}, 60_000);
