import 'reflect-metadata'; // before @peculiar/x509, which cannot be loaded without it
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { FleetNames } from '../../../lib/fleet/names.ts';
import { readFleet } from '../../../lib/fleet/read.ts';
import { inTemporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import { runFleet } from '../run-fleet.ts';

const HOME = `# ours
devices:
  kitchen: { board: esp8266 } # by the window
`;

const start = process.cwd();
let folder: string;
beforeEach(() => {
  folder = inTemporaryFleet({ '.gitignore': '*.key\n', 'fleet/home.yaml': HOME });
  execFileSync('git', ['init', '--quiet']);
});

const add = (...argv: string[]) => runFleet(['add', ...argv]);
const homeFile = () => readFileSync('fleet/home.yaml', 'utf8');

test('an entry below the others, comments kept, and what comes next', async () => {
  const { code, stdout, stderr } = await add('garage', '--board', 'esp32');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(homeFile()).toBe(`${HOME}  garage: { board: esp32 }\n`);
  expect(stdout).toBe(`✓ fleet/home.yaml has garage
Next:
  commit fleet/home.yaml
  npx cdk deploy --all
  plug its board in: bin/fleet flash garage
  or flash it your way: bin/fleet secrets garage
`);
});

test('of a device whose board makes its key, all steps to its enrolment come next', async () => {
  const { stdout } = await add('garage', '--board', 'esp32', '--key', 'board');
  expect(stdout).toContain(`  npx cdk deploy --all
  plug its board in: bin/fleet flash garage
  or your way: bin/fleet enrol --header (once a fleet), flash the example Enrolled (docs/enrolment.md), and then: bin/fleet enrol garage
`);
});

describe('the steps that give the board its identity work as printed: a sketch holds that of one board,', () => {
  const step = async (name: string, board: string) =>
    (await add(name, '--board', board)).stdout.split('\n').slice(-3, -1);
  const header = (family: string, thing: string) => {
    mkdirSync(`firmware/${family}-telemetry`, { recursive: true });
    writeFileSync(`firmware/${family}-telemetry/secrets.h`, `#define THING_NAME "${thing}"\n`);
  };

  test('and a second one of a chip gets a file of its own', async () => {
    expect(await step('garage', 'esp32')).toEqual([
      '  plug its board in: bin/fleet flash garage',
      '  or flash it your way: bin/fleet secrets garage',
    ]);
    expect(await step('shed', 'esp8266')).toEqual([
      '  plug its board in: bin/fleet flash shed --force',
      '  or flash it your way: bin/fleet secrets shed --out secrets/shed/secrets.h',
    ]);
    // The chips of a family have one sketch.
    expect(await step('gate', 'esp32-c3')).toEqual([
      '  plug its board in: bin/fleet flash gate --force',
      '  or flash it your way: bin/fleet secrets gate --out secrets/gate/secrets.h',
    ]);
  });

  test('so does one whose sketch has the identity of a device that is not in the fleet any more', async () => {
    header('esp32', 'barn');
    expect(await step('garage', 'esp32')).toEqual([
      '  plug its board in: bin/fleet flash garage --force',
      '  or flash it your way: bin/fleet secrets garage --out secrets/garage/secrets.h',
    ]);
  });

  test('but not one whose sketch has its own', async () => {
    header('esp8266', 'shed');
    expect(await step('shed', 'esp8266')).toEqual([
      '  plug its board in: bin/fleet flash shed',
      '  or flash it your way: bin/fleet secrets shed',
    ]);
  });
});

test('with a key type', async () => {
  await add('garage', '--board', 'esp32', '--key-type', 'rsa');
  expect(homeFile()).toBe(`${HOME}  garage: { board: esp32, keyType: rsa }\n`);
});

test('to the site that is named', async () => {
  writeFileSync('fleet/farm.yaml', 'devices:\n  barn: { board: esp32 }\n');
  const unsure = await add('garage', '--board', 'esp32');
  expect(unsure).toEqual({ code: 1, stdout: '', stderr: 'fleet: which site? add --site and one of: farm, home\n' });
  await add('garage', '--board', 'esp32', '--site', 'farm');
  expect(readFleet('fleet', new FleetNames())[0]?.devices.map(({ name }) => name)).toEqual(['barn', 'garage']);
  expect(homeFile()).toBe(HOME);
});

describe('to a site that is not there yet: its file is made,', () => {
  const farmFile = () => readFileSync('fleet/farm.yaml', 'utf8');

  test('and that is said', async () => {
    const { code, stdout } = await add('barn', '--board', 'esp32', '--key-type', 'rsa', '--site', 'farm');
    expect(farmFile()).toBe('devices:\n  barn: { board: esp32, keyType: rsa }\n');
    expect(readFleet('fleet', new FleetNames()).map(({ name }) => name)).toEqual(['farm', 'home']);
    expect(stdout).toContain(
      '✓ fleet/farm.yaml is new, a site of its own, and has barn\nNext:\n  commit fleet/farm.yaml\n',
    );
    expect([code, homeFile()]).toEqual([0, HOME]);
  });

  test('with the line by which editors find the schema, where that is', async () => {
    writeFileSync('fleet.schema.json', '{}');
    await add('barn', '--board', 'esp32', '--site', 'farm');
    expect(farmFile()).toBe(
      '# yaml-language-server: $schema=../fleet.schema.json\ndevices:\n  barn: { board: esp32 }\n',
    );
  });

  test('also as the first one of a fleet, with a key that is made here', async () => {
    rmSync('fleet/home.yaml');
    expect((await add('barn', '--board', 'esp32', '--site', 'farm', '--local-key')).code).toBe(0);
    expect(farmFile()).toBe('devices:\n  barn: { board: esp32, csr: devices/barn.csr }\n');
    expect(readFleet('fleet', new FleetNames())).toHaveLength(1);
  });

  test('and without --site, no fleet file is a mistake', async () => {
    rmSync('fleet/home.yaml');
    expect((await add('barn', '--board', 'esp32')).stderr).toBe(
      'fleet: fleet/: no fleet file here; it holds one YAML file a site, such as home.yaml\n',
    );
  });
});

test.each([
  [['kitchen', '--board', 'esp32'], 'kitchen stands in fleet/home.yaml already'],
  [
    ['Kitchen', '--board', 'esp32'],
    '"Kitchen" is no name for a device; allowed: 1 to 64 characters of a-z, 0-9 and "-"',
  ],
  [
    ['garage', '--board', 'esp32', '--site', '../farm'],
    '"../farm" is no name for a site; allowed: 1 to 64 characters of a-z, 0-9 and "-"',
  ],
  [['garage'], "required option '--board <board>' not specified; see: bin/fleet add --help"],
  [
    ['garage', '--board', 'esp64'],
    "option '--board <board>' argument 'esp64' is invalid. Allowed choices are esp8266, esp32, esp32-c3, esp32-s3, esp32-c6; see: bin/fleet add --help",
  ],
])('%j: one line, and nothing changes', async (argv, message) => {
  expect(await add(...argv, '--local-key')).toEqual({ code: 1, stdout: '', stderr: `fleet: ${message}\n` });
  expect(homeFile()).toBe(HOME);
  expect(existsSync('devices')).toBe(false);
});

describe('--local-key', () => {
  test.each([
    ['ec', { asymmetricKeyType: 'ec', asymmetricKeyDetails: { namedCurve: 'prime256v1' } }],
    ['rsa', { asymmetricKeyType: 'rsa', asymmetricKeyDetails: { modulusLength: 2048 } }],
  ])('makes an %s key that its owner alone can read, and a request that it signed', async (keyType, kind) => {
    const { code, stdout, stderr } = await add('garage', '--board', 'esp32', '--key-type', keyType, '--local-key');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(homeFile()).toBe(`${HOME}  garage: { board: esp32, csr: devices/garage.csr }\n`);
    expect(statSync('devices/garage.key').mode & 0o777).toBe(0o600);

    const key = createPrivateKey(readFileSync('devices/garage.key', 'utf8'));
    expect(key).toMatchObject(kind);
    const request = new Pkcs10CertificateRequest(readFileSync('devices/garage.csr', 'utf8'));
    expect(await request.verify()).toBe(true);
    expect(request.subject).toBe('CN=garage');
    expect(Buffer.from(request.publicKey.rawData)).toEqual(
      createPublicKey(key).export({ type: 'spki', format: 'der' }),
    );
    // The file that the deployment reads.
    expect(readFleet('fleet', new FleetNames())[0]?.devices[1]?.generations[0]?.csr?.pem).toContain(
      'BEGIN CERTIFICATE REQUEST',
    );

    expect(stdout).toContain('  commit fleet/home.yaml and devices/garage.csr\n');
    expect(stdout).not.toContain('PRIVATE');
    const tracked = execFileSync('git', ['status', '--porcelain', '-uall'], { encoding: 'utf8' });
    expect(tracked).toContain('devices/garage.csr');
    expect(tracked).not.toContain('garage.key');
  });

  test('is refused where git would track the key', async () => {
    writeFileSync('.gitignore', '');
    const { code, stderr } = await add('garage', '--board', 'esp32', '--local-key');
    expect(stderr).toContain('fleet: git would track devices/garage.key, which is to hold a private key;');
    expect(code).toBe(1);
    expect(existsSync('devices')).toBe(false);
    expect(homeFile()).toBe(HOME);
  });

  test.each(['garage.key', 'garage.csr'])('never overwrites %s', async (name) => {
    mkdirSync('devices');
    writeFileSync(join('devices', name), 'precious');
    const { code, stderr } = await add('garage', '--board', 'esp32', '--local-key');
    expect(stderr).toBe(`fleet: devices/${name} is there already; move it away if garage is to get a new key\n`);
    expect(code).toBe(1);
    expect(readFileSync(join('devices', name), 'utf8')).toBe('precious');
    expect(readdirSync('devices')).toEqual([name]);
    expect(homeFile()).toBe(HOME);
  });

  test('leaves no key behind when the fleet file cannot be edited', async () => {
    const file = join('fleet', 'home.yaml');
    const odd = 'devices: {kitchen: {board: esp8266,},}\n';
    writeFileSync(file, odd);
    chmodSync('fleet', 0o700);
    onTestFinished(() => chmodSync(join(folder, 'fleet'), 0o700));
    mkdirSync(`fleet/.${process.pid}.tmp`); // in the way of the draft
    expect(await add('garage', '--board', 'esp32', '--local-key')).toMatchObject({ code: 1 });
    expect(readFileSync(file, 'utf8')).toBe(odd);
    expect(existsSync('devices/garage.key') || existsSync('devices/garage.csr')).toBe(false);
  });
});

/* A limit on the length of files stands for a full disk: a write fails in the middle, whoever the user is. */
describe.skipIf(process.platform === 'win32')('where no more can be written', () => {
  const limited = (blocks: number, ...argv: string[]) =>
    spawnSync(
      'bash',
      ['-c', `ulimit -f ${blocks} && exec "$@"`, '-', process.execPath, join(start, 'bin/fleet.mjs'), ...argv],
      {
        encoding: 'utf8',
      },
    );
  const files = () => ['.', 'fleet', 'devices'].flatMap((one) => (existsSync(one) ? readdirSync(one) : []));

  test.each([[[]], [['--local-key']]])('the fleet file stays, and nothing is half done: %j', (options) => {
    const long = `${HOME}# ${'x'.repeat(1_024)}\n`;
    writeFileSync('fleet/home.yaml', long);
    const before = files();
    const { status, stdout, stderr } = limited(1, 'add', 'garage', '--board', 'esp32', ...options);
    expect(stderr).toMatch(
      /^fleet: no larger file may be written here \(fleet\/home\.yaml: EFBIG.*\); raise the limit, then try again\n$/,
    );
    expect([status, stdout]).toEqual([1, '']);
    expect(homeFile()).toBe(long);
    expect(files().filter((name) => name !== 'devices')).toEqual(before);
  });

  test('a new fleet file that does not fit is not begun', () => {
    const { status, stderr } = limited(0, 'add', 'barn', '--board', 'esp32', '--site', 'farm');
    expect(stderr).toMatch(/^fleet: no larger file may be written here \(fleet\/farm\.yaml: EFBIG.*\n$/);
    expect(status).toBe(1);
    expect(readdirSync('fleet')).toEqual(['home.yaml']);
  });

  test('a key that does not fit leaves neither key nor request', () => {
    const { status, stderr } = limited(0, 'add', 'garage', '--board', 'esp32', '--local-key');
    expect(stderr).toMatch(
      /^fleet: cannot write devices\/garage\.key: no larger file may be written here \(EFBIG.*\n$/,
    );
    expect(status).toBe(1);
    expect(readdirSync('devices')).toEqual([]);
    expect(homeFile()).toBe(HOME);
  });
});
