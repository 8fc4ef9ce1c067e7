import { readFileSync } from 'node:fs';
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

test('a device is added', async () => {
  repository.replace(HOME, /$/, '  attic: { board: esp32 }\n');
  const { code, report } = await changes(3);
  expect(report).toEqual({ ...nothing, devices: { ...nothing.devices, added: [device('attic')] } });
  expect(code).toBe(0);
});

test('a device is removed', async () => {
  repository.replace(HOME, /^ {2}garage-door.*\n/m, '');
  const { code, report } = await changes(1);
  expect(report).toEqual({
    ...nothing,
    devices: { ...nothing.devices, removed: [device('garage-door')] },
    dangers: [danger('deleted', 'garage-door')],
  });
  expect(code).toBe(2);
});

test('a device is revoked', async () => {
  repository.replace(HOME, 'garage-door: { board: esp32', 'garage-door: { board: esp32, revoked: true');
  const { stdout, code } = await repository.review('--format', 'json');
  const { sites, cost, base, ...report } = JSON.parse(stdout) as Report;
  expect(report).toEqual({
    ...nothing,
    devices: { ...nothing.devices, revoked: [device('garage-door')] },
    dangers: [danger('revoked', 'garage-door')],
  });
  expect(base).toMatchObject({ ref: 'main' });
  expect(sites).toMatchObject([{ devices: 2 }]);
  expect(cost.after).toBeLessThan(cost.before); // it sends nothing any more
  expect(code).toBe(2);
});

test('a device is rotated', async () => {
  repository.replace(HOME, 'garage-door: { board: esp32', 'garage-door: { board: esp32, generations: [1, 2]');
  const { code, report } = await changes();
  const rekeyed = [{ ...device('garage-door'), by: 'rotated', why: 'generations 1 → 1, 2', gone: [] }];
  expect(report).toEqual({ ...nothing, devices: { ...nothing.devices, rekeyed } });
  expect(code).toBe(0);
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

test('a policy is widened by hand', async () => {
  repository.replace('lib/device/device-policy.ts', /`\$\{names\.telemetryTopic\(device\)\}\/\*`/, "'rtjm/*'");
  const { code, report } = await changes();
  expect(report).toEqual({
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
    findings: {
      removed: [],
      added: DEVICES.map((name): unknown =>
        expect.objectContaining({ rule: 'iot-policy-reach', construct: `fleet-site-home/${name}/Policy/Resource` }),
      ),
    },
  });
  expect(code).toBe(0);
});

test('the key of the table is changed', async () => {
  repository.replace('lib/telemetry/time-series-table.ts', 'name: ARRIVAL_COLUMN', "name: 'moment'");
  const { code, report } = await changes();
  expect(report).toEqual({
    ...nothing,
    dangers: [danger('replaced', 'TimeSeries', 'AWS::DynamoDB::Table', TELEMETRY)],
    resources: [expect.objectContaining({ name: 'TimeSeries', change: 'replaced' })],
  });
  expect(code).toBe(2);
});

test('the error action is dropped', async () => {
  repository.replace('lib/telemetry/telemetry-rule.ts', /^ *errorAction: .*\n/m, '');
  const { code, report } = await changes();
  const rules = ['fleet_telemetry', 'fleet_telemetry_raw'];
  expect(report).toEqual({
    ...nothing,
    rules: rules.map((rule) => ({ rule, change: 'changed', errorAction: 'removed', members: [] })),
    findings: {
      removed: [],
      added: rules.map((): unknown => expect.objectContaining({ severity: 'error', rule: 'topic-rule-error-action' })),
    },
  });
  expect(code).toBe(0);
});

test('the SQL of the rules is changed', async () => {
  repository.replace('lib/telemetry/telemetry-rule.ts', /^ *sql,$/m, "sql: sql.replace('topic(2)', 'topic(1)'),");
  const { code, report } = await changes();
  const { rules, ...others } = report as { rules: { rule: string; rows: { before: string; after: string } }[] };
  expect({ ...others, rules: [] }).toEqual(nothing);
  expect(rules.map(({ rule }) => rule)).toEqual(['fleet_telemetry', 'fleet_telemetry_raw']);
  for (const { rows } of rules) {
    expect(JSON.parse(rows.before)).toMatchObject({ device: 'kitchen-sensor' });
    expect(JSON.parse(rows.after)).toMatchObject({ device: 'rtjm' });
  }
  expect(code).toBe(0);
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

test('the example in docs/review.md is what the command says today; npm run review-example writes it anew', async () => {
  const page = readFileSync('docs/review.md', 'utf8');
  expect(page).toBe(await pageWithExample(page));
});
