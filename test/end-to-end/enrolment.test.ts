import {
  CertificateStatus,
  DescribeCertificateCommand,
  DescribeThingCommand,
  IoTClient,
  ListCertificatesCommand,
  ListPoliciesCommand,
  ListThingPrincipalsCommand,
  ListThingsCommand,
  UpdateCertificateCommand,
  UpdateThingCommand,
} from '@aws-sdk/client-iot';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runFleet } from '../cli/run-fleet.ts';
import { board as boardWith, connected, cutOff, outcome, type Pems, readPems } from '../../testing/cloud/board.ts';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';
import { EnrollingBoard } from '../../testing/cloud/enrolling-board.ts';

/* Boards that make their keys: they enrol, and whoever should not, does not. Each step stands on the one before. */

const FLEET_FILE = `devices:
  attic: { board: esp32-c3, key: board }
  barn: { board: esp8266, key: board }
  cellar: { board: esp32, key: board }
  stolen: { board: esp32, key: board }
  plain: { board: esp8266 }
`;

let deployment: Deployment;
let iot: IoTClient;
let claim: Pems;
const boards: EnrollingBoard[] = [];

const fleet = (...argv: string[]) => runFleet([...argv, '--fleet', deployment.fleetDir]);
const fleetFile = () => join(deployment.fleetDir, 'home.yaml');
const deploy = async () => {
  const { code, stderr } = await deployment.cdk('deploy', '--all');
  expect(code, stderr).toBe(0);
};

beforeAll(async () => {
  deployment = await startDeployment();
  for (const [name, value] of Object.entries(deployment.cloud.environment)) vi.stubEnv(name, value);
  iot = new IoTClient(deployment.client);
  deployment.writeSite('home', FLEET_FILE);
  await deploy();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all(boards.map((board) => board.end()));
  await deployment.close();
});

async function newBoard(): Promise<EnrollingBoard> {
  const { mqttPort, rootCaPem } = deployment.cloud;
  const board = await EnrollingBoard.start({ names: deployment.which.names, mqttPort, rootCaPem });
  boards.push(board);
  return board;
}

/** The code of the line that `fleet enrol` prints. */
async function newCode(device: string): Promise<string> {
  const { code, stdout, stderr } = await fleet('enrol', device);
  expect(code, stderr).toBe(0);
  const [, printed = ''] = new RegExp(`^enrol ${device} ([2-9A-HJ-NP-Z]{20}) localhost:\\d+\\n$`).exec(stdout) ?? [];
  expect(printed, stdout).not.toBe('');
  return printed;
}

const enrol = (board: EnrollingBoard, device: string, code: string) =>
  board.enrol(`Enrolment-${device}`, claim, { device, code });
const DENIED = { statusCode: 403, errorCode: 'AccessDenied', errorMessage: 'Access denied' };

async function attached(thingName: string): Promise<string[]> {
  const { principals = [] } = await iot.send(new ListThingPrincipalsCommand({ thingName }));
  return principals.map((arn) => arn.replace(/^.*\//, ''));
}

async function attributes(thingName: string): Promise<Record<string, string>> {
  return (await iot.send(new DescribeThingCommand({ thingName }))).attributes ?? {};
}

async function statusOf(certificateId: string): Promise<string | undefined> {
  const { certificateDescription } = await iot.send(new DescribeCertificateCommand({ certificateId }));
  return certificateDescription?.status;
}

/** What a function has logged, a line each. */
async function logOf(part: 'Hook' | 'IdentityUsed'): Promise<string[]> {
  const logs = new CloudWatchLogsClient(deployment.client);
  const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({}));
  const logGroupName = logGroups.find(({ logGroupName }) => logGroupName?.includes(part))?.logGroupName;
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
  return events.map(({ message = '' }) => message);
}

/** Why the hook refused the last one, as its log says. */
async function lastReason(): Promise<string> {
  const answers = (await logOf('Hook')).filter((line) => line.includes('claimCertificateId'));
  return /"refused":"([^"]*)"/.exec(answers.at(-1) ?? '')?.[1] ?? '';
}

/** What a board with a cable gets. */
async function secretsOf(device: string): Promise<Pems> {
  const folder = join(deployment.folder, crypto.randomUUID());
  const { code, stderr } = await fleet('secrets', device, '--pem', folder);
  expect(code, stderr).toBe(0);
  return readPems(folder);
}

