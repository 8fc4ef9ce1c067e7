import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FleetNames } from '../../../lib/fleet/names.ts';
import { readFleet } from '../../../lib/fleet/read.ts';
import { newRequest } from '../../lib/fleet/certificate-requests.ts';
import { inTemporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import {
  attached,
  certificateId,
  certificateOf,
  cloudFormation,
  iot,
  siteDeployed,
  ssm,
  stored,
  telemetryDeployed,
  thingHas,
} from '../deployed.ts';
import { connectedBy, doubles, dynamoDB } from '../doubles.ts';
import { runFleet } from '../run-fleet.ts';

/* `fleet rotate` and `fleet rotate --finish`: both are an edit of the fleet file, and nothing else. */

const [request, another] = [await newRequest(), await newRequest()];

const fileWith = (keys: string) => `devices:
  # the tall one
  kitchen: { board: esp8266${keys} } # by the window
  shed: { board: esp32, revoked: true }
`;

beforeEach(() => {
  doubles();
  inTemporaryFleet({ '.gitignore': '*.key\n', 'a.csr': request, 'b.csr': another, [FILE]: fileWith('') });
  execFileSync('git', ['init', '--quiet']);
});
afterEach(() => {
  // Whatever it is told: nothing but the fleet file changes.
  for (const { args } of [...iot.calls(), ...ssm.calls(), ...cloudFormation.calls()]) {
    expect(args[0].constructor.name).toMatch(/^(Get|List|Describe)/);
  }
});

const FILE = 'fleet/home.yaml';
const fleetSays = (keys: string) => writeFileSync(FILE, fileWith(keys));
const text = () => readFileSync(FILE, 'utf8');
const rotate = (...argv: string[]) => runFleet(['rotate', ...argv]);

/** Generation 1 of the kitchen is deployed, of digit a. */
function deployed(status: 'ACTIVE' | 'INACTIVE' | 'REVOKED' = 'ACTIVE', key: string | undefined = 'KEY'): void {
  siteDeployed('home', ['kitchen', 'shed'], 'a');
  thingHas('kitchen', { a: status });
  stored('home/kitchen/1', { key, certificate: certificateOf('a') });
}

/** Generation 2 is deployed as well, of digit b. */
function bothDeployed(status: 'ACTIVE' | 'INACTIVE' | 'REVOKED' = 'ACTIVE'): void {
  deployed();
  fleetSays(', generations: [1, 2]');
  siteDeployed('home', ['kitchen', 'shed'], 'ab');
  thingHas('kitchen', { a: 'ACTIVE', b: status });
  stored('home/kitchen/2', { key: 'KEY', certificate: certificateOf('b') });
}

test('adds a generation, and says what comes next', async () => {
  deployed();
  const { code, stdout, stderr } = await rotate('kitchen');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(text()).toBe(fileWith(', generations: [1, 2]'));
  expect(stdout).toBe(`✓ ${FILE} says generations: [1, 2]
Next:
  commit it, and deploy it: npx cdk deploy --all
  flash the board with its new identity: bin/fleet flash kitchen
  take the old identity away: bin/fleet rotate kitchen --finish
`);
});

test.each<[string, () => void]>([
  ['', () => deployed()],
  [
    ', of an identity whose record is lost',
    () => {
      deployed();
      stored('home/kitchen/1', { key: undefined, certificate: undefined });
    },
  ],
  [', of a REVOKED identity', () => deployed('REVOKED')],
])('twice before it is deployed adds one%s', async (_, prepare) => {
  prepare();
  await rotate('kitchen');
  const once = text();
  expect(once).not.toBe(fileWith(''));
  const { code, stdout } = await rotate('kitchen');
  expect(code).toBe(0);
  expect(stdout).toMatch(/says generations: \[.*2\] already, which is not deployed yet/);
  expect(text()).toBe(once);
});

test.each<[string, () => void, string]>([
  ['a key type', () => (deployed(), fleetSays(', keyType: rsa')), ', keyType: rsa, generations: [1, 2]'],
  [
    'an identity that was finished',
    () => {
      deployed();
      fleetSays(', generations: [8]');
      stored('home/kitchen/8', { key: 'KEY', certificate: certificateOf('a') });
      stored('home/kitchen/1', { key: undefined, certificate: undefined });
    },
    ', generations: [8, 9]',
  ],
  ['an identity that cannot connect', () => deployed('REVOKED'), ', generations: [2]'],
  [
    'an identity whose record is lost, but which a board may use',
    () => {
      deployed();
      stored('home/kitchen/1', { certificate: undefined });
    },
    ', generations: [1, 2]',
  ],
  [
    'an identity that is gone',
    () => {
      deployed();
      stored('home/kitchen/1', { key: undefined, certificate: undefined });
      thingHas('kitchen', {});
    },
    ', generations: [2]',
  ],
  ['a newest one of two that cannot connect', () => bothDeployed('REVOKED'), ', generations: [1, 3]'],
])('goes on from %s', async (_, prepare, keys) => {
  prepare();
  const { code, stdout } = await rotate('kitchen');
  expect(code).toBe(0);
  expect(text()).toBe(fileWith(keys));
  expect(stdout.includes('--finish')).toBe(/\[.*,/.test(keys));
});

describe('a device that keeps its own key', () => {
  test('gives its request', async () => {
    deployed('ACTIVE', undefined);
    fleetSays(', csr: a.csr');
    const { code, stdout } = await rotate('kitchen', '--csr', 'b.csr');
    expect(code).toBe(0);
    expect(text()).toBe(fileWith(', csr: { 1: a.csr, 2: b.csr }, generations: [1, 2]'));
    expect(stdout).toContain('  give the board its new certificate\n');
  });

  test('from now on: a request beside a key of the cloud', async () => {
    deployed();
    fleetSays(', keyType: rsa');
    await rotate('kitchen', '--csr', 'b.csr');
    expect(text()).toBe(fileWith(', keyType: { 1: rsa }, generations: [1, 2], csr: { 2: b.csr }'));
    expect(readFleet('fleet', new FleetNames())[0]?.devices[0]?.generations).toMatchObject([
      { keyType: 'rsa' },
      { csr: { path: 'b.csr' } },
    ]);
  });

  test('has its key made on this machine', async () => {
    deployed('ACTIVE', undefined);
    fleetSays(', csr: a.csr');
    const { code, stdout } = await rotate('kitchen', '--local-key');
    expect(code).toBe(0);
    expect(text()).toBe(fileWith(', csr: { 1: a.csr, 2: devices/kitchen-2.csr }, generations: [1, 2]'));
    expect(stdout).toContain('✓ devices/kitchen-2.key is the private key; keep it, it is nowhere else\n');
    expect(stdout).toContain('identity: bin/fleet flash kitchen --key devices/kitchen-2.key\n');
    expect(stdout).not.toContain('PRIVATE');
    expect(readFleet('fleet', new FleetNames())[0]?.devices[0]?.generations[1]?.csr?.path).toBe(
      'devices/kitchen-2.csr',
    );
  });

  test.each<[string, string[], string]>([
    [
      'no request',
      [],
      'kitchen keeps its own key; give it a new one, and its request: --csr FILE, or have it made here: --local-key',
    ],
    [
      'the key it has',
      ['--csr', 'a.csr'],
      '--csr: a.csr is for the key of generation 1; make a new key, and its request',
    ],
    [
      'no such file',
      ['--csr', 'c.csr'],
      'fleet/home.yaml:3: csr "c.csr" cannot be read; allowed: the path of a file, from the folder that has cdk.json',
    ],
    [
      'two answers',
      ['--csr', 'b.csr', '--local-key'],
      "option '--csr <file>' cannot be used with option '--local-key'; see: bin/fleet rotate --help",
    ],
    [
      'a key to finish with',
      ['--local-key', '--finish'],
      "option '--local-key' cannot be used with option '--finish'; see: bin/fleet rotate --help",
    ],
  ])('is refused with %s, and nothing changes', async (_, argv, message) => {
    deployed('ACTIVE', undefined);
    fleetSays(', csr: a.csr');
    expect(await rotate('kitchen', ...argv)).toEqual({ code: 1, stdout: '', stderr: `fleet: ${message}\n` });
    expect(text()).toBe(fileWith(', csr: a.csr'));
    expect(existsSync('devices')).toBe(false);
  });

  test('is told that a generation waits already', async () => {
    deployed('ACTIVE', undefined);
    fleetSays(', generations: [1, 2], csr: { 1: a.csr, 2: b.csr }');
    const { code, stderr } = await rotate('kitchen', '--local-key');
    expect(stderr).toBe(
      `fleet: ${FILE} says generations: [1, 2] already, which is not deployed yet; deploy it first, or give it its csr ` +
        'there, without --local-key\n',
    );
    expect(code).toBe(1);
  });
});

test.each<[string, string, () => void, RegExp]>([
  [
    'revoked',
    'shed',
    () => undefined,
    /^fleet: shed is revoked \(.*home\.yaml\); for a new identity, take "revoked" away there first/,
  ],
  ['unknown', 'shop', () => undefined, /^fleet: no device "shop" in /],
  [
    'not deployed',
    'kitchen',
    () => siteDeployed('home', []),
    /^fleet: device "kitchen" is not deployed; run: npx cdk deploy --all/,
  ],
  [
    'rotating',
    'kitchen',
    () => bothDeployed(),
    /^fleet: kitchen still has its identity of generation 1 beside the newer one; once its board uses that, run: bin\/fleet rotate kitchen --finish\n$/,
  ],
])('%s: refused, and nothing changes', async (_, device, prepare, message) => {
  prepare();
  const before = text();
  const { code, stderr } = await rotate(device);
  expect(stderr).toMatch(message);
  expect(code).toBe(1);
  expect(text()).toBe(before);
});

describe('--finish', () => {
  const connected = (digit: string) => connectedBy('kitchen', certificateId(digit), Date.parse('2026-02-01T00:00:00Z'));

  /** And the board has used the newest one. */
  function rotated(): void {
    bothDeployed();
    telemetryDeployed({ UsedIdentitiesTableName: 'used' });
    attached('b', ['kitchen'], ['kitchen']);
    connected('b');
  }

  test('takes the older generation out of the file, and says what a deployment does', async () => {
    rotated();
    const { code, stdout, stderr } = await rotate('kitchen', '--finish');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(text()).toBe(fileWith(', generations: [2]'));
    expect(stdout).toBe(`local cloud at 127.0.0.1:1
✓ ${FILE} says generations: [2]
Next:
  commit it, and deploy it: npx cdk deploy --all; then a board that still uses generation 1 cannot connect any more
`);
  });

  test.each([
    [', generations: [1, 2], keyType: { 1: ec, 2: rsa }', ', generations: [2], keyType: rsa'],
    [', generations: [1, 2], keyType: { 1: rsa }', ', generations: [2], keyType: ec'],
    [', generations: [1, 2], csr: { 1: a.csr, 2: b.csr }', ', generations: [2], csr: b.csr'],
    [', keyType: { 1: rsa }, generations: [1, 2], csr: { 2: b.csr }', ', generations: [2], csr: b.csr'],
  ])('keeps what the newest is made of: %s', async (before, after) => {
    rotated();
    fleetSays(before);
    expect((await rotate('kitchen', '--finish')).code).toBe(0);
    expect(text()).toBe(fileWith(after));
    readFleet('fleet', new FleetNames());
  });

  const STAYS = 'so the one before stays; see: bin/fleet doctor';
  test.each<[string, () => void, string]>([
    ['one generation', () => fleetSays(''), 'kitchen has no generation beside its newest one: nothing to finish'],
    [
      'the newest INACTIVE',
      () => thingHas('kitchen', { a: 'ACTIVE', b: 'INACTIVE' }),
      `the identity of generation 2 of kitchen has certificate bbbbbbbb, which is INACTIVE, ${STAYS}`,
    ],
    [
      'the newest not deployed',
      () => stored('home/kitchen/2', { certificate: undefined }),
      'generation 2 of kitchen is not deployed yet, or its record is lost; run: npx cdk deploy --all, or see: bin/fleet doctor',
    ],
    [
      'the newest without its certificate',
      () => stored('home/kitchen/2', { certificate: certificateOf('d') }),
      `the identity of generation 2 of kitchen has no certificate, ${STAYS}`,
    ],
    [
      'the newest detached from the thing',
      () => attached('b', [], ['kitchen']),
      `the identity of generation 2 of kitchen has certificate bbbbbbbb, which is not attached to its thing, ${STAYS}`,
    ],
    [
      'the newest without a policy',
      () => attached('b', ['kitchen'], []),
      `the identity of generation 2 of kitchen has certificate bbbbbbbb, which has no policy, ${STAYS}`,
    ],
    [
      'a deployment under way, which might go back to it',
      () =>
        cloudFormation.on(DescribeStacksCommand, { StackName: 'fleet-site-home' }).resolves({
          Stacks: [{ StackName: 'fleet-site-home', CreationTime: new Date(0), StackStatus: 'UPDATE_IN_PROGRESS' }],
        }),
      'the site home is being deployed; wait until that is done, and try again',
    ],
  ])('is refused, even with --yes: %s', async (_, differ, message) => {
    rotated();
    differ();
    const before = text();
    expect(await rotate('kitchen', '--finish', '--yes')).toEqual({
      code: 1,
      stdout: '',
      stderr: `fleet: ${message}\n`,
    });
    expect(text()).toBe(before);
  });

  test.each<[string, () => void, RegExp]>([
    [
      'its last connection was by the older one',
      () => connected('a'),
      /kitchen connected last by certificate aaaaaaaa \(2026-0[12]-.*\), and not by its newest identity, bbbbbbbb/,
    ],
    [
      'it has not connected since that is recorded',
      () => dynamoDB.on(GetItemCommand).resolves({}),
      /kitchen has not connected by its newest identity yet, certificate bbbbbbbb/,
    ],
    [
      'the record says no certificate',
      () => dynamoDB.on(GetItemCommand).resolves({ Item: { client: { S: 'kitchen' }, connected: { N: '1' } } }),
      /kitchen has not connected by its newest identity yet, certificate bbbbbbbb/,
    ],
    [
      'nothing records it',
      () => telemetryDeployed(),
      /fleet-telemetry does not record yet by which identity kitchen connects/,
    ],
  ])('refused, and with --yes done after a warning: %s', async (_, differ, doubt) => {
    rotated();
    differ();
    const refused = await rotate('kitchen', '--finish');
    const what =
      'flash the board with its new identity: bin/fleet flash kitchen; or if you are sure that it has it, add --yes';
    expect(refused.stderr).toMatch(new RegExp(`^fleet: ${doubt.source}; ${what}\n$`));
    expect([refused.code, refused.stdout]).toEqual([1, 'local cloud at 127.0.0.1:1\n']);
    expect(text()).toBe(fileWith(', generations: [1, 2]'));

    const done = await rotate('kitchen', '--finish', '--yes');
    expect(done.stderr).toMatch(new RegExp(`^! ${doubt.source}`));
    expect(done.code).toBe(0);
    expect(text()).toBe(fileWith(', generations: [2]'));
  });

  test('what to do first is what succeeds: a second board of a chip has a header of its own, and a board with a CSR none', async () => {
    rotated();
    connected('a');
    writeFileSync(FILE, `${text()}  loft: { board: esp8266 }\n`);
    const { stderr } = await rotate('kitchen', '--finish');
    expect(stderr).toContain('identity: bin/fleet flash kitchen --force; or if');
    fleetSays(', generations: [1, 2], csr: { 1: a.csr, 2: b.csr }');
    expect((await rotate('kitchen', '--finish')).stderr).toContain('; give the board its new certificate; or if');
  });
});
