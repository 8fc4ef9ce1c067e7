import {
  DescribeCertificateCommand,
  DescribeThingCommand,
  IoTClient,
  ListCertificatesCommand,
  ListPoliciesCommand,
  ListThingsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-iot';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type KnownLine, lineStore, pagesOfLines } from '../../aws/device-table.ts';
import { readCertificate, readKey } from '../../aws/identities.ts';
import { publish } from '../../cli/aws/connection.ts';
import { CODE, codeHash, codeText } from '../../lib/fleet/enrolment.ts';
import { cutOff, outcome, type Pems } from '../../testing/cloud/board.ts';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';
import { EnrollingBoard } from '../../testing/cloud/enrolling-board.ts';

/*
 * A site whose devices are the lines of a list, in a fleet with a name: there the name of a thing is not the one that stands in
 * topics. Each step stands on the one before.
 */

let deployment: Deployment;
let iot: IoTClient;
let claim: Pems;
const boards: EnrollingBoard[] = [];
const CODE_OF_ALL = 'ABCDEFGHJKLMNPQRSTUV';
const FIRST = 'name,board\nattic,esp32\nattic-2,esp8266\nattic-22,esp8266\nbarn,esp32\n';

const names = () => deployment.which.names;
const writeList = (text: string) => writeFileSync(join(deployment.fleetDir, 'devices.csv'), text);
const deploy = async () => {
  const { code, stdout, stderr } = await deployment.cdk('deploy', '--all');
  expect(code, stdout + stderr).toBe(0);
};

beforeAll(async () => {
  deployment = await startDeployment({ naming: { name: 'farm' } });
  for (const [name, value] of Object.entries(deployment.cloud.environment)) vi.stubEnv(name, value);
  iot = new IoTClient(deployment.client);
  deployment.writeSite('home', 'devices: {}\n');
  deployment.writeSite('field', 'list: devices.csv\n');
  writeList(FIRST);
  await deploy();
  const path = names().claimPath;
  const [recorded, key = ''] = [await readCertificate(path), await readKey(path)];
  claim = { cert: recorded?.certificatePem ?? '', key, ca: deployment.cloud.rootCaPem };
}, 120_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all(boards.map((board) => board.end()));
  await deployment.close();
});

/** What the table says, by device. */
async function lines(): Promise<Record<string, KnownLine>> {
  const found: Record<string, KnownLine> = {};
  for await (const page of pagesOfLines(names().deviceTable)) for (const line of page) found[line.device] = line;
  return found;
}

async function newBoard(): Promise<EnrollingBoard> {
  const { mqttPort, rootCaPem } = deployment.cloud;
  const board = await EnrollingBoard.start({ names: names(), mqttPort, rootCaPem });
  boards.push(board);
  return board;
}

/** A board that has become a device, by the line that `fleet enrol` would print for it. */
async function enrolled(device: string): Promise<EnrollingBoard> {
  const expires = Math.floor(Date.now() / 1_000) + 60;
  const code = codeText({ hash: codeHash(CODE_OF_ALL), expires });
  await lineStore(names().deviceTable, device).change({ [CODE]: code });
  const board = await newBoard();
  expect(await enrol(board, device)).toBe(`farm_${device}`);
  return board;
}

const enrol = (board: EnrollingBoard, device: string) =>
  board.enrol(`farm_Enrolment-${device}`, claim, { device, code: CODE_OF_ALL });

async function statusOf({ certificate }: EnrollingBoard): Promise<string | undefined> {
  const asked = iot.send(new DescribeCertificateCommand({ certificateId: certificate?.certificateId }));
  const { certificateDescription } = await asked.catch((error: unknown) => {
    if (error instanceof ResourceNotFoundException) return { certificateDescription: { status: 'gone' } };
    throw error;
  });
  return certificateDescription?.status;
}

const things = async () => (await iot.send(new ListThingsCommand({}))).things?.map(({ thingName }) => thingName).sort();

let attic: EnrollingBoard;
let second: EnrollingBoard;

