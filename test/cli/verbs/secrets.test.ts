import { DescribeEndpointCommand, ListAttachedPoliciesCommand, ListPrincipalThingsCommand } from '@aws-sdk/client-iot';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { AMAZON_ROOT_CA_1, AMAZON_ROOT_CA_3 } from '../../../cli/secrets/amazon-root-cas.ts';
import { temporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import { certificateOf, iot, nothingDeployed, siteDeployed, stored, telemetryDeployed, thingHas } from '../deployed.ts';
import { type Finished, runFleet } from '../run-fleet.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const CERTIFICATE = `-----BEGIN CERTIFICATE-----\nMIIB\nAA==\n-----END CERTIFICATE-----\n`;

const TITLE = '# The identity of kitchen, written by "fleet secrets".\n';
const FILL_IN = 'fill in WIFI_SSID and WIFI_PASSWORD there';

let folder: string;
let file: string;
beforeEach(() => {
  vi.stubEnv('AWS_ENDPOINT_URL', undefined);
  nothingDeployed();
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  file = join(folder, 'secrets.h');
});
afterEach(() => rmSync(folder, { recursive: true }));

function deploy(device: string, status: 'ACTIVE' | 'INACTIVE' | 'REVOKED' = 'ACTIVE', endpoint = 'x-ats.example.com') {
  thingHas(device, { a: status });
  stored(`home/${device}/1`, { key: KEY, certificate: certificateOf('a', CERTIFICATE) });
  iot.on(DescribeEndpointCommand).resolves({ endpointAddress: endpoint });
  attached([device], [device]);
}

/** What certificates are attached to. */
function attached(things: string[], policies: string[]): void {
  iot.on(ListPrincipalThingsCommand).resolves({ things });
  iot.on(ListAttachedPoliciesCommand).resolves({ policies: policies.map((policyName) => ({ policyName })) });
}

function secrets(...argv: string[]): Promise<Finished> {
  const fleet = temporaryFleet({
    'home.yaml': `devices:
  kitchen: { board: esp8266 }
  garage: { board: esp32 }
  attic: { board: esp32-c3 }
  shed: { board: esp8266, revoked: true }
`,
  });
  return runFleet(['secrets', ...argv, '--fleet', fleet]);
}

const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8);