/** The first identity of the plain device. */
let first: Pems;
let firstId: string | undefined;

/** The board that is the attic, once it has enrolled. */
let enrolledAttic: EnrollingBoard;

describe('before its board has enrolled', () => {
  it('a device waits for it, and nothing is wrong with that', async () => {
    const { stdout } = await fleet('list');
    expect(stdout).toMatch(/attic .* waits for its board/);
    expect(stdout).not.toMatch(/^!.*attic/m);
    const doctor = await fleet('doctor');
    expect(doctor.code, doctor.stdout).toBe(0);
    expect(doctor.stdout).toContain('attic waits for its board; to let that enrol: bin/fleet enrol attic');
    expect(doctor.stdout).toContain('; 0 other certificates in this account');
  });

  it('there is neither a key nor a certificate of it anywhere', async () => {
    expect(await attached('attic')).toEqual([]);
    const ssm = new SSMClient(deployment.client);
    const { Parameters = [] } = await ssm.send(
      new GetParametersByPathCommand({ Path: '/esp-fleet', Recursive: true, WithDecryption: true }),
    );
    expect(Parameters.map(({ Name }) => Name).sort()).toEqual([
      '/esp-fleet/Enrolment/1/certificate',
      '/esp-fleet/Enrolment/1/key',
      '/esp-fleet/home/plain/1/certificate',
      '/esp-fleet/home/plain/1/key',
    ]);
  });

  it('fleet enrol --header writes what all boards have, readable by its owner alone', async () => {
    const file = join(deployment.folder, 'claim.h');
    const { code, stderr } = await fleet('enrol', '--header', file);
    expect(code, stderr).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const header = readFileSync(file, 'utf8');
    const pem = (name: string) => new RegExp(`${name}\\[\\] PROGMEM = R"PEM\\(([^)]*)\\)PEM"`).exec(header)?.[1] ?? '';
    claim = { ca: pem('AWS_CERT_CA'), cert: pem('CLAIM_CERT_CRT'), key: pem('CLAIM_CERT_PRIVATE') };
    expect(header).toContain('#define PROVISIONING_TOPIC "$aws/provisioning-templates/esp-fleet/provision/json"');
  });
});

describe('a board with the line', () => {
  let board: EnrollingBoard;
  let code: string;

  it('enrols, connects as its device, and publishes a row', async () => {
    board = await newBoard();
    code = await newCode('attic');
    enrolledAttic = board;
    expect(await enrol(board, 'attic', code)).toBe('attic');
    const client = await board.connect('attic', board.identity);
    await client.publishAsync('rtjm/attic/telemetry', '{"temperature":21.5}', { qos: 1 });
    const dynamoDb = new DynamoDBClient(deployment.client);
    const { TableNames = [] } = await dynamoDb.send(new ListTablesCommand({}));
    const TableName = TableNames.find((name) => name.startsWith('fleet-telemetry'));
    const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName }));
    expect(Items.map(({ device }) => device?.S)).toEqual(['attic']);
    await client.endAsync();
  });

  it('has the certificate alone, by which it is the device alone', async () => {
    expect(await attached('attic')).toEqual([board.certificate?.certificateId]);
    expect(await outcome(board.client('barn', board.identity))).toBe('cut off');
    const list = await fleet('list');
    expect(list.stdout).toMatch(/attic .* ACTIVE/);
    const doctor = await fleet('doctor');
    expect(doctor.code, doctor.stdout).toBe(0);
  });

  it('may ask again by the same line, since an answer may be lost', async () => {
    const again = await board.connect('Enrolment-attic', claim);
    await board.askForCertificate(again);
    expect(await board.provision(again, { device: 'attic', code })).toMatchObject({ thingName: 'attic' });
    await again.endAsync();
    const client = await board.connect('attic', board.identity);
    await client.endAsync();
  });

  it('leaves nothing to a second board with the same line', async () => {
    const before = await attached('attic');
    const other = await newBoard();
    expect(await enrol(other, 'attic', code)).toEqual(DENIED);
    expect(await lastReason()).toBe('the code was used by another key');
    expect(await outcome(other.client('attic', other.identity))).toBe('cut off');
    expect((await attached('attic')).sort()).toEqual(before.sort());
  });

  it('has its key and its code in no log, be it of the cloud or of a function', async () => {
    const [, base64 = ''] = /-----BEGIN PRIVATE KEY-----\n([^\n]+)/.exec(board.identity.key) ?? [];
    expect(base64.length).toBeGreaterThan(40);
    const hook = await logOf('Hook');
    expect(hook.join()).toContain('claimCertificateId');
    const lines = [...deployment.log.lines, ...hook].join('\n');
    expect(lines).not.toContain(base64);
    expect(lines).not.toContain(code);
  });
});

