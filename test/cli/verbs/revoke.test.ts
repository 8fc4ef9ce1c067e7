import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeEndpointCommand,
  DescribeThingCommand,
  ThrottlingException,
  UpdateCertificateCommand,
  UpdateThingCommand,
} from '@aws-sdk/client-iot';
import {
  DeleteConnectionCommand,
  GetConnectionCommand,
  type IoTDataPlaneClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-iot-data-plane';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { temporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import { certificateId, certificateOf, iot, iotData, siteDeployed, ssm, stored, thingHas } from '../deployed.ts';
import { doubles, dynamoDB } from '../doubles.ts';
import { runFleet } from '../run-fleet.ts';

const gone = () => new ResourceNotFoundException({ message: 'nobody is connected', $metadata: {} });

beforeEach(() => {
  doubles();
  dynamoDB.on(GetItemCommand).resolves({});
  iotData.on(DeleteConnectionCommand).resolves({});
  iotData.on(GetConnectionCommand).resolves({ connected: false });
  iot.on(UpdateCertificateCommand).resolves({});
});

const FILE = `devices:
  # the tall one
  kitchen: { board: esp8266 } # by the window
  shed: { board: esp32 }
`;

function fleet(text = FILE) {
  const folder = temporaryFleet({ 'home.yaml': text });
  const file = join(folder, 'home.yaml');
  return { folder, file, text: () => readFileSync(file, 'utf8') };
}

/** The calls that change something or look at the session, in their order. */
function calls(): string[] {
  const calls: { calledBefore(other: unknown): boolean; args: object[] }[] = [...iot.calls(), ...iotData.calls()];
  return calls
    .sort((a, b) => (a.calledBefore(b) ? -1 : 1))
    .map(({ args: [command] }) => command?.constructor.name ?? '')
    .filter((name) => /Update|Connection/.test(name));
}

test('REVOKED first, the session next, the file last', async () => {
  thingHas('kitchen', { a: 'ACTIVE' });
  const { folder, file, text } = fleet();
  const { code, stdout, stderr } = await runFleet(['revoke', 'kitchen', '--yes', '--fleet', folder]);

  expect(stderr).toBe('');
  expect(stdout).toBe(
    `local cloud at 127.0.0.1:1\n✓ certificate aaaaaaaa is REVOKED\n✓ kitchen is not connected\n✓ ${file} says revoked: true; commit it\n`,
  );
  expect(code).toBe(0);
  expect(calls().slice(0, 3)).toEqual(['UpdateCertificateCommand', 'DeleteConnectionCommand', 'GetConnectionCommand']);
  expect(iot.commandCalls(UpdateCertificateCommand)[0]?.args[0].input).toEqual({
    certificateId: certificateId('a'),
    newStatus: 'REVOKED',
  });
  expect(iotData.commandCalls(DeleteConnectionCommand)[0]?.args[0].input).toEqual({
    clientId: 'kitchen',
    cleanSession: true,
    preventWillMessage: true,
  });
  expect(text()).toBe(FILE.replace('{ board: esp8266 }', '{ board: esp8266, revoked: true }'));
});

test('every certificate that is attached or recorded is revoked', async () => {
  thingHas('kitchen', { a: 'ACTIVE', b: 'INACTIVE' });
  // Not attached to the kitchen, but stored of its generations, whatever the fleet file says of these.
  thingHas('nobody', { c: 'ACTIVE', d: 'ACTIVE', e: 'INACTIVE' });
  stored('home/kitchen/1', { certificate: certificateOf('c') });
  stored('home/kitchen/2', { certificate: certificateOf('d') });
  stored('home/kitchen/7', { certificate: certificateOf('e') });
  await runFleet(['revoke', 'kitchen', '--yes', '--fleet', fleet().folder]);
  const revoked = iot.commandCalls(UpdateCertificateCommand).map(({ args: [{ input }] }) => input.certificateId?.[0]);
  expect(revoked).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('whoever may not read identities revokes what is attached', async () => {
  thingHas('kitchen', { a: 'ACTIVE' });
  const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
  ssm.rejects(denied);
  expect(await runFleet(['revoke', 'kitchen', '--yes', '--fleet', fleet().folder])).toMatchObject({ code: 0 });
  expect(iot.commandCalls(UpdateCertificateCommand)).toHaveLength(1);
});

test('a session that came back is ended again', async () => {
  thingHas('kitchen', { a: 'ACTIVE' });
  iotData
    .on(GetConnectionCommand)
    .resolvesOnce({ connected: false })
    .resolvesOnce({ connected: true }) // back, half a second later
    .resolves({ connected: false });
  expect(await runFleet(['revoke', 'kitchen', '--yes', '--fleet', fleet().folder])).toMatchObject({ code: 0 });
  expect(iotData.commandCalls(DeleteConnectionCommand)).toHaveLength(2);
});

test('a session that does not end is an error, and the file says revoked all the same', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  thingHas('kitchen', { a: 'ACTIVE' });
  iotData.on(GetConnectionCommand).callsFake(() => {
    vi.setSystemTime(Date.now() + 60_000);
    return { connected: true };
  });
  const { folder, text } = fleet();
  const { code, stderr } = await runFleet(['revoke', 'kitchen', '--yes', '--fleet', folder]);
  vi.useRealTimers();
  expect(stderr).toContain('fleet: the certificate is REVOKED, but kitchen is still connected after 30 s');
  expect(code).toBe(1);
  expect(text()).toContain('kitchen: { board: esp8266, revoked: true }');
});

test('Ctrl-C while the session is being ended: the file says revoked all the same', async () => {
  thingHas('kitchen', { a: 'ACTIVE' });
  const before = process.listenerCount('SIGINT');
  iotData.on(GetConnectionCommand).callsFake(() => {
    process.emit('SIGINT');
    return { connected: true };
  });
  const { folder, text } = fleet();
  const { code, stderr } = await runFleet(['revoke', 'kitchen', '--yes', '--fleet', folder]);
  expect(stderr).toBe(
    'fleet: the certificate is REVOKED, but kitchen was not seen to be cut off before you interrupted this; AWS IoT ends the ' +
      'session within minutes, or try again: bin/fleet revoke kitchen\n',
  );
  expect(code).toBe(1);
  expect(text()).toContain('kitchen: { board: esp8266, revoked: true }');
  expect(process.listenerCount('SIGINT')).toBe(before);
});

test('once more does no harm: nobody is connected, the certificate is REVOKED, the file says so', async () => {
  thingHas('kitchen', { a: 'REVOKED' });
  iotData.on(DeleteConnectionCommand).rejects(gone());
  iotData.on(GetConnectionCommand).rejects(gone());
  const { folder, text } = fleet('devices:\n  kitchen: { board: esp8266, revoked: true }\n');
  expect(await runFleet(['revoke', 'kitchen', '--yes', '--fleet', folder])).toMatchObject({ code: 0 });
  expect(iot.commandCalls(UpdateCertificateCommand)).toEqual([]);
  expect(text()).toBe('devices:\n  kitchen: { board: esp8266, revoked: true }\n');
});

describe('of a device that is revoked already', () => {
  const REVOKED = 'devices:\n  kitchen: { board: esp8266, revoked: true }\n';

  test.each([[[]], [['--dry-run']], [['--yes']]])('%j: it says so, and asks nothing', async (options) => {
    thingHas('kitchen', { a: 'REVOKED', b: 'REVOKED' });
    iotData.on(GetConnectionCommand).rejects(gone());
    const { folder, file } = fleet(REVOKED);
    expect(await runFleet(['revoke', 'kitchen', ...options, '--fleet', folder])).toEqual({
      code: 0,
      stdout:
        'local cloud at 127.0.0.1:1\n' +
        `kitchen is revoked already: its certificates are REVOKED (aaaaaaaa, bbbbbbbb), it is not connected, and ${file} says so. Nothing was changed.\n`,
      stderr: '',
    });
    expect(calls()).toEqual(['GetConnectionCommand']);
  });

  test('which never had a certificate', async () => {
    const { stdout, code } = await runFleet(['revoke', 'kitchen', '--fleet', fleet(REVOKED).folder]);
    expect(stdout).toContain('kitchen is revoked already: it has no certificate, it is not connected');
    expect(code).toBe(0);
  });

  test.each<[string, () => void]>([
    ['a certificate of it is not REVOKED', () => thingHas('kitchen', { a: 'REVOKED', b: 'INACTIVE' })],
    [
      'one that is stored, but attached to nothing',
      () => {
        thingHas('nobody', { c: 'ACTIVE' });
        stored('home/kitchen/1', { certificate: certificateOf('c') });
      },
    ],
    ['its session lives', () => iotData.on(GetConnectionCommand).resolves({ connected: true })],
  ])('but %s: it goes on, and asks', async (_, differ) => {
    thingHas('kitchen', { a: 'REVOKED' });
    differ();
    const { stderr } = await runFleet(['revoke', 'kitchen', '--fleet', fleet(REVOKED).folder], { answer: 'no\n' });
    expect(stderr).toContain('Revoke kitchen? This is final: ');
  });
});

test('when the certificate cannot be revoked, nothing else happens', async () => {
  thingHas('kitchen', { a: 'ACTIVE' });
  iot.on(UpdateCertificateCommand).rejects(new ThrottlingException({ message: 'Rate exceeded', $metadata: {} }));
  const { folder, text } = fleet();
  const { code, stderr } = await runFleet(['revoke', 'kitchen', '--yes', '--fleet', folder]);
  expect(stderr).toBe('fleet: AWS answers no more requests for the moment; wait a little and try again\n');
  expect(code).toBe(1);
  expect(iotData.calls()).toEqual([]);
  expect(text()).toBe(FILE);
});

test('--dry-run says what would happen, and nothing does', async () => {
  thingHas('kitchen', { a: 'ACTIVE' });
  const { folder, file, text } = fleet();
  const { code, stdout } = await runFleet(['revoke', 'kitchen', '--dry-run', '--fleet', folder]);
  expect(stdout).toBe(
    `local cloud at 127.0.0.1:1\nwould revoke certificate aaaaaaaa (ACTIVE)\nwould end the session of kitchen\nwould write "revoked: true" into ${file}\n`,
  );
  expect(code).toBe(0);
  expect(calls()).toEqual([]);
  expect(text()).toBe(FILE);
});

describe('without --yes', () => {
  test('the question is broken between words where the terminal ends', async () => {
    thingHas('kitchen', { a: 'ACTIVE', b: 'INACTIVE' });
    const { stderr } = await runFleet(['revoke', 'kitchen', '--fleet', fleet().folder], {
      answer: 'no\n',
      columns: 80,
    });
    const [question = ''] = stripVTControlCharacters(stderr).split(' [y/N] ');
    const lines = question.split('\n');
    expect(lines[0]).toBe('local cloud at 127.0.0.1:1: Revoke kitchen? This is final: revoke certificate');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  test.each([
    ['y\n', 0],
    ['yes\n', 0],
    ['\n', 1],
    ['no\n', 1],
    ['', 1], // Ctrl-D
  ])('a person is asked, and answers %j', async (answer, expected) => {
    thingHas('kitchen', { a: 'ACTIVE' });
    const { code, stderr } = await runFleet(['revoke', 'kitchen', '--fleet', fleet().folder], { answer });
    expect(stderr.replaceAll('\n', ' ')).toContain(
      'local cloud at 127.0.0.1:1: Revoke kitchen? This is final: revoke certificate aaaaaaaa (ACTIVE); ',
    );
    expect(code, stderr).toBe(expected);
    expect(calls().length > 0).toBe(expected === 0);
  });

  test('a program is refused', async () => {
    thingHas('kitchen', { a: 'ACTIVE' });
    const { code, stderr } = await runFleet(['revoke', 'kitchen', '--fleet', fleet().folder]);
    expect(stderr).toBe('fleet: this asks for confirmation, and there is no terminal; add --yes\n');
    expect(code).toBe(1);
    expect(calls()).toEqual([]);
  });
});

test('a device that has no certificate is kept from getting one', async () => {
  const { folder, file, text } = fleet();
  const { code, stdout } = await runFleet(['revoke', 'shed', '--yes', '--fleet', folder]);
  expect(stdout).toBe(
    'local cloud at 127.0.0.1:1\n✓ shed has no certificate; the next deployment makes none\n✓ shed is not connected\n' +
      `✓ ${file} says revoked: true; commit it\n`,
  );
  expect(code).toBe(0);
  expect(text()).toBe(FILE.replace('{ board: esp32 }', '{ board: esp32, revoked: true }'));
});

describe('of a device whose line is gone, but which is deployed', () => {
  test.each([
    ['its site has a fleet file', 'home'],
    ['its site has none any more', 'garden'],
  ])('%s: it is revoked, and no file is changed', async (_, site) => {
    siteDeployed(site, ['shed', 'garage'], 'a');
    thingHas('garage', { a: 'ACTIVE' });
    stored(`${site}/garage/1`, { certificate: certificateOf('a') });
    const { folder, text } = fleet();
    const dry = await runFleet(['revoke', 'garage', '--dry-run', '--fleet', folder]);
    expect(dry.stdout.split('\n').slice(1)).toEqual([
      'would revoke certificate aaaaaaaa (ACTIVE)',
      'would end the session of garage',
      'would change no fleet file, since none has garage',
      '',
    ]);
    const { code, stdout, stderr } = await runFleet(['revoke', 'garage', '--yes', '--fleet', folder]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      'local cloud at 127.0.0.1:1\n✓ certificate aaaaaaaa is REVOKED\n✓ garage is not connected\n' +
        '✓ no fleet file has garage, so none was changed\n',
    );
    expect(text()).toBe(FILE);
  });

  test('whose board made its key: none can enrol as it any more', async () => {
    siteDeployed('home', ['garage']);
    thingHas('garage', { a: 'ACTIVE' });
    iot.on(DescribeThingCommand, { thingName: 'garage' }).resolves({ attributes: { wants: '1' }, version: 3 });
    iot.on(UpdateThingCommand).resolves({});
    const { stdout } = await runFleet(['revoke', 'garage', '--yes', '--fleet', fleet().folder]);
    expect(stdout).toContain('✓ no board can enrol as garage\n✓ certificate aaaaaaaa is REVOKED\n');
    expect(iot.commandCalls(UpdateThingCommand)[0]?.args[0].input.attributePayload).toMatchObject({
      attributes: { wants: 'revoked' },
    });
  });

  test('and which is revoked already: it says so', async () => {
    siteDeployed('home', ['garage'], 'a');
    thingHas('garage', { a: 'REVOKED' });
    const { code, stdout } = await runFleet(['revoke', 'garage', '--fleet', fleet().folder]);
    expect(stdout).toContain(
      'certificate is REVOKED (aaaaaaaa), it is not connected, and no fleet file has it. Nothing',
    );
    expect(code).toBe(0);
  });
});

test("somebody else's thing, which no stack has, is none of ours", async () => {
  siteDeployed('home', ['kitchen']);
  thingHas('lamp', { a: 'ACTIVE' });
  const { folder } = fleet();
  const { code, stderr } = await runFleet(['revoke', 'lamp', '--yes', '--fleet', folder]);
  expect(stderr).toBe(`fleet: no device "lamp" in ${folder}/; there is: kitchen, shed\n`);
  expect(code).toBe(1);
  expect(calls()).toEqual([]);
});

test('an unknown device', async () => {
  const { folder } = fleet();
  const { code, stderr } = await runFleet(['revoke', 'kichen', '--yes', '--fleet', folder]);
  expect(stderr).toBe(`fleet: no device "kichen" in ${folder}/; there is: kitchen, shed\n`);
  expect(code).toBe(1);
});

test('against AWS, the data plane is reached at the endpoint of the account', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL', undefined);
  vi.resetModules(); // a process makes its client once
  iot.on(DescribeEndpointCommand, { endpointType: 'iot:Data-ATS' }).resolves({ endpointAddress: 'x-ats.example.com' });
  const { endConnection } = await import('../../../cli/aws/connection.ts');
  await endConnection('kitchen');
  const [call] = iotData.commandCalls(DeleteConnectionCommand);
  const client = call?.thisValue as IoTDataPlaneClient;
  expect(await client.config.endpoint?.()).toMatchObject({ hostname: 'x-ats.example.com' });
});