describe('the header', () => {
  test('in the form of the ESP8266', async () => {
    deploy('kitchen');
    const { code, stdout, stderr } = await secrets('kitchen', '--out', file);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `Wrote ${file}; ${FILL_IN}\n`, stderr: '' });
    expect(readFileSync(file, 'utf8'))
      .toBe(`// The identity of kitchen, written by "fleet secrets". It holds a private key: never commit or share it.
#pragma once

#include <pgmspace.h>

#define WIFI_SSID "your network"
#define WIFI_PASSWORD "your password"

#define THING_NAME "kitchen"
#define AWS_IOT_ENDPOINT "x-ats.example.com"
#define AWS_IOT_PORT 8883

// Below which it publishes, leaves its last will, and receives.
#define TELEMETRY_TOPIC "rtjm/kitchen/"
#define WILL_TOPIC "rtjm/kitchen/"
#define COMMAND_TOPIC "cmd/rtjm/kitchen/"

// Whom the board trusts to be the broker.
static const char AWS_CERT_CA[] PROGMEM = R"PEM(${AMAZON_ROOT_CA_1}${AMAZON_ROOT_CA_3})PEM";

// Who the board is.
static const char AWS_CERT_CRT[] PROGMEM = R"PEM(${CERTIFICATE})PEM";

static const char AWS_CERT_PRIVATE[] PROGMEM = R"PEM(${KEY})PEM";
`);
    expect(modeOf(file)).toBe('600');
    expect(readdirSync(folder)).toEqual(['secrets.h']);
  });

  test('in the form of the ESP32', async () => {
    deploy('garage');
    await secrets('garage', '--out', file);
    const header = readFileSync(file, 'utf8');
    expect(header).not.toContain('PROGMEM');
    expect(header).toContain(`static const char AWS_CERT_CRT[] =
    "-----BEGIN CERTIFICATE-----\\n"
    "MIIB\\n"
    "AA==\\n"
    "-----END CERTIFICATE-----\\n";
`);
    // What the compiler makes of the literals is the key again.
    const [, literals = ''] = /AWS_CERT_PRIVATE\[\] =\n([^;]*);/.exec(header) ?? [];
    expect((JSON.parse(`[${literals.trim().replaceAll('\n', ',')}]`) as string[]).join('')).toBe(KEY);
  });

  test.each([
    ['broker', 'rtjm/garage/'],
    ['basic', '$aws/rules/fleet_telemetry/rtjm/garage/'],
  ])('with the topics of the ingest that is deployed: %s', async (ingest, topic) => {
    telemetryDeployed({
      TableName: 'time-series',
      DeadLetterQueueUrl: 'https://sqs.example.com/dead',
      RowSettings: JSON.stringify({ stamps: [], ingest }),
    });
    deploy('garage');
    await secrets('garage', '--out', file);
    expect(readFileSync(file, 'utf8')).toContain(`#define TELEMETRY_TOPIC "${topic}"
#define WILL_TOPIC "rtjm/garage/"
#define COMMAND_TOPIC "cmd/rtjm/garage/"
`);
  });

  test('with the port of an endpoint that has one; of a broker that no board can reach, it says so', async () => {
    deploy('garage', 'ACTIVE', 'localhost:18883');
    expect(await secrets('garage', '--out', file)).toMatchObject({
      code: 0,
      stderr:
        '! its broker is localhost, the local cloud on this machine: no board can reach that over a network; to let boards in: npm start -- --lan\n',
    });
    expect(readFileSync(file, 'utf8')).toContain('#define AWS_IOT_ENDPOINT "localhost"\n#define AWS_IOT_PORT 18883\n');
  });

  test.each(['garage', 'attic'])('of the board of %s lands in the sketch of its chip', async (device) => {
    const home = process.cwd();
    process.chdir(folder);
    onTestFinished(() => process.chdir(home));
    deploy(device);
    expect(await secrets(device)).toMatchObject({ stdout: `Wrote firmware/esp32-telemetry/secrets.h; ${FILL_IN}\n` });
    expect(modeOf(join(folder, 'firmware/esp32-telemetry/secrets.h'))).toBe('600');
  });

  test('written again keeps the Wi-Fi that a person filled in', async () => {
    deploy('kitchen');
    writeFileSync(file, '#define WIFI_SSID "attic \\"2\\""\n#define WIFI_PASSWORD "hunter2"\n// former\n', {
      mode: 0o644,
    });
    expect(await secrets('kitchen', '--out', file)).toMatchObject({ stdout: `Wrote ${file}\n` });
    const header = readFileSync(file, 'utf8');
    expect(header).toContain('#define WIFI_SSID "attic \\"2\\""\n#define WIFI_PASSWORD "hunter2"\n');
    expect(header).not.toContain('former');
    expect(modeOf(file)).toBe('600');
  });
});

describe('what a person wrote for the Wi-Fi is kept:', () => {
  test.each([
    '"attic" // the one upstairs',
    '"attic"   ',
    '"attic" "-5" /* two */',
    'R"(at"tic)"',
    'MY_NETWORK',
    '"at" \\\n  "tic"',
  ])('%s', async (ssid) => {
    deploy('kitchen');
    writeFileSync(file, `#pragma once\n  # define WIFI_SSID\t${ssid}\n#define WIFI_PASSWORD "hunter2" // secret\n`);
    expect(await secrets('kitchen', '--out', file)).toMatchObject({ code: 0, stdout: `Wrote ${file}\n` });
    expect(readFileSync(file, 'utf8')).toContain(
      `#define WIFI_SSID ${ssid.trimEnd()}\n#define WIFI_PASSWORD "hunter2" // secret\n\n#define THING_NAME`,
    );
  });
});