describe('a code', () => {
  it.each<[string, (right: string) => string, string]>([
    ['guessed', (right) => `${right.startsWith('2') ? '3' : '2'}${right.slice(1)}`, 'the code is wrong'],
    ['cut short', (right) => right.slice(1), 'the code is wrong'],
    ['left out', () => '', 'it gives no code, and is not connected as the device'],
  ])('that is %s lets nobody in', async (_, spoilt, why) => {
    const right = await newCode('barn');
    expect(await enrol(await newBoard(), 'barn', spoilt(right))).toEqual(DENIED);
    expect(await lastReason()).toBe(why);
    expect(await attached('barn')).toEqual([]);
  });

  it('of another device lets nobody in', async () => {
    await newCode('barn');
    expect(await enrol(await newBoard(), 'barn', await newCode('cellar'))).toEqual(DENIED);
  });

  it('ends with the next one', async () => {
    const [first] = [await newCode('barn'), await newCode('barn')];
    expect(await enrol(await newBoard(), 'barn', first)).toEqual(DENIED);
  });

  it('ends after a day', async () => {
    const right = await newCode('barn');
    const { code = '' } = await attributes('barn');
    const [hash, expires = ''] = code.split(':');
    expect(Math.abs(Number(expires) - Date.now() / 1_000 - 86_400)).toBeLessThan(60);
    const attributePayload = { attributes: { code: `${hash}:${Number(expires) - 86_401}` }, merge: true };
    await iot.send(new UpdateThingCommand({ thingName: 'barn', attributePayload }));
    expect(await enrol(await newBoard(), 'barn', right)).toEqual(DENIED);
    expect(await lastReason()).toBe('the code has expired');
  });

  it('does not make a device of whose key the deployment makes', async () => {
    expect((await fleet('enrol', 'plain')).stderr).toContain('the board of plain does not make its key');
    expect(await enrol(await newBoard(), 'plain', 'ABCDEFGHJKLMNPQRSTUV')).toEqual(DENIED);
  });

  it('admits one of two boards that ask at once', async () => {
    const code = await newCode('barn');
    const two = [await newBoard(), await newBoard()];
    const clients = await Promise.all(two.map((board, index) => board.connect(`Enrolment-${index}`, claim)));
    await Promise.all(two.map((board, index) => board.askForCertificate(clients[index]!)));
    const answers = await Promise.all(two.map((board, i) => board.provision(clients[i]!, { device: 'barn', code })));
    expect(answers.filter((answer) => 'thingName' in answer)).toHaveLength(1);
    const winner = two[answers.findIndex((answer) => 'thingName' in answer)];
    expect(await attached('barn')).toEqual([winner?.certificate?.certificateId]);
  });
});

