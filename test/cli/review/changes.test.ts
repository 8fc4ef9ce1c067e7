import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { NOTHING as nothing } from './assemblies.ts';
import { pageWithExample } from './documented-example.ts';
import { ScratchRepository } from './scratch-repository.ts';

// The real command in a repository of its own, a change at a time: the report says exactly that, and nothing else.

// Two synths and the command itself a test: 4 s by itself on 2 cores, ten times that on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const repository = new ScratchRepository();
afterEach(() => {
  expect(repository.leftovers()).toEqual([]);
  repository.restore();
});
afterAll(() => repository.remove());

const HOME = 'fleet/home.yaml';
const TELEMETRY = 'fleet-telemetry';
const DEVICES = ['garage-door', 'kitchen-sensor'];

interface Report {
  readonly base: unknown;
  readonly sites: readonly { readonly site: string; readonly devices: number }[];
  readonly cost: { readonly before: number; readonly after: number };
}

/** What the report says beside the sites and the cost, which every device that comes or goes changes. */
async function changes(
  devices = DEVICES.length,
): Promise<{ code: number | null; report: Record<string, unknown>; stderr: string }> {
  const { code, stdout, stderr } = await repository.review('--format', 'json');
  if (code === 1) throw new Error(stderr);
  const { base, sites, cost, ...report } = JSON.parse(stdout) as Report;
  expect(base).toEqual({ ref: 'main', commit: repository.git('rev-parse', 'main') });
  expect(sites.map(({ site, devices: count }) => [site, count])).toEqual([['home', devices]]);
  expect(Math.sign(cost.after - cost.before)).toBe(Math.sign(devices - DEVICES.length));
  return { code, report, stderr };
}

const device = (name: string) => ({ device: name, site: 'home' });
const danger = (what: string, name: string, type = 'device', where = 'home') => ({
  ...{ irreversible: true, what, type, where, names: [name] },
  consequence: expect.any(String) as string,
});

test('no change', async () => {
  expect(await changes()).toEqual({ code: 0, stderr: '', report: nothing });
});

test('a device is added, another one rotated', async () => {
  repository.replace(HOME, 'garage-door: { board: esp32', 'garage-door: { board: esp32, generations: [1, 2]');
  repository.replace(HOME, /$/, '  attic: { board: esp32 }\n');
  const { code, report } = await changes(3);
  const rekeyed = [{ ...device('garage-door'), by: 'rotated', why: 'generations 1 → 1, 2', gone: [] }];
  expect(report).toEqual({ ...nothing, devices: { ...nothing.devices, added: [device('attic')], rekeyed } });
  expect(code).toBe(0);
});

test('a device is removed, another one revoked', async () => {
  repository.replace(HOME, /^ {2}garage-door.*\n/m, '');
  repository.replace(HOME, 'kitchen-sensor: { board: esp8266', 'kitchen-sensor: { board: esp8266, revoked: true');
  const { code, report } = await changes(1); // at less cost, since neither sends any more
  expect(report).toEqual({
    ...nothing,
    devices: { ...nothing.devices, removed: [device('garage-door')], revoked: [device('kitchen-sensor')] },
    dangers: [danger('deleted', 'garage-door'), danger('revoked', 'kitchen-sensor')],
  });
  expect(code).toBe(2);
});

test('a device is renamed', async () => {
  repository.replace(HOME, 'garage-door', 'garage');
  const { code, report } = await changes();
  expect(report).toEqual({
    ...nothing,
    devices: { ...nothing.devices, added: [device('garage')], removed: [device('garage-door')] },
    dangers: [danger('deleted', 'garage-door')],
  });
  expect(code).toBe(2);
});