describe('what is there already', () => {
  const TO_REPLACE = 'to replace it, add --force, or write elsewhere';
  const BESIDE = 'bin/fleet secrets kitchen --out secrets/kitchen/secrets.h';

  test('the header of another device is replaced with --force alone', async () => {
    deploy('garage');
    await secrets('garage', '--out', file);
    const before = readFileSync(file, 'utf8');
    deploy('kitchen');
    expect(await secrets('kitchen', '--out', file)).toMatchObject({
      code: 1,
      stderr: `fleet: ${file} holds the identity of garage; ${TO_REPLACE}: ${BESIDE}\n`,
    });
    // The command that it names works.
    expect(await secrets('kitchen', '--out', join(folder, 'secrets/kitchen/secrets.h'))).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(await secrets('kitchen', '--out', file, '--force')).toMatchObject({ code: 0 });
    expect(await secrets('kitchen', '--out', file)).toMatchObject({ code: 0 });
  });

  test('a device without an identity is told that first', async () => {
    writeFileSync(file, 'void setup() {}\n');
    expect((await secrets('garage', '--out', file)).stderr).toMatch(/^fleet: device "garage" is not deployed; /);
  });

  test('a file of something else is replaced with --force alone', async () => {
    deploy('kitchen');
    writeFileSync(file, 'void setup() {}\n');
    expect((await secrets('kitchen', '--out', file)).stderr).toBe(
      `fleet: ${file} was not written by fleet secrets; ${TO_REPLACE}: ${BESIDE}\n`,
    );
    expect(readFileSync(file, 'utf8')).toBe('void setup() {}\n');
  });

  test.each([
    ['certificate.pem', 'holds the identity of garage'],
    ['private-key.pem', 'was not written by fleet secrets for kitchen'],
    ['root-ca.pem', 'was not written by fleet secrets for kitchen'],
  ])('another %s is replaced with --force alone', async (name, why) => {
    const pem = `# The identity of garage, written by "fleet secrets".\n${CERTIFICATE}`;
    deploy('kitchen');
    writeFileSync(join(folder, name), pem);
    const { code, stderr } = await secrets('kitchen', '--pem', folder);
    expect(stderr).toBe(`fleet: ${join(folder, name)} ${why}; ${TO_REPLACE}\n`);
    expect({ code, files: readdirSync(folder) }).toEqual({ code: 1, files: [name] });
    expect(readFileSync(join(folder, name), 'utf8')).toBe(pem);
    expect((await secrets('kitchen', '--pem', folder, '--force')).code).toBe(0);
    expect((await secrets('kitchen', '--pem', folder)).code).toBe(0);
  });

  test('PEM files of an identity that the device had before are replaced', async () => {
    deploy('kitchen');
    await secrets('kitchen', '--pem', folder);
    const another = CERTIFICATE.replace('MIIB', 'MIIC');
    stored('home/kitchen/1', { key: KEY, certificate: certificateOf('a', another) });
    expect((await secrets('kitchen', '--pem', folder)).code).toBe(0);
    expect(readFileSync(join(folder, 'certificate.pem'), 'utf8')).toBe(TITLE + another);
  });

  test.each<[string, (place: string) => void]>([
    ['a folder', (place) => mkdirSync(place)],
    ['a FIFO', (place) => execFileSync('mkfifo', [place])],
    ['a link', (place) => symlinkSync(join(folder, 'nowhere'), place)],
    ['a link', (place) => symlinkSync('/dev/null', place)],
  ])('%s is left alone, before anything is asked', async (what, make) => {
    make(file);
    make(join(folder, 'private-key.pem'));
    for (const [option, place] of [
      ['--out', file],
      ['--pem', folder],
    ] as const) {
      const { code, stderr } = await secrets('kitchen', option, place, '--force');
      const named = option === '--out' ? place : join(folder, 'private-key.pem');
      expect(stderr).toBe(`fleet: ${named} is ${what}, and no regular file; name another place\n`);
      expect(code).toBe(1);
    }
    expect(iot.calls()).toEqual([]);
    expect(readdirSync(folder)).toEqual(['private-key.pem', 'secrets.h']);
  });

  test('a device is left alone', async () => {
    const { code, stderr } = await secrets('kitchen', '--out', '/dev/null', '--force');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'fleet: /dev/null is a device, and no regular file; name another place\n',
    });
  });
});

