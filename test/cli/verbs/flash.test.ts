import { DescribeEndpointCommand, ListAttachedPoliciesCommand, ListPrincipalThingsCommand } from '@aws-sdk/client-iot';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { FQBN } from '../../../cli/flash/flash-tools.ts';
import { BOARDS } from '../../../lib/fleet/schema.ts';
import { temporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import { certificateOf, iot, nothingDeployed, stored, telemetryDeployed, thingHas } from '../deployed.ts';
import { type Finished, runFleet } from '../run-fleet.ts';
import { row, timeSeriesTable } from '../time-series-table.ts';

/* The tools are programs of ours that write down what they were called with: neither is to be had in every CI. */

// In place of the root certificate of a local cloud, of which only the table is here.
vi.stubGlobal('fetch', () => Promise.resolve(new Response('-----BEGIN CERTIFICATE-----\nROOT\n')));

const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

let table: Awaited<ReturnType<typeof timeSeriesTable>>;
beforeAll(async () => {
  table = await timeSeriesTable();
});

let folder: string;
let bin: string;
let device: string;
let count = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flash-'));
  bin = join(folder, 'bin');
  mkdirSync(bin);
  vi.stubEnv('PATH', bin);
  vi.stubEnv('HOME', folder);
  device = `board-${++count}`; // with rows of its own
  nothingDeployed();
  telemetryDeployed();
  thingHas(device, { a: 'ACTIVE' });
  stored(`home/${device}/1`, { key: KEY, certificate: certificateOf('a', CERTIFICATE) });
  iot.on(DescribeEndpointCommand).resolves({ endpointAddress: 'x-ats.example.com' });
  iot.on(ListPrincipalThingsCommand).resolves({ things: [device] });
  iot.on(ListAttachedPoliciesCommand).resolves({ policies: [{ policyName: device }] });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Puts a program there. Its calls stand in a file, a JSON array a line. */
function installed(name: string, behaviour = ''): void {
  const script = `#!${process.execPath}
const argv = process.argv.slice(2);
require('node:fs').appendFileSync(${JSON.stringify(join(folder, 'calls'))}, JSON.stringify([${JSON.stringify(name)}, ...argv]) + '\\n');
const [verb] = argv;
const ports = (...addresses) => console.log(JSON.stringify({ detected_ports: addresses.map((address) => ({
  port: { address, protocol: address.startsWith('/') ? 'serial' : 'network' } })) }));
${behaviour}
if (verb === 'board') ports('/dev/ttyUSB7', '192.0.2.9');
if (verb === 'monitor' || verb === 'device') {
  console.log('Wi-Fi: connected\\u001b[2J');
  setTimeout(() => process.exit(3), 30000);
  process.on('SIGINT', () => process.exit(0));
}
`;
  writeFileSync(join(bin, name), script);
  chmodSync(join(bin, name), 0o755);
}

const calls = (): string[][] =>
  existsSync(join(folder, 'calls'))
    ? readFileSync(join(folder, 'calls'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as string[])
    : [];

/** The folder of a sketch, whose secrets.h knows the Wi-Fi already. */
function sketch(name = 'sketch', wifi = true): string {
  const path = join(folder, name);
  mkdirSync(path);
  if (wifi) {
    writeFileSync(
      join(path, 'secrets.h'),
      `#define WIFI_SSID "home"\n#define WIFI_PASSWORD "x"\n#define THING_NAME "${device}"\n`,
    );
  }
  return path;
}

function flash(board: string, ...argv: string[]): Promise<Finished> {
  return flashAsked(undefined, board, ...argv);
}

/** @param answer what a person types */
function flashAsked(answer: string | undefined, board: string, ...argv: string[]): Promise<Finished> {
  const fleet = temporaryFleet({ 'home.yaml': `devices:\n  ${device}: { board: ${board} }\n` });
  return runFleet(['flash', device, ...argv, '--fleet', fleet], { ...(answer !== undefined && { answer }) });
}

/** What the board sends once it was uploaded to: the row of its start, and one of before. */
async function boardStartsAfter(step: string): Promise<void> {
  await expect.poll(() => calls().some((call) => call.includes(step))).toBe(true);
  const now = Date.now();
  await table.put(
    row(device, now, { temperature: { N: '1' } }), // of a simulation that goes on, say
    { ...row(device, now + 1, { firmware: { S: '1.0.0' } }), full_topic: { S: `rtjm/${device}/start` } },
  );
}

describe('arduino-cli', () => {
  test('builds for the board of the fleet file, uploads to the only port, and follows until the first row', async () => {
    installed('arduino-cli');
    const path = sketch();
    await table.put({ ...row(device, Date.now() - 1_000, {}), full_topic: { S: `rtjm/${device}/start` } }); // an older life
    const [{ code, stdout, stderr }] = await Promise.all([
      flash('esp8266', '--sketch', path),
      boardStartsAfter('monitor'),
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const fqbn = ['--fqbn', 'esp8266:esp8266:d1_mini'];
    expect(calls()).toEqual([
      ['arduino-cli', 'board', 'list', '--json'],
      ['arduino-cli', 'compile', '--libraries', join('firmware', 'libraries'), ...fqbn, path],
      ['arduino-cli', 'upload', ...fqbn, '--port', '/dev/ttyUSB7', path],
      ['arduino-cli', 'monitor', '--port', '/dev/ttyUSB7', '--config', 'baudrate=115200', '--quiet'],
    ]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe(`Wrote ${join(path, 'secrets.h')}`);
    expect(lines).toContain('Wi-Fi: connected\\u001b[2J');
    expect(lines.at(-1)).toMatch(new RegExp(`${device} {2}rtjm/${device}/start {2}firmware="1.0.0"$`));
    const header = readFileSync(join(path, 'secrets.h'), 'utf8');
    expect(header).toContain(`#define THING_NAME "${device}"`);
    expect(header).toContain('#define WIFI_SSID "home"');
    expect(header).toContain('BEGIN PRIVATE KEY');
    expect(stdout).not.toContain('PRIVATE');
  });

  test('gets names with blanks, quotes and what shells would run as they are', async () => {
    installed('arduino-cli');
    const path = sketch(`my "first" sketch; touch $(echo x) 'y' \`z\``);
    const port = join(folder, `tty "a" 'b' $HOME; echo`);
    writeFileSync(port, '');
    const [{ code, stderr }] = await Promise.all([
      flash('esp32-c3', '--sketch', path, '--port', port),
      boardStartsAfter('monitor'),
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const fqbn = ['--fqbn', 'esp32:esp32:esp32c3:CDCOnBoot=cdc'];
    expect(calls()).toEqual([
      ['arduino-cli', 'compile', '--libraries', join('firmware', 'libraries'), ...fqbn, path],
      ['arduino-cli', 'upload', ...fqbn, '--port', port, path],
      ['arduino-cli', 'monitor', '--port', port, '--config', 'baudrate=115200', '--quiet'],
    ]);
  });

  test.each([
    ['ports()', 'arduino-cli sees no board; plug it in, or name its port: --port PORT'],
    ["ports('/dev/a', '/dev/b')", 'there are several ports; choose one: --port /dev/a, --port /dev/b'],
    ["console.log('nonsense')", 'arduino-cli sees no board; plug it in, or name its port: --port PORT'],
    ["console.error('no discovery'); process.exit(1)", /arduino-cli board list --json has failed: no discovery/],
  ])('where it sees %s, nothing is built', async (answer, message) => {
    installed('arduino-cli', `if (verb === 'board') { ${answer}; process.exit(0); }`);
    const { code, stderr } = await flash('esp32', '--sketch', sketch());
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
    expect(calls().map(([, verb]) => verb)).toEqual(['board']);
  });

  test('what it does not build it does not upload', async () => {
    installed('arduino-cli', `if (verb === 'compile') { console.error('esp32-door.ino:1: error'); process.exit(1); }`);
    const { code, stderr } = await flash('esp32', '--sketch', sketch(), '--port', '/dev/null');
    expect(stderr).toBe(
      'esp32-door.ino:1: error\nfleet: arduino-cli has failed (exit code 1); what it says stands above\n',
    );
    expect(code).toBe(1);
    expect(calls().map(([, verb]) => verb)).toEqual(['compile']);
  });
});

describe('PlatformIO', () => {
  test('builds the environment of the board, and finds the port itself', async () => {
    installed('pio');
    const path = sketch();
    const [{ code, stderr }] = await Promise.all([flash('esp32-s3', '--sketch', path), boardStartsAfter('device')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const project = ['--project-dir', path, '--environment', 'esp32-s3'];
    expect(calls()).toEqual([
      ['pio', 'run', ...project, '--target', 'upload'],
      ['pio', 'device', 'monitor', ...project, '--baud', '115200'],
    ]);
  });

  test('is found where its extension for editors puts it, and takes a port', async () => {
    bin = join(folder, '.platformio', 'penv', 'bin');
    mkdirSync(bin, { recursive: true });
    installed('pio');
    const path = sketch();
    const [{ code }] = await Promise.all([
      flash('esp8266', '--sketch', path, '--port', 'COM3'),
      boardStartsAfter('device'),
    ]);
    expect(code).toBe(0);
    expect(calls()[0]?.slice(-2)).toEqual(['--upload-port', 'COM3']);
    expect(calls()[1]?.slice(-2)).toEqual(['--port', 'COM3']);
  });

  test('goes on without a serial log, where its monitor wants a terminal', async () => {
    installed('pio', `if (verb === 'device') { console.error('termios.error'); process.exit(1); }`);
    const [{ code, stdout, stderr }] = await Promise.all([
      flash('esp8266', '--sketch', sketch()),
      boardStartsAfter('device'),
    ]);
    expect(stderr).toBe('termios.error\n! the serial log ended (exit code 1); still waiting for the row\n');
    expect(stdout).toMatch(/firmware="1.0.0"\n$/);
    expect(code).toBe(0);
  });
});

test('of two tools, the first unless another is asked for', async () => {
  installed('arduino-cli');
  installed('pio');
  expect((await flash('esp32', '--dry-run')).stdout).toMatch(/^\S*arduino-cli compile /);
  expect((await flash('esp32', '--dry-run', '--with', 'pio')).stdout).toMatch(/^\S*pio run /);
});

test('without a tool, the two ways to get one', async () => {
  const { code, stderr } = await flash('esp32', '--sketch', sketch());
  expect(stderr).toMatch(
    /^fleet: neither arduino-cli nor pio is installed; either get arduino-cli .*, or PlatformIO, .*\n$/,
  );
  expect(code).toBe(1);
  expect((await flash('esp32', '--with', 'pio')).stderr).toMatch(/^fleet: pio is not installed; /);
  // Where nothing is started, none is needed.
  expect((await flash('esp32', '--dry-run')).stdout).toMatch(/^arduino-cli compile /);
  expect((await flash('esp32', '--dry-run', '--with', 'pio')).stdout).toMatch(/^pio run /);
});

test('--dry-run prints the commands as a shell takes them, and does nothing', async () => {
  installed('arduino-cli');
  const path = sketch("it's mine", false);
  const { code, stdout, stderr } = await flash('esp32', '--dry-run', '--sketch', path, '--port', '/dev/ttyACM0');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const tool = join(bin, 'arduino-cli');
  const shown = `'${folder}/it'\\''s mine'`;
  expect(stdout).toBe(
    [
      `${tool} compile --libraries firmware/libraries --fqbn esp32:esp32:esp32 ${shown}`,
      `${tool} upload --fqbn esp32:esp32:esp32 --port /dev/ttyACM0 ${shown}`,
      `${tool} monitor --port /dev/ttyACM0 --config baudrate=115200 --quiet`,
      '',
    ].join('\n'),
  );
  expect(calls()).toEqual([]);
  expect(existsSync(join(path, 'secrets.h'))).toBe(false);
});

test.each([
  [
    'a sketch that is not there',
    'esp32',
    ['--sketch', 'firmware/esp32-dor'],
    'there is no folder firmware/esp32-dor; ',
  ],
  [
    'its .ino',
    'esp32',
    ['--sketch', 'firmware/esp32-door/esp32-door.ino'],
    'there is no folder firmware/esp32-door/esp32-',
  ],
  [
    'a sketch for the other chip',
    'esp32-s3',
    ['--sketch', 'firmware/esp8266-door'],
    'firmware/esp8266-door is for esp8266, and not for esp32-s3; choose another one with --sketch, such as firmware/esp32-telemetry',
  ],
  [
    'a device that is revoked',
    'esp32, revoked: true',
    [],
    / is revoked \(\S+home.yaml\): its identity is of no use any more/,
  ],
  ['a key of a board that makes its own', 'esp32, key: board', ['--key', 'x'], 'makes its key itself: without --key'],
])('%s is refused, with --dry-run too, and nothing is written', async (_, board, argv, message) => {
  installed('arduino-cli');
  for (const dry of [['--dry-run'], []]) {
    const { code, stdout, stderr } = await flash(board, ...argv, ...dry);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  }
  expect(calls()).toEqual([]);
  expect(existsSync('firmware/esp32-dor')).toBe(false);
});

test('without the name of the Wi-Fi, nothing is built', async () => {
  installed('arduino-cli');
  const path = sketch('new', false);
  const { code, stderr } = await flash('esp32', '--sketch', path, '--port', '/dev/null');
  expect(stderr).toBe(
    `fleet: the board would find no network; fill in WIFI_SSID and WIFI_PASSWORD in ${join(path, 'secrets.h')}, and run this again\n`,
  );
  expect(code).toBe(1);
  expect(calls()).toEqual([]);
});

describe('a person is asked for the Wi-Fi', () => {
  test('once, and the password is shown nowhere', async () => {
    installed('arduino-cli');
    const path = sketch('new', false);
    const argv = ['esp32', '--sketch', path, '--port', '/dev/null', '--wait', '1s'] as const;
    const { stdout, stderr } = await flashAsked('My "Wi-Fi" \\ $x\npass "word" ü\n', ...argv);
    expect(stderr).toContain('Name of the Wi-Fi: ');
    expect(stdout + stderr).not.toContain('pass "word"');
    const header = readFileSync(join(path, 'secrets.h'), 'utf8');
    expect(header).toContain('#define WIFI_SSID "My \\"Wi-Fi\\" \\\\ $x"\n#define WIFI_PASSWORD "pass \\"word\\" ü"\n');
    expect(statSync(join(path, 'secrets.h')).mode & 0o777).toBe(0o600);
    expect(calls().map(([, verb]) => verb)).toEqual(['compile', 'upload', 'monitor']);
    const again = await flashAsked('', ...argv);
    expect(again.stderr).not.toContain('Name of the Wi-Fi');
  });

  test('once there is a board', async () => {
    installed('arduino-cli', `if (verb === 'board') { ports(); process.exit(0); }`);
    const argv = ['esp32', '--sketch', sketch('new', false)] as const;
    for (const [port, why] of [
      [[], 'arduino-cli sees no board; plug it in'],
      [['--port', '/dev/ttyUSB99'], 'there is no port /dev/ttyUSB99; plug the board in, or name another one: --port'],
    ] as const) {
      const { code, stdout, stderr } = await flashAsked('home\nlong enough\n', ...argv, ...port);
      expect(stderr.replaceAll(/\s+/g, ' ')).toContain(why);
      expect(stderr).not.toContain('Name of the Wi-Fi');
      expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(/^Wrote \S+\n$/) as string });
    }
  });

  test('again where the answer cannot be right', async () => {
    installed('arduino-cli');
    const path = sketch('new', false);
    const argv = ['esp32', '--sketch', path, '--port', '/dev/null', '--wait', '1s'] as const;
    const { stdout, stderr } = await flashAsked('\nhome\nshort\nlong enough\n', ...argv);
    expect(stderr.match(/Name of the Wi-Fi: /g)).toHaveLength(2);
    expect(stderr.match(/Its password, /g)).toHaveLength(2);
    expect(stdout + stderr).not.toMatch(/short|long enough/);
    expect(readFileSync(join(path, 'secrets.h'), 'utf8')).toContain(
      '#define WIFI_SSID "home"\n#define WIFI_PASSWORD "long enough"\n',
    );
  });

  test.each([
    ['\n\n', 'that is no name of a Wi-Fi; allowed: 1 to 32 bytes of text'],
    [`${'ü'.repeat(17)}\nlong enough\n`, 'that is no name of a Wi-Fi'],
    ['home\nshort\n', 'that is no password of a Wi-Fi; allowed: 8 to 63 characters, or none for an open network'],
    ['home\n', 'nothing was asked to the end, and nothing was built'],
  ])('%j is refused', async (answer, message) => {
    installed('arduino-cli');
    const { code, stderr } = await flashAsked(answer, 'esp32', '--sketch', sketch('new', false), '--port', '/dev/null');
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(message);
    expect(code).toBe(1);
    expect(calls()).toEqual([]);
  });
});

test('a board that does not come is said, and where to look', async () => {
  installed('arduino-cli');
  const { code, stderr } = await flash('esp32', '--sketch', sketch(), '--port', '/dev/null', '--wait', '1s');
  expect(stderr).toBe(
    `fleet: no row within 1 s: what the board says stands above, and firmware/README.md explains it; see: bin/fleet tail ${device}\n`,
  );
  expect(code).toBe(1);
});

test('a device that is not in the fleet', async () => {
  const { code, stderr } = await runFleet([
    ...['flash', 'nobody', '--fleet', temporaryFleet({ 'home.yaml': 'devices:\n  one: { board: esp32 }\n' })],
  ]);
  expect(stderr).toMatch(/^fleet: no device "nobody"/);
  expect(code).toBe(1);
});

test('the boards are called as firmware/README.md and platformio.ini call them', () => {
  const readme = readFileSync('firmware/README.md', 'utf8');
  for (const board of BOARDS) {
    expect(readme).toMatch(new RegExp(`^\\| \`${board}\` +\\| .*\`${FQBN[board]}\``, 'm'));
    const family = board === 'esp8266' ? 'esp8266' : 'esp32';
    expect(readFileSync(`firmware/${family}-telemetry/platformio.ini`, 'utf8')).toContain(`[env:${board}]`);
  }
});
