import { DescribeEndpointCommand, UpdateThingCommand } from '@aws-sdk/client-iot';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { SAID } from '../../../cli/flash/enrol-dialogue.ts';
import { codeHash } from '../../../lib/fleet/enrolment.ts';
import { inTemporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import {
  certificateOf,
  iot,
  nothingDeployed,
  siteDeployed,
  stored,
  telemetryDeployed,
  thingHas,
  thingSays,
} from '../deployed.ts';
import { runFleet } from '../run-fleet.ts';
import { row, timeSeriesTable } from '../time-series-table.ts';

/* `fleet flash` of a board that makes its key: arduino-cli and the board on its port are a program of ours. */

// In place of the root certificate of a local cloud, of which only the table is here.
vi.stubGlobal('fetch', () => Promise.resolve(new Response('-----BEGIN CERTIFICATE-----\nROOT\n')));

const ENROLLED = 'firmware/libraries/FleetIdentity/examples/Enrolled';
const WIFI = 'My Wi-Fi\npass word\n';

let table: Awaited<ReturnType<typeof timeSeriesTable>>;
beforeAll(async () => {
  table = await timeSeriesTable();
});

const start = process.cwd();
let folder: string;
let device: string;
let count = 0;
beforeEach(() => {
  device = `attic-${++count}`; // with rows of its own
  nothingDeployed();
  telemetryDeployed();
  siteDeployed('home', [device]);
  iot.on(DescribeEndpointCommand).resolves({ endpointAddress: 'abc-ats.example.com' });
  thingSays(device, { wants: '1' });
  thingHas(device, {});
  stored('Enrolment/1', { key: '-----BEGIN PRIVATE KEY-----\nKEY', certificate: certificateOf('c', 'CLAIM') });
  const fleet = `devices:\n  ${device}: { board: esp32-c3, key: board }\n`;
  folder = inTemporaryFleet({ '.gitignore': 'claim.h\n', calls: '', typed: '', 'fleet/home.yaml': fleet });
  execFileSync('git', ['init', '--quiet']);
  mkdirSync(ENROLLED, { recursive: true });
  mkdirSync('bin');
  vi.stubEnv('PATH', `${join(folder, 'bin')}:/usr/bin:/bin`); // git is asked what it ignores
  vi.stubEnv('HOME', folder);
});

/**
 * Puts an arduino-cli there, as 1.4.1 is: it takes no other options, and its monitor ends when its input does. The board on its
 * port answers as Console.cpp does.
 *
 * @param begins what the board says then
 * @param answers what it says to a line that it would otherwise take, by how the line begins; and once it has all three
 */
function installed(
  begins: readonly string[] = [`${SAID.asks}. Type, each on a line: wifi NAME, password PASSWORD, and the line`],
  answers: Readonly<Record<string, readonly string[]>> = {},
  behaviour = '',
): void {
  const script = `#!${process.execPath}
const { appendFileSync } = require('node:fs');
const [verb, ...args] = process.argv.slice(2);
appendFileSync(${JSON.stringify(join(folder, 'calls'))}, JSON.stringify([verb, ...args]) + '\\n');
if (verb === 'board') console.log(JSON.stringify({ detected_ports: [{ port: { address: '/dev/ttyACM0', protocol: 'serial' } }] }));
if (verb === 'monitor') {
  const other = args.filter((arg) => arg.startsWith('-') && !['--port', '--config', '--quiet'].includes(arg));
  if (other.length > 0) { console.error('Error: unknown flag: ' + other[0]); process.exit(1); }
  const say = (lines) => lines.forEach((line) => process.stdout.write(line + '\\r\\n'));
  const answers = ${JSON.stringify(answers)};
  say(['ESP-ROM:esp32c3-api1-20210207', ...${JSON.stringify(begins)}]);
  ${behaviour}
  const lines = require('node:readline').createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    appendFileSync(${JSON.stringify(join(folder, 'typed'))}, line + '\\n');
    const word = line.split(' ')[0];
    const special = answers[word];
    delete answers[word];
    if (special) return say(special.map((each) => each.replace('LINE', line)));
    const [, device, at] = /^enrol (\\S+) [!-~]+ (\\S+:\\d+)$/.exec(line) || [];
    if (/^wifi .{1,32}$/.test(line)) say(['wifi: ' + line.slice(5)]);
    else if (/^password .{0,64}$/.test(line)) say(['password: kept']);
    else if (device) say(['enrol: ' + device + ' at ' + at, ...(answers.then || [])]);
    else say(['I know these lines: wifi NAME, password PASSWORD, and the one that bin/fleet enrol prints']);
  });
  lines.on('close', () => process.exit(0));
  process.on('SIGINT', () => process.exit(0));
}
`;
  writeFileSync(join(folder, 'bin/arduino-cli'), script);
  chmodSync(join(folder, 'bin/arduino-cli'), 0o755);
}

const linesOf = (file: string): string[] =>
  readFileSync(join(folder, file), 'utf8').trimEnd().split('\n').filter(Boolean);
const calls = (): string[][] => linesOf('calls').map((line) => JSON.parse(line) as string[]);
const codes = (): (string | undefined)[] =>
  iot.commandCalls(UpdateThingCommand).map(({ args }) => args[0].input.attributePayload?.attributes?.code);

/** @param answer what a person types; undefined: there is none */
const flash = (answer: string | undefined, ...argv: string[]) =>
  runFleet(['flash', device, ...argv], answer === undefined ? {} : { answer });

/** What the cloud has of the board once its line was typed. */
async function boardEnrols(): Promise<void> {
  await expect.poll(() => linesOf('typed').some((line) => line.startsWith('enrol '))).toBe(true);
  const sent = row(device, Date.now(), { firmware: { S: '1.0.0' } });
  await table.put({ ...sent, full_topic: { S: `rtjm/${device}/start` } });
}

test('builds one sketch for all boards, and types the Wi-Fi and the line when the board asks', async () => {
  installed(undefined, { password: ['heard: LINE', 'password: kept'], enrol: ['heard: LINE', 'enrol: attic at x:1'] });
  const [{ code, stdout, stderr }] = await Promise.all([flash(WIFI), boardEnrols()]);
  expect(code, stderr).toBe(0);
  const fqbn = ['--fqbn', 'esp32:esp32:esp32c3:CDCOnBoot=cdc'];
  expect(calls()).toEqual([
    ['board', 'list', '--json'],
    ['compile', '--libraries', join('firmware', 'libraries'), ...fqbn, ENROLLED],
    ['upload', ...fqbn, '--port', '/dev/ttyACM0', ENROLLED],
    ['monitor', '--port', '/dev/ttyACM0', '--config', 'baudrate=115200', '--quiet'],
  ]);
  const [wifi, password, line = ''] = linesOf('typed');
  expect([wifi, password]).toEqual(['wifi My Wi-Fi', 'password pass word']);
  const [, typed = ''] =
    new RegExp(`^enrol ${device} ([2-9A-HJ-NP-Z]{20}) abc-ats\\.example\\.com:8883$`).exec(line) ?? [];
  expect(codes()).toEqual([expect.stringMatching(new RegExp(`^${codeHash(typed)}:\\d+$`))]);
  expect(stdout).toMatch(new RegExp(`firmware="1.0.0"\\n$`));
  expect(stdout).toContain(`heard: enrol ${device} ... abc-ats.example.com:8883\n`);
  expect(stdout + stderr).not.toMatch(new RegExp(`${typed}|pass word`));
  expect(statSync('firmware/libraries/FleetIdentity/src/claim.h').mode & 0o777).toBe(0o600);
  expect(existsSync(join(ENROLLED, 'secrets.h'))).toBe(false);
});

test('types a line again that the board has not understood, and not another code', async () => {
  const noise = 'I know these lines: wifi NAME, password PASSWORD, and the one that bin/fleet enrol prints';
  installed(undefined, { wifi: [noise], password: ['that line is too long', noise], enrol: ['that is not the line'] });
  const enrolled = expect.poll(() => linesOf('typed').filter((line) => line.startsWith('enrol ')));
  const [{ code, stderr }] = await Promise.all([flash(WIFI), enrolled.toHaveLength(2).then(boardEnrols)]);
  expect(code, stderr).toBe(0);
  const typed = linesOf('typed');
  expect(typed.map((line) => line.split(' ')[0])).toEqual(
    expect.arrayContaining(['wifi', 'wifi', 'password', 'password', 'enrol', 'enrol']),
  );
  expect(new Set(typed).size).toBe(3);
  expect(codes()).toHaveLength(1);
});

test('a board whose former line is refused gets the new one; if that is refused, the reason is said', async () => {
  const refused = `${SAID.refused}Access denied`;
  installed([refused], { then: ['enrolment: asks again in 15 s', refused] });
  const { code, stderr } = await flash(undefined);
  expect(stderr).toBe(
    `Wrote firmware/libraries/FleetIdentity/src/claim.h\nfleet: the cloud refused to enrol the board as ${device}: Access denied; ` +
      'the board asks again by itself, and the log of the function that decides says why (its stack is fleet-enrolment)\n',
  );
  expect(code).toBe(1);
  expect(linesOf('typed')).toEqual([expect.stringMatching(/^enrol /)]);
});

describe('one line says what is wrong, and what helps', () => {
  test.each<[string, () => void, string | undefined, string]>([
    [
      'a board that has an identity, and is asked for nothing',
      () => installed(['Wi-Fi: connected']),
      WIFI,
      'within 1 s the board did not ask for its line, and no row of DEVICE came; a board that has an identity keeps it; to make it DEVICE, type the line of: bin/fleet enrol DEVICE',
    ],
    [
      'a board that knows no Wi-Fi, and nobody to ask',
      () => installed(undefined, { then: [SAID.asks] }),
      undefined,
      'the board knows no Wi-Fi; run this in a terminal, which asks for it',
    ],
    [
      'a port that closes before',
      () => installed(['Wi-Fi: connected'], {}, 'process.exit(1);'),
      WIFI,
      'the serial port was closed (exit code 1) before the board had its line; see: bin/fleet enrol DEVICE',
    ],
    [
      'a board that enrols, and sends nothing',
      () => installed(),
      WIFI,
      'no row within 1 s: what the board says stands above, and firmware/README.md explains it; see: bin/fleet tail DEVICE',
    ],
  ])('%s', async (_, prepare, answer, message) => {
    prepare();
    const { code, stderr } = await flash(answer, '--wait', '1s');
    const plain = stripVTControlCharacters(stderr);
    const said = plain.slice(plain.lastIndexOf('fleet: ')).replaceAll(/\s+/g, ' ').trimEnd();
    expect(said).toBe(`fleet: ${message.replaceAll('DEVICE', device)}`);
    expect(code).toBe(1);
  });
});

describe('nothing is built', () => {
  test.each<[string, () => void, string[], RegExp]>([
    [
      'with the key of another kind of device',
      () => undefined,
      ['--key', 'x.key'],
      /makes its key itself: without --key$/,
    ],
    [
      'for a device that is not deployed',
      () => thingSays(device, {}),
      [],
      /is not deployed yet; run: npx cdk deploy --all$/,
    ],
    [
      'over the claim.h of another fleet',
      () => {
        mkdirSync('firmware/libraries/FleetIdentity/src', { recursive: true });
        writeFileSync('firmware/libraries/FleetIdentity/src/claim.h', 'mine');
      },
      [],
      /claim\.h was not written by fleet enrol; to replace it, add --force/,
    ],
  ])('%s', async (_, prepare, argv, message) => {
    installed();
    prepare();
    const { code, stderr } = await flash(undefined, ...argv);
    expect(stderr.trimEnd()).toMatch(message);
    expect(code).toBe(1);
    expect(calls()).toEqual([]);
    expect(codes()).toEqual([]);
  });

  test('by PlatformIO, whose monitor does not type for others', async () => {
    installed();
    writeFileSync(join(folder, 'bin/pio'), '', { mode: 0o755 });
    const { code, stderr } = await flash(undefined, '--with', 'pio');
    expect(stderr).toBe(
      `fleet: PlatformIO cannot type the line of ${device} on the serial port; install arduino-cli, or flash ${ENROLLED} and ` +
        `type the line yourself: bin/fleet enrol ${device}\n`,
    );
    expect(code).toBe(1);
  });

  test('by --dry-run, which prints the commands', async () => {
    installed();
    const { stdout } = await flash(undefined, '--dry-run');
    expect(stdout.split('\n').map((line) => line.replace(/^.*arduino-cli (\w+) .*?(\S+)$/, '$1 $2'))).toEqual([
      `compile ${ENROLLED}`,
      `upload ${ENROLLED}`,
      'monitor --quiet',
      '',
    ]);
    expect(codes()).toEqual([]);
  });
});

test('the board says what is waited for', () => {
  const sources = ['FleetIdentity.cpp', 'identity/Console.cpp', 'identity/Enrolment.cpp']
    .map((file) => readFileSync(join(start, 'firmware/libraries/FleetIdentity/src', file), 'utf8'))
    .join('\n');
  for (const words of Object.values(SAID).flat()) expect(sources).toContain(`"${words}`);
});