describe('a stolen claim', () => {
  it.each([
    ['as a device', 'attic'],
    ['as its own thing', 'Enrolment'],
    ['as anybody', 'somebody'],
  ])('does not connect %s', async (_, clientId) => {
    expect(await outcome((await newBoard()).client(clientId, claim))).toBe('cut off');
  });

  it.each([
    'rtjm/attic/telemetry',
    'cmd/rtjm/attic/relay',
    '$aws/rules/fleet_telemetry/rtjm/attic/telemetry',
    '$aws/things/attic/shadow/update',
    '$aws/certificates/create/json',
    '$aws/certificates/create-from-csr/cbor',
    '$aws/certificates/create-from-csr/json/accepted',
    '$aws/provisioning-templates/another/provision/json',
  ])('does not publish on %s', async (topic) => {
    const client = await (await newBoard()).connect('Enrolment-thief', claim);
    const ended = cutOff(client);
    client.publish(topic, '{}', { qos: 0 });
    await ended;
  });

  it.each([
    '#',
    'rtjm/#',
    'cmd/rtjm/attic/#',
    '$aws/#',
    '$aws/certificates/#',
    '$aws/provisioning-templates/+/provision/json/accepted',
  ])('does not subscribe to %s', async (filter) => {
    const client = await (await newBoard()).connect('Enrolment-thief', claim);
    const ended = cutOff(client);
    client.subscribe(filter);
    await ended;
  });

  it('says nothing that the hook alone may say', async () => {
    const board = await newBoard();
    const code = await newCode('cellar');
    const client = await board.connect('Enrolment-thief', claim);
    await board.askForCertificate(client);
    expect(await board.provision(client, { device: 'cellar', code, thing: 'plain', policy: 'plain' })).toEqual(DENIED);
    expect(await attached('plain')).toHaveLength(1);
  });

  it('is of no use once it is turned off, and doctor says that nobody can enrol', async () => {
    const { certificates = [] } = await iot.send(new ListCertificatesCommand({}));
    const [mine] = await attached('Enrolment');
    expect(certificates.map(({ certificateId }) => certificateId)).toContain(mine);
    const turn = (newStatus: CertificateStatus) =>
      iot.send(new UpdateCertificateCommand({ certificateId: mine, newStatus }));
    await turn('INACTIVE');
    expect(await outcome((await newBoard()).client('Enrolment-thief', claim))).toBe('cut off');
    const { code, stdout } = await fleet('doctor');
    expect(code).toBe(1);
    expect(stdout).toContain('no board can enrol: the certificate of its claim is INACTIVE');
    await turn('ACTIVE');
  });
});

describe('a device that is revoked', () => {
  let board: EnrollingBoard;
  let code: string;

  it('is cut off, and its board gets nothing more by what it has', async () => {
    board = await newBoard();
    code = await newCode('stolen');
    expect(await enrol(board, 'stolen', code)).toBe('stolen');
    const client = await board.connect('stolen', board.identity);
    const ended = cutOff(client);
    const { code: exit, stderr } = await fleet('revoke', 'stolen', '--yes');
    expect(exit, stderr).toBe(0);
    await ended;
    expect(await outcome(board.client('stolen', board.identity))).toBe('cut off');
    expect(await statusOf(board.certificate?.certificateId ?? '')).toBe('REVOKED');
    expect(await enrol(board, 'stolen', code)).toEqual(DENIED);
    expect(await lastReason()).toBe('the device is revoked');
    expect((await fleet('enrol', 'stolen')).stderr).toContain('stolen is revoked');
  });

  it('stays so by the next deployment, by which one is revoked that the fleet file alone revokes', async () => {
    const other = await newBoard();
    expect(await enrol(other, 'cellar', await newCode('cellar'))).toBe('cellar');
    const text = readFileSync(fleetFile(), 'utf8');
    writeFileSync(fleetFile(), text.replace('cellar: { board: esp32,', 'cellar: { board: esp32, revoked: true,'));
    for (const device of ['attic', 'plain']) {
      const rotated = await fleet('rotate', device);
      expect(rotated.code, rotated.stderr).toBe(0);
    }
    first = await secretsOf('plain');
    [firstId] = await attached('plain');
    await deploy();
    expect(await statusOf(other.certificate?.certificateId ?? '')).toBe('REVOKED');
    expect(await outcome(other.client('cellar', other.identity))).toBe('cut off');
    expect(await attributes('stolen')).toMatchObject({ wants: 'revoked' });
    expect(await enrol(board, 'stolen', code)).toEqual(DENIED);
  });
});

describe('a rotation by cable is finished', () => {
  const finish = () => fleet('rotate', 'plain', '--finish');
  const generations = () => /plain: .*generations: (\[.*?\])/.exec(readFileSync(fleetFile(), 'utf8'))?.[1];
  const publishWith = async (pems: Pems) => {
    const client = boardWith(deployment.cloud.mqttPort, 'plain', pems);
    await connected(client);
    await client.publishAsync('rtjm/plain/telemetry', '{"t":1}', { qos: 1 });
    await client.endAsync();
  };

  it('not while its board publishes by its older identity, and says so', async () => {
    await publishWith(first);
    await vi.waitFor(async () => {
      const { code, stderr } = await finish();
      expect(code).toBe(1);
      expect(stderr).toContain(`plain connected last by certificate ${firstId?.slice(0, 8)}`);
    }, 10_000);
    expect(generations()).toBe('[1, 2]');
  });

  it('once it has connected by the newer one', async () => {
    await publishWith(await secretsOf('plain'));
    await vi.waitFor(async () => expect((await finish()).code).toBe(0), { timeout: 30_000 });
    expect(generations()).toBe('[2]');
  });
});

