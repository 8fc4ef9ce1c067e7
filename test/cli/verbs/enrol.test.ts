import {
  DescribeEndpointCommand,
  DescribeThingCommand,
  ResourceNotFoundException,
  UpdateCertificateCommand,
  UpdateThingCommand,
} from '@aws-sdk/client-iot';
import { GetConnectionCommand, DeleteConnectionCommand, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { codeHash } from '../../../lib/fleet/enrolment.ts';
import { inTemporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import {
  certificateId,
  certificateOf,
  iot,
  iotData,
  siteDeployed,
  stored,
  telemetryDeployed,
  thingHas,
  thingSays,
} from '../deployed.ts';
import { doubles } from '../doubles.ts';
import { runFleet } from '../run-fleet.ts';

/* `fleet enrol`, and what the other verbs say of a device whose board makes its key. */

const FLEET_FILE = `devices:
  attic: { board: esp32-c3, key: board }
  shed: { board: esp8266 }
  barn: { board: esp32, key: board, revoked: true }
`;

beforeEach(() => {
  doubles();
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('-----BEGIN CERTIFICATE-----\nROOT\n'));
  iotData.on(DeleteConnectionCommand).resolves({});
  iotData.on(GetConnectionCommand).resolves({ connected: false });
  iot.on(UpdateCertificateCommand).resolves({});
  iot.on(DescribeEndpointCommand).resolves({ endpointAddress: 'abc-ats.iot.eu-west-1.amazonaws.com' });
  siteDeployed('home', ['attic', 'shed', 'barn']);
  thingSays('attic', { wants: '1' });
  thingHas('attic', {});
  stored('Enrolment/1', { key: '-----BEGIN PRIVATE KEY-----\nKEY', certificate: certificateOf('c', 'CLAIM') });
  inTemporaryFleet({ '.gitignore': 'claim.h\n', 'fleet/home.yaml': FLEET_FILE });
  execFileSync('git', ['init', '--quiet']);
});
afterEach(() => vi.restoreAllMocks());

const gone = new ResourceNotFoundException({ message: 'not here', $metadata: {} });
const updates = () => iot.commandCalls(UpdateThingCommand).map(({ args }) => args[0].input);

describe('fleet enrol DEVICE', () => {
  test('prints one line, and keeps the hash of its code alone, for a day', async () => {
    const { code, stdout, stderr } = await runFleet(['enrol', 'attic']);
    expect(code, stderr).toBe(0);
    const [line, printed = ''] =
      /^enrol attic ([2-9A-HJ-NP-Z]{20}) abc-ats\.iot\.eu-west-1\.amazonaws\.com:8883\n$/.exec(stdout) ?? [];
    expect(line, stdout).toBeDefined();
    const [update, ...others] = updates();
    expect(others).toEqual([]);
    const kept = update?.attributePayload?.attributes?.code ?? '';
    expect(update).toEqual({ thingName: 'attic', attributePayload: { attributes: { code: kept }, merge: true } });
    const [hash, expires] = kept.split(':');
    expect(hash).toBe(codeHash(printed));
    expect(Math.abs(Number(expires) - Date.now() / 1_000 - 86_400)).toBeLessThan(10);
    expect(stderr).toMatch(
      /^Type this line into the serial monitor of its board\. It works once, until \d{4}-\d\d-\d\d \d\d:\d\d\.\n/,
    );
  });

  test('has another code each time', async () => {
    const lines = [await runFleet(['enrol', 'attic']), await runFleet(['enrol', 'attic'])];
    expect(lines).toMatchObject([{ code: 0 }, { code: 0 }]);
    expect(lines[0]?.stdout).not.toBe(lines[1]?.stdout);
  });

  test('prints no line that another one has made invalid', async () => {
    const both = await Promise.all([runFleet(['enrol', 'attic']), runFleet(['enrol', 'attic'])]);
    const [works, fails] = both.sort((a, b) => a.code - b.code);
    expect(works).toMatchObject({ code: 0 });
    expect(updates().at(-1)?.attributePayload?.attributes?.code).toContain(
      codeHash(/^enrol attic (\S+)/.exec(works?.stdout ?? '')?.[1] ?? ''),
    );
    expect(fails).toMatchObject({
      ...{ code: 1, stdout: '' },
      stderr: 'fleet: somebody else has made a line for attic at the same time; that one works alone\n',
    });
  });

  test('says that no board can reach the broker of this machine', async () => {
    iot.on(DescribeEndpointCommand).resolves({ endpointAddress: 'localhost:8884' });
    const { stdout, stderr } = await runFleet(['enrol', 'attic']);
    expect(stdout).toMatch(/ localhost:8884\n$/);
    expect(stderr).toContain(
      '! its broker is localhost, the local cloud on this machine: no board can reach that over a network; ',
    );
  });

  test('says what a board without a Wi-Fi is told first', async () => {
    const { stderr } = await runFleet(['enrol', 'attic']);
    expect(stderr).toMatch(/ needs two lines before that: wifi NAME, then password PASSWORD\.$/m);
  });

  test('says that the identity of a board that has one works on', async () => {
    thingHas('attic', { a: 'ACTIVE' });
    const { stderr } = await runFleet(['enrol', 'attic']);
    expect(stderr).toContain('attic has an identity already, which works on until a board has used the new one.');
  });

  test.each<[string, string[], () => void, string]>([
    ['nothing to do', [], () => undefined, 'name a device, or add --header'],
    [
      'a device that there is not',
      ['garage'],
      () => undefined,
      'no device "garage" in fleet/; there is: attic, shed, barn',
    ],
    [
      'a device whose key the deployment makes',
      ['shed'],
      () => undefined,
      'the board of shed does not make its key; to have it do so, write "key: board" into fleet/home.yaml, whose deployment deletes ' +
        'the certificate that it has: the board cannot connect until it has enrolled',
    ],
    [
      'a revoked device',
      ['barn'],
      () => undefined,
      'barn is revoked (fleet/home.yaml); take "revoked" away there first, and deploy',
    ],
    [
      'a device that is not deployed',
      ['attic'],
      () => iot.on(DescribeThingCommand, { thingName: 'attic' }).rejects(gone),
      'device "attic" is not deployed; run: npx cdk deploy --all',
    ],
    [
      'one that is deployed with another kind of key',
      ['attic'],
      () => thingSays('attic', {}),
      'what fleet/home.yaml says of attic is not deployed yet; run: npx cdk deploy --all',
    ],
    [
      'one that is deployed as revoked',
      ['attic'],
      () => thingSays('attic', { wants: 'revoked' }),
      'what fleet/home.yaml says of attic is not deployed yet; run: npx cdk deploy --all',
    ],
    [
      'a fleet without a claim',
      ['attic'],
      () => stored('Enrolment/1', { certificate: undefined }),
      'stack "fleet-enrolment", without which no board can enrol, is not deployed; run: npx cdk deploy --all',
    ],
  ])('refuses %s', async (_, argv, prepare, message) => {
    prepare();
    const { code, stdout, stderr } = await runFleet(['enrol', ...argv]);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: `fleet: ${message}\n` });
    expect(updates()).toEqual([]);
  });
});