describe('once its list is deployed', () => {
  it('a site has a policy and an item each in the table, and neither a thing nor a certificate', async () => {
    const found = await lines();
    expect(Object.keys(found).sort()).toEqual(['attic', 'attic-2', 'attic-22', 'barn']);
    const { site, board, declared, wants, has, code } = found['attic-2']!;
    expect({ site, board, declared, wants, has, code }).toEqual({
      site: 'field',
      board: 'esp8266',
      declared: '1',
      wants: '1',
    });
    expect(await things()).toEqual(['farm_Enrolment']);
    const { policies } = await iot.send(new ListPoliciesCommand({}));
    expect(policies?.map(({ policyName }) => policyName).sort()).toEqual(['farm_Devices-field', 'farm_Enrolment']);
  });

  it('a board enrols, connects and publishes as its device', async () => {
    attic = await enrolled('attic');
    second = await enrolled('attic-2');
    expect(await things()).toEqual(['farm_Enrolment', 'farm_attic', 'farm_attic-2']);
    const { attributes } = await iot.send(new DescribeThingCommand({ thingName: 'farm_attic-2' }));
    expect(attributes).toEqual({ device: 'attic-2' });
    const client = await attic.connect('farm_attic', attic.identity);
    const heard = new Promise<string>((resolve) => client.once('message', (topic) => resolve(topic)));
    await client.subscribeAsync('cmd/rtjm_farm/attic/#', { qos: 1 });
    await client.publishAsync('rtjm_farm/attic/telemetry', '{"temperature":21.5}', { qos: 1 });
    await publish('cmd/rtjm_farm/attic/relay', '{}');
    expect(await heard).toMatch(/^cmd\/rtjm_farm\/attic\//);
    await client.endAsync();
  });

  it.each(['farm_attic-2', 'farm_attic-22', 'farm_barn', 'attic', 'farm_Enrolment', 'farm_Devices-field'])(
    'it does not connect as %s',
    async (clientId) => {
      expect(await outcome(attic.client(clientId, attic.identity))).toBe('cut off');
    },
  );

  it.each([
    'rtjm_farm/attic-2/telemetry',
    'rtjm_farm/farm_attic/telemetry',
    'rtjm_farm/+/telemetry',
    'rtjm_farm/atti/telemetry',
    'rtjm/attic/telemetry',
    'cmd/rtjm_farm/attic/relay',
  ])('it does not publish on %s', async (topic) => {
    const client = await attic.connect('farm_attic', attic.identity);
    const ended = cutOff(client);
    client.publish(topic, '{}', { qos: 0 });
    await ended;
  });

  it.each(['#', 'rtjm_farm/#', 'cmd/rtjm_farm/#', 'cmd/rtjm_farm/attic-2/#', 'cmd/rtjm_farm/+/relay'])(
    'it does not subscribe to %s',
    async (filter) => {
      const client = await attic.connect('farm_attic', attic.identity);
      const ended = cutOff(client);
      client.subscribe(filter);
      await ended;
    },
  );
});

describe('a deployment of a changed list', () => {
  it('puts what is new, wants a newer key, revokes, and removes; what else there is stays as it is', async () => {
    const third = await enrolled('barn');
    const before = await lines();
    writeList('name,board,generation,revoked\nattic,esp32,2,\nattic-2,esp8266,,true\nattic-22,esp32,,\nshed,esp32,,\n');
    await deploy();
    const after = await lines();
    expect(Object.keys(after).sort()).toEqual(['attic', 'attic-2', 'attic-22', 'shed']);
    expect(after.attic).toMatchObject({ declared: '2', wants: '2', has: before.attic?.has, code: before.attic?.code });
    expect(after['attic-2']).toMatchObject({ declared: 'revoked', wants: 'revoked' });
    expect(after['attic-22']).toMatchObject({ board: 'esp32', wants: '1' });
    expect([await statusOf(attic), await statusOf(second), await statusOf(third)]).toEqual([
      'ACTIVE',
      'REVOKED',
      'gone',
    ]);
    expect(await things()).toEqual(['farm_Enrolment', 'farm_attic', 'farm_attic-2']);
    expect(await outcome(second.client('farm_attic-2', second.identity))).toBe('cut off');
    expect(await enrol(await newBoard(), 'barn')).toMatchObject({ errorCode: 'AccessDenied' });
    expect(await enrol(second, 'attic-2')).toMatchObject({ errorCode: 'AccessDenied' });
  });

  it('lets a board change its key by the one that it has, and the older one goes once it uses the newer one', async () => {
    const client = await attic.connect('farm_attic', attic.identity);
    const newer = await newBoard(); // the same board with another key
    await newer.askForCertificate(client);
    expect(await newer.provision(client, { device: 'attic' })).toMatchObject({ thingName: 'farm_attic' });
    await client.endAsync();
    const again = await newer.connect('farm_attic', newer.identity);
    await again.publishAsync('rtjm_farm/attic/identity/used', '{}', { qos: 1 });
    await again.endAsync();
    await vi.waitFor(async () => expect(await statusOf(attic)).toBe('gone'), { timeout: 30_000 });
    attic = newer;
  });
});

it('leaves nothing behind', async () => {
  expect(await statusOf(attic)).toBe('ACTIVE');
  const { code, stdout, stderr } = await deployment.cdk('destroy', '--all', '--force');
  expect(code, stdout + stderr).toBe(0);
  expect(await things()).toEqual([]);
  const { policies } = await iot.send(new ListPoliciesCommand({}));
  const { certificates = [] } = await iot.send(new ListCertificatesCommand({}));
  const { TableNames } = await new DynamoDBClient(deployment.client).send(new ListTablesCommand({}));
  expect([policies, TableNames]).toEqual([[], []]);
  // What was refused is deleted by AWS IoT itself, once its token is an hour old.
  expect(certificates.map(({ status }) => status).filter((status) => status !== 'PENDING_ACTIVATION')).toEqual([]);
});