describe('a rotation over the air', () => {
  let before: EnrollingBoard;
  let after: EnrollingBoard;

  it('is heard of by the board, which gets a certificate for a new key by the one that it has', async () => {
    before = enrolledAttic;
    const client = await before.connect('attic', before.identity);
    await client.subscribeAsync('cmd/rtjm/attic/#', { qos: 1 });
    const heard = new Promise<string>((resolve) => client.once('message', (topic) => resolve(topic)));
    const { code, stdout, stderr } = await fleet('rotate', 'attic');
    expect(code, stdout + stderr).toBe(0);
    expect(await heard).toBe('cmd/rtjm/attic/identity/rotate');
    after = await newBoard(); // the same board with another key
    await after.askForCertificate(client);
    expect(await after.provision(client, { device: 'attic' })).toMatchObject({ thingName: 'attic' });
    await client.endAsync();
    expect(await attached('attic')).toContain(before.certificate?.certificateId);
  });

  it('is not ended by whoever has the certificate before', async () => {
    const client = await before.connect('attic', before.identity);
    const certificate = after.certificate?.certificateId;
    await client.publishAsync('rtjm/attic/identity/used', JSON.stringify({ certificate }), { qos: 1 });
    await client.endAsync();
    const ignored = async () => expect((await logOf('IdentityUsed')).join()).toContain('it is not the newest one');
    await vi.waitFor(ignored, { timeout: 30_000 });
    expect(await attached('attic')).toContain(certificate);
  });

  it('is ended by the cloud once the board uses the new one, and by nobody else', async () => {
    const client = await after.connect('attic', after.identity);
    await client.publishAsync('rtjm/attic/identity/used', '{}', { qos: 1 });
    await vi.waitFor(async () => expect(await attached('attic')).toEqual([after.certificate?.certificateId]), {
      timeout: 30_000,
    });
    await client.endAsync();
    expect(await outcome(before.client('attic', before.identity))).toBe('cut off');
    const again = await after.connect('attic', after.identity);
    await again.endAsync();
    const doctor = await fleet('doctor');
    expect(doctor.code, doctor.stdout).toBe(0);
  });

  it('is had once a generation', async () => {
    const client = await after.connect('attic', after.identity);
    const greedy = await newBoard();
    await greedy.askForCertificate(client);
    expect(await greedy.provision(client, { device: 'attic' })).toEqual(DENIED);
    expect(await lastReason()).toBe('the device has a certificate of generation 2, and no newer one is wanted');
    await client.endAsync();
  });
});

describe('what goes', () => {
  it('takes its certificates along: a device that leaves the fleet file, and one that turns to another kind of key', async () => {
    const file = readFileSync(fleetFile(), 'utf8');
    writeFileSync(
      fleetFile(),
      file.replace(/^ {2}attic:.*\n/m, '').replace('barn: { board: esp8266, key: board }', 'barn: { board: esp8266 }'),
    );
    await deploy();
    const things = (await iot.send(new ListThingsCommand({}))).things?.map(({ thingName }) => thingName);
    expect(things?.sort()).toEqual(['Enrolment', 'barn', 'cellar', 'plain', 'stolen']);
    // The deployment made one, and that of its board is gone.
    const now = await attached('barn');
    expect(now).toHaveLength(1);
    const { code, stdout, stderr } = await fleet('secrets', 'barn', '--pem', join(deployment.folder, 'barn'));
    expect(code, stdout + stderr).toBe(0);
    const doctor = await fleet('doctor');
    expect(doctor.code, doctor.stdout).toBe(0);
  });

  it('leaves nothing behind', async () => {
    const { code, stderr } = await deployment.cdk('destroy', '--all', '--force');
    expect(code, stderr).toBe(0);
    const [{ things }, { policies }, { certificates = [] }] = [
      await iot.send(new ListThingsCommand({})),
      await iot.send(new ListPoliciesCommand({})),
      await iot.send(new ListCertificatesCommand({})),
    ];
    expect([things, policies]).toEqual([[], []]);
    // What was refused is deleted by AWS IoT itself, once its token is an hour old.
    expect(new Set(certificates.map(({ status }) => status))).toEqual(new Set(['PENDING_ACTIVATION']));
  });
});