describe('fleet enrol --header', () => {
  const header = (...argv: string[]) => runFleet(['enrol', '--header', 'claim.h', ...argv]);

  test('writes what the firmware of all boards has, for its owner alone', async () => {
    telemetryDeployed();
    const { code, stdout, stderr } = await header();
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: 'Wrote claim.h\n' });
    expect(statSync('claim.h').mode & 0o777).toBe(0o600);
    expect(readFileSync('claim.h', 'utf8')).toMatchInlineSnapshot(`
      "// The claim Enrolment, written by "fleet enrol --header". It holds a private key: never commit or share it.
      #pragma once

      #include <pgmspace.h>

      // How a board connects that has no identity yet: with this, and something of its own behind it.
      #define CLAIM_CLIENT_ID "Enrolment-"

      // Where AWS IoT makes certificates, and attaches them.
      #define CERTIFICATE_TOPIC "$aws/certificates/create-from-csr/json"
      #define PROVISIONING_TOPIC "$aws/provisioning-templates/esp-fleet/provision/json"

      // The thing of a device, and where it publishes, leaves its last will, and receives: each begins so, and goes on with its name.
      #define THING_PREFIX ""
      #define TELEMETRY_ROOT "rtjm/"
      #define WILL_ROOT "rtjm/"
      #define COMMAND_ROOT "cmd/rtjm/"

      // Whom the board trusts to be the broker.
      static const char AWS_CERT_CA[] PROGMEM = R"PEM(-----BEGIN CERTIFICATE-----
      ROOT
      )PEM";

      // Who the board is until it has an identity.
      static const char CLAIM_CERT_CRT[] PROGMEM = R"PEM(CLAIM
      )PEM";

      static const char CLAIM_CERT_PRIVATE[] PROGMEM = R"PEM(-----BEGIN PRIVATE KEY-----
      KEY
      )PEM";
      "
    `);
  });

  test('goes to the library of the firmware by itself', async () => {
    expect(await runFleet(['enrol', '--header'])).toMatchObject({ code: 0 });
    expect(statSync('firmware/libraries/FleetIdentity/src/claim.h').mode & 0o777).toBe(0o600);
  });

  test('is written again, and not over what somebody else wrote', async () => {
    expect((await header()).code).toBe(0);
    expect((await header()).code).toBe(0);
    writeFileSync('claim.h', 'mine');
    expect((await header()).stderr).toBe(
      'fleet: claim.h was not written by fleet enrol; to replace it, add --force, or write elsewhere\n',
    );
    expect(readFileSync('claim.h', 'utf8')).toBe('mine');
    expect((await header('--force')).code).toBe(0);
  });

  test('of another fleet stays', async () => {
    await header();
    const text = readFileSync('claim.h', 'utf8').replace('The claim Enrolment', 'The claim dev_Enrolment');
    writeFileSync('claim.h', text);
    expect((await header()).stderr).toContain('claim.h is of another fleet');
  });

  test.each([
    ['where git would track it', 'header.h', /^fleet: git would track header\.h/],
    ['a link', 'link/claim.h', /^fleet: link\/claim\.h is a link, and no regular file/],
  ])('refuses %s', async (_, file, message) => {
    mkdirSync('link');
    symlinkSync('/dev/null', 'link/claim.h');
    const { code, stderr } = await runFleet(['enrol', '--header', file]);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  test('and a device do both', async () => {
    const { code, stdout } = await header('--force');
    expect([code, stdout]).toEqual([0, '']);
    expect((await runFleet(['enrol', 'attic', '--header', 'claim.h'])).stdout).toMatch(/^enrol attic /);
  });
});