describe('--pem', () => {
  test('writes three files for any MQTT client, and says how', async () => {
    deploy('kitchen');
    const pems = join(folder, 'new', 'kitchen');
    const { code, stdout } = await secrets('kitchen', '--pem', pems);
    expect(readFileSync(join(pems, 'certificate.pem'), 'utf8')).toBe(TITLE + CERTIFICATE);
    expect(readFileSync(join(pems, 'private-key.pem'), 'utf8')).toBe(KEY);
    expect(readFileSync(join(pems, 'root-ca.pem'), 'utf8')).toBe(AMAZON_ROOT_CA_1 + AMAZON_ROOT_CA_3);
    expect(modeOf(join(pems, 'private-key.pem'))).toBe('600');
    expect(modeOf(pems)).toBe('700');
    expect(readdirSync(pems)).toHaveLength(3);
    expect(stdout).toContain(`mosquitto_pub -h x-ats.example.com -p 8883 --cafile ${pems}/root-ca.pem`);
    expect(stdout).not.toContain(KEY.split('\n')[1]);
    expect(code).toBe(0);
  });

  test('takes the root of the local cloud from the local cloud', async () => {
    const root = '-----BEGIN CERTIFICATE-----\nlocal\n-----END CERTIFICATE-----\n';
    const server = createServer((request, response) => response.end(request.url === '/root-ca.pem' ? root : '?'));
    onTestFinished(() => void server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    deploy('kitchen');
    await secrets('kitchen', '--pem', folder);
    expect(readFileSync(join(folder, 'root-ca.pem'), 'utf8')).toBe(root);
  });

  test('an AWS_ENDPOINT_URL that is no local cloud', async () => {
    const server = createServer((_, response) => response.writeHead(404).end());
    onTestFinished(() => void server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
    deploy('kitchen');
    const { code, stderr } = await secrets('kitchen', '--pem', folder);
    expect(stderr).toBe(
      `fleet: ${endpoint}/root-ca.pem holds no root certificate (HTTP status 404); AWS_ENDPOINT_URL has to name the local cloud\n`,
    );
    expect(code).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a folder of something else is refused for --pem, before anything is asked:', () => {
  const refused = async (pem: string, fleet?: string) => {
    const argv = ['secrets', 'kitchen', '--pem', pem, '--force'];
    const { code, stderr } = await (fleet === undefined
      ? secrets(...argv.slice(1))
      : runFleet([...argv, '--fleet', fleet]));
    expect([code, iot.calls()]).toEqual([1, []]);
    return stderr;
  };
  const OWN = 'name a folder of its own, such as secrets/kitchen\n';

  test('the one with the fleet files', async () => {
    const fleet = temporaryFleet({ 'home.yaml': 'devices:\n  kitchen: { board: esp8266 }\n' });
    expect(await refused(fleet, fleet)).toBe(`fleet: ${fleet} holds the fleet files; ${OWN}`);
    expect(readdirSync(fleet)).toEqual(['home.yaml']);
  });

  test('one in which git tracks files', async () => {
    execFileSync('git', ['init', '--quiet', folder]);
    writeFileSync(join(folder, '.gitignore'), '*.pem\n');
    execFileSync('git', ['-C', folder, 'add', '.gitignore']);
    expect(await refused(folder)).toBe(`fleet: ${folder} holds files that git tracks; ${OWN}`);
  });
});

test('on a terminal of 80 columns, the example is one command of several lines', async () => {
  deploy('kitchen');
  const fleet = temporaryFleet({ 'home.yaml': 'devices:\n  kitchen: { board: esp8266 }\n' });
  const { stdout } = await runFleet(['secrets', 'kitchen', '--pem', folder, '--fleet', fleet], {
    answer: '',
    columns: 80,
  });
  const [, command = ''] = stdout.split('For example:\n');
  expect(Math.max(...command.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  for (const line of command.trimEnd().split('\n').slice(0, -1)) expect(line).toMatch(/ \\$/);
  expect(command).not.toMatch(/ --?\w+ \\$/m); // an option and its value stay together
  const words = execFileSync('bash', ['-c', `mosquitto_pub() { printf '%s\\n' "$@"; }\n${command}`], {
    encoding: 'utf8',
  });
  expect(words.split('\n')).toContain('{"temperature":21.5}');
});

describe('in a git repository', () => {
  beforeEach(() => {
    execFileSync('git', ['init', '--quiet', folder]);
    deploy('kitchen');
  });

  test.each([
    ['secrets.h', ['--out', 'secrets.h']],
    ['keys/private-key.pem', ['--pem', 'keys']],
    ['deep/er/secrets.h', ['--out', 'deep/er/secrets.h']],
  ])('a place that git would track is refused: %s', async (file, [option = '', path = '']) => {
    const { code, stderr } = await secrets('kitchen', option, join(folder, path));
    expect(stderr).toBe(
      `fleet: git would track ${join(folder, file)}, which is to hold a private key; add it to .gitignore or write elsewhere\n`,
    );
    expect(code).toBe(1);
    expect(readdirSync(folder)).toEqual(['.git']);
  });

  test('a file that git ignores is written', async () => {
    writeFileSync(join(folder, '.gitignore'), 'secrets.h\n');
    const { code, stderr } = await secrets('kitchen', '--out', join(folder, 'sketch', 'secrets.h'));
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  test('a file that git tracks in spite of .gitignore is refused', async () => {
    writeFileSync(file, 'mine');
    execFileSync('git', ['-C', folder, 'add', 'secrets.h']);
    writeFileSync(join(folder, '.gitignore'), 'secrets.h\n');
    expect((await secrets('kitchen', '--out', file)).code).toBe(1);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});

test.each([
  ['unknown', 'kichen', /^fleet: no device "kichen" in .*; there is: kitchen, garage, attic, shed\n$/],
  ['revoked in its file', 'shed', /^fleet: shed is revoked \(.*home.yaml\): its identity is of no use any more\n$/],
  ['not deployed', 'garage', /^fleet: device "garage" is not deployed; run: npx cdk deploy --all\n$/],
])('a device that is %s', async (_, device, message) => {
  const { code, stderr, stdout } = await secrets(device, '--out', file);
  expect(stderr).toMatch(message);
  expect(stdout).toBe('');
  expect(code).toBe(1);
  expect(existsSync(file)).toBe(false);
});

test.each(['REVOKED', 'INACTIVE'] as const)('a certificate that is %s', async (status) => {
  deploy('kitchen', status);
  const { code, stderr } = await secrets('kitchen', '--out', file);
  expect(stderr).toBe(
    `fleet: certificate aaaaaaaa of kitchen is ${status}, and the broker would refuse it; see: bin/fleet list\n`,
  );
  expect(code).toBe(1);
});

test.each<[string, string[], string[]]>([
  ['its thing', [], ['kitchen']],
  ['its policy', ['kitchen'], ['other']],
  ['its thing and its policy', [], []],
])('a certificate that is without %s', async (missing, things, policies) => {
  deploy('kitchen');
  attached(things, policies);
  expect(await secrets('kitchen', '--out', file)).toEqual({
    code: 1,
    stdout: '',
    stderr:
      `fleet: certificate aaaaaaaa of kitchen is not attached to ${missing}, and the broker would refuse it; ` +
      'see: bin/fleet doctor\n',
  });
  expect(readdirSync(folder)).toEqual([]);
});

test('an identity that is lost', async () => {
  siteDeployed('home', ['kitchen']);
  const { code, stderr } = await secrets('kitchen', '--out', file);
  expect(stderr).toBe(
    'fleet: kitchen is deployed, but its identity is lost from the Parameter Store; see: bin/fleet doctor\n',
  );
  expect(code).toBe(1);
});

test('a key without a certificate is a deployment that is still under way', async () => {
  stored('home/kitchen/1', { key: KEY });
  const { stderr } = await secrets('kitchen', '--out', file);
  expect(stderr).toBe('fleet: device "kitchen" is not deployed; run: npx cdk deploy --all\n');
});

test.each([
  ['key', KEY.slice(1)],
  ['certificate', KEY],
  ['certificate', '{"certificateId":7}'],
])('a %s parameter that holds something else is not quoted', async (part, value) => {
  deploy('kitchen');
  stored('home/kitchen/1', { [part]: value });
  const { code, stderr } = await secrets('kitchen', '--out', file);
  const name = `/esp-fleet/home/kitchen/1/${part}`;
  expect(stderr).toBe(
    `fleet: the SSM parameter ${name} holds no part of an identity; delete it: aws ssm delete-parameter --name ${name}\n`,
  );
  expect(code).toBe(1);
});

describe('of two generations', () => {
  const two = (keys = '') =>
    temporaryFleet({ 'home.yaml': `devices:\n  kitchen: { board: esp8266, generations: [1, 2]${keys} }\n` });

  test('the newest that is deployed', async () => {
    deploy('kitchen');
    stored('home/kitchen/2', { key: KEY, certificate: certificateOf('b', CERTIFICATE.replace('MIIB', 'MIIC')) });
    stored('home/kitchen/3', { key: KEY, certificate: certificateOf('c') }); // the fleet file does not want it
    thingHas('kitchen', { a: 'ACTIVE', b: 'ACTIVE', c: 'ACTIVE' });
    const finished = await runFleet(['secrets', 'kitchen', '--out', file, '--fleet', two()]);
    expect(finished).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(file, 'utf8')).toContain('MIIC');
  });

  test.each([
    ['nothing of the newest', {}],
    ['only its key', { key: KEY }],
  ])('the older one, where there is %s, which is said', async (_, parts) => {
    deploy('kitchen');
    stored('home/kitchen/2', parts);
    const { code, stderr } = await runFleet(['secrets', 'kitchen', '--out', file, '--fleet', two()]);
    expect(stderr).toBe('! generation 2 of kitchen is not deployed yet; this is generation 1\n');
    expect(code).toBe(0);
    expect(readFileSync(file, 'utf8')).toContain('MIIB');
  });

  test.each([
    ['nothing is stored any more', {}],
    ['only the key is stored', { key: KEY }],
  ])('none, where the newest is deployed and %s: the board may have it', async (_, parts) => {
    deploy('kitchen');
    siteDeployed('home', ['kitchen'], 'ab');
    thingHas('kitchen', { a: 'ACTIVE', b: 'ACTIVE' });
    stored('home/kitchen/2', parts);
    const { code, stderr } = await runFleet(['secrets', 'kitchen', '--out', file, '--fleet', two()]);
    expect(stderr).toBe(
      'fleet: generation 2 of kitchen is deployed, but its identity is lost from the Parameter Store; see: bin/fleet doctor\n',
    );
    expect(code).toBe(1);
    expect(existsSync(file)).toBe(false);
  });
});

test('a folder that cannot be written', async () => {
  deploy('kitchen');
  writeFileSync(join(folder, 'file'), '');
  const { code, stderr } = await secrets('kitchen', '--out', join(folder, 'file', 'secrets.h'));
  expect(stderr).toMatch(/^fleet: cannot write .*secrets\.h: .*\n$/);
  expect(code).toBe(1);
});

test.each(['certificate.pem', 'private-key.pem', 'root-ca.pem'])(
  'of PEM files, all are written or none: %s cannot be',
  async (name) => {
    deploy('kitchen');
    // Where its draft would be.
    mkdirSync(join(folder, `${name}.${process.pid}.tmp`));
    const { code, stdout, stderr } = await secrets('kitchen', '--pem', folder);
    expect(stderr).toMatch(new RegExp(`^fleet: cannot write ${join(folder, name)}: EEXIST.*\\n$`));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(readdirSync(folder)).toEqual([`${name}.${process.pid}.tmp`]);
  },
);