test('a policy is widened by hand, the key and the SQL of the telemetry are changed, the error action is dropped', async () => {
  repository.replace('lib/device/device-policy.ts', /`\$\{names\.telemetryTopic\(device\)\}\/\*`/, "'rtjm/*'");
  repository.replace('lib/telemetry/time-series-table.ts', 'name: ARRIVAL_COLUMN', "name: 'moment'");
  repository.replace('lib/telemetry/telemetry-rule.ts', /^ *errorAction: .*\n/m, '');
  repository.replace('lib/telemetry/telemetry-rule.ts', /^ *sql,$/m, "sql: sql.replace('topic(2)', 'topic(1)'),");
  const { code, report } = await changes();
  const { rules, findings, ...others } = report as {
    rules: { rule: string; change: string; errorAction: string; rows: { before: string; after: string } }[];
    findings: { added: unknown[]; removed: unknown[] };
  };
  expect({ ...others, rules: [], findings: nothing.findings }).toEqual({
    ...nothing,
    policies: [
      {
        devices: DEVICES,
        changes: [
          {
            may: 'now',
            action: 'iot:Publish',
            resource: 'topic/rtjm/*',
            example: 'topic/rtjm/<another device>/telemetry',
            detached: false,
          },
        ],
      },
    ],
    dangers: [danger('replaced', 'TimeSeries', 'AWS::DynamoDB::Table', TELEMETRY)],
    resources: [expect.objectContaining({ name: 'TimeSeries', change: 'replaced' })],
  });
  const reach = DEVICES.map((name) => ({
    rule: 'iot-policy-reach',
    construct: `fleet-site-home/${name}/Policy/Resource`,
  }));
  const lost = [1, 2].map(() => ({ severity: 'error', rule: 'topic-rule-error-action' }));
  expect(findings.removed).toEqual([]);
  expect(findings.added).toHaveLength(reach.length + lost.length);
  expect(findings.added).toEqual(
    expect.arrayContaining([...reach, ...lost].map((each): unknown => expect.objectContaining(each))),
  );
  expect(rules.map(({ rule, change, errorAction }) => [rule, change, errorAction])).toEqual([
    ['fleet_telemetry', 'changed', 'removed'],
    ['fleet_telemetry_raw', 'changed', 'removed'],
  ]);
  for (const { rows } of rules) {
    expect(JSON.parse(rows.before)).toMatchObject({ device: 'kitchen-sensor' });
    expect(JSON.parse(rows.after)).toMatchObject({ device: 'rtjm' });
  }
  expect(code).toBe(2);
});

test('a dependency is bumped: the base gets packages of its own', async () => {
  const version = /("node_modules\/zod": \{\s*"version": )"([^"]+)"/;
  repository.replace('package-lock.json', version, '$1"99.0.0"');
  const { code, report, stderr } = await changes();
  expect(report).toEqual(nothing);
  expect(code).toBe(0);
  expect(stderr).toBe(
    "fleet: package-lock.json is not that of the base: installing the base's packages (npm ci) ...\n",
  );
  expect(repository.npmCalls()).toEqual(['ci --no-audit --no-fund --loglevel=error']);
});

test('what others have done on main since is none of it', async () => {
  repository.git('checkout', '--quiet', '-b', 'branch');
  repository.replace(HOME, 'garage-door', 'garage');
  repository.git(
    '-c',
    'user.name=t',
    '-c',
    'user.email=t@example.com',
    'commit',
    '--quiet',
    '--all',
    '--message=others',
  );
  repository.git('branch', '--force', 'others');
  repository.git('reset', '--quiet', '--hard', 'main');
  const { code, stdout } = await repository.review('--base', 'others');
  expect(stdout).toContain('Nothing that is deployed changes; compared with others.');
  expect(code).toBe(0);
});

test('a fleet file that does not pass: one line, exit 1', async () => {
  repository.write(HOME, 'devices:\n  a: { board: esp99 }\n');
  const { code, stdout, stderr } = await repository.review();
  expect(stderr).toContain(
    'fleet/home.yaml:2: board "esp99" is not known; allowed: esp8266, esp32, esp32-c3, esp32-s3, esp32-c6',
  );
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

test('Ctrl-C ends a review in good order', async () => {
  const running = repository.start();
  await vi.waitUntil(() => repository.leftovers().some((left) => left.startsWith('worktree')), { timeout: 60_000 });
  running.interrupt();
  expect(await running.finished).toEqual({ code: 1, stdout: '', stderr: 'fleet: interrupted\n' });
});

// What is missing elsewhere is the command that makes a terminal.
test.skipIf(process.platform !== 'linux')('so it does on a terminal, where it shows that it works', async () => {
  const { code, stdout } = await repository.interruptOnTerminal('Synthesising base and head');
  expect(stripVTControlCharacters(stdout)).toMatch(/fleet: interrupted\r\n$/);
  expect(code).toBe(1);
});

test('what a killed review has left goes with the next one, and what a running one has stays', async () => {
  repository.leaveBehind(spawnSync('true').pid);
  const kept = repository.leaveBehind(process.pid);
  await repository.review();
  expect(repository.leftovers()).toEqual([basename(kept), `worktree ${join(kept, 'base')}`]);
  rmSync(kept, { recursive: true });
  repository.git('worktree', 'prune');
});

test('the example in docs/review.md is what the command says today; npm run review-example writes it anew', async () => {
  const page = readFileSync('docs/review.md', 'utf8');
  expect(page).toBe(await pageWithExample(page));
});