test('fleet secrets says where the key is', async () => {
  const { code, stderr } = await runFleet(['secrets', 'attic']);
  expect(code).toBe(1);
  expect(stderr).toBe(
    'fleet: the key of attic is on its board, and nowhere else; to give the board an identity: bin/fleet enrol attic\n',
  );
});

test('fleet add --key board writes it, and says how it goes on', async () => {
  const { code, stdout, stderr } = await runFleet(['add', 'loft', '--board', 'esp32', '--key', 'board']);
  expect(code, stderr).toBe(0);
  expect(readFileSync('fleet/home.yaml', 'utf8')).toContain('  loft: { board: esp32, key: board }\n');
  expect(stdout).toMatch(/ plug its board in: bin\/fleet flash loft\n {2}or your way: .* bin\/fleet enrol loft\n/);
});

test.each([['--local-key'], ['--key-type', 'rsa']])('fleet add --key board does not go with %s', async (...other) => {
  expect(await runFleet(['add', 'loft', '--board', 'esp32', '--key', 'board', ...other])).toMatchObject({ code: 1 });
  expect(readFileSync('fleet/home.yaml', 'utf8')).toBe(FLEET_FILE);
});

test('fleet revoke lets nobody enrol before it revokes, what is about to be attached included', async () => {
  thingHas('attic', { a: 'ACTIVE', b: 'ACTIVE' });
  // Of the two, b was admitted, and is not attached yet.
  thingHas('attic', { a: 'ACTIVE' });
  thingSays('attic', { wants: '1', has: `1:${certificateId('b')}` });
  const { code, stdout, stderr } = await runFleet(['revoke', 'attic', '--yes']);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('✓ no board can enrol as attic\n');
  const [update] = updates();
  expect(update?.attributePayload).toEqual({ attributes: { wants: 'revoked' }, merge: true });
  const revoked = iot.commandCalls(UpdateCertificateCommand);
  expect(revoked.map(({ args }) => args[0].input.certificateId).sort()).toEqual([
    certificateId('a'),
    certificateId('b'),
  ]);
  const [closed] = iot.commandCalls(UpdateThingCommand);
  expect(revoked.every((call) => closed?.calledBefore(call))).toBe(true);
});

describe('fleet rotate', () => {
  beforeEach(() => {
    thingHas('attic', { a: 'ACTIVE' });
    thingSays('attic', { wants: '1', has: `1:${certificateId('a')}` });
    iotData.on(PublishCommand).resolves({});
  });
  const published = () => iotData.commandCalls(PublishCommand).map(({ args }) => args[0].input.topic);

  test('raises the generation that is wanted', async () => {
    const { code, stdout, stderr } = await runFleet(['rotate', 'attic']);
    expect(code, stderr).toBe(0);
    expect(readFileSync('fleet/home.yaml', 'utf8')).toContain(
      '  attic: { board: esp32-c3, key: board, generations: [2] }\n',
    );
    expect(stdout).toContain('fleet/home.yaml says generations: [2]\n');
    expect(stdout).toContain('tell the board: bin/fleet rotate attic\n');
    expect(published()).toEqual([]);
  });

  test('does not raise it again before that is deployed', async () => {
    await runFleet(['rotate', 'attic']);
    const { code, stdout } = await runFleet(['rotate', 'attic']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('[2] already, which is not deployed yet')]);
    expect(readFileSync('fleet/home.yaml', 'utf8')).toContain('generations: [2]');
  });

  test.each([
    ['the thing says what it has', { wants: '2', has: `1:${certificateId('a')}` }],
    ['CloudFormation has dropped that', { wants: '2' }],
  ])('tells the board once it is deployed, when %s', async (_, attributes) => {
    await runFleet(['rotate', 'attic']);
    thingSays('attic', attributes);
    const { code, stdout, stderr } = await runFleet(['rotate', 'attic']);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('told the board of attic to make a new key');
    expect(published()).toEqual(['cmd/rtjm/attic/identity/rotate']);
    expect(readFileSync('fleet/home.yaml', 'utf8')).toContain('generations: [2]');
  });

  test.each([
    [['--finish'], 'the cloud takes the older identity of attic away once its board uses the newer one'],
    [['--local-key'], 'the board of attic makes its key itself: without --csr and --local-key'],
  ])('refuses %s', async (options, message) => {
    expect((await runFleet(['rotate', 'attic', ...options])).stderr).toBe(`fleet: ${message}\n`);
    expect(readFileSync('fleet/home.yaml', 'utf8')).toBe(FLEET_FILE);
  });

  test('refuses a device that waits for its board', async () => {
    thingHas('attic', {});
    expect((await runFleet(['rotate', 'attic'])).stderr).toBe(
      'fleet: attic has no identity that it could ask for another one with; run: bin/fleet enrol attic\n',
    );
  });
});
