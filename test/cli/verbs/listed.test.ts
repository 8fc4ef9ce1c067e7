import {
  GetItemCommand,
  QueryCommand,
  ResourceNotFoundException as TableNotFound,
  ScanCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeCertificateCommand,
  DescribeEndpointCommand,
  GetPolicyCommand,
  ListAttachedPoliciesCommand,
  ListCertificatesCommand,
  ListThingPrincipalsCommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { DeleteConnectionCommand, GetConnectionCommand, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { readFileSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { inTemporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import {
  certificateArn,
  certificateId,
  certificateOf,
  iot,
  iotData,
  siteDeployed,
  stored,
  telemetryDeployed,
  thingHas,
} from '../deployed.ts';
import { doubles, dynamoDB } from '../doubles.ts';
import { runFleet } from '../run-fleet.ts';

/* What the verbs do with the devices of a list. */

const TABLE = 'esp-fleet-devices';
const LIST = 'name,board,generation,revoked\nattic,esp32,,\nloft,esp8266,2,\nbarn,esp32,,true\n';

beforeEach(() => {
  doubles();
  iotData.on(DeleteConnectionCommand).resolves({});
  iotData.on(GetConnectionCommand).resolves({ connected: false });
  iotData.on(PublishCommand).resolves({});
  iot.on(UpdateCertificateCommand).resolves({});
  iot.on(DescribeEndpointCommand).resolves({ endpointAddress: 'abc-ats.iot.eu-west-1.amazonaws.com' });
  dynamoDB.on(UpdateItemCommand).resolves({});
  dynamoDB.on(QueryCommand).resolves({ Items: [] });
  telemetryDeployed();
  siteDeployed('meters', []);
  stored('Enrolment/1', { key: '-----BEGIN PRIVATE KEY-----\nKEY', certificate: certificateOf('f', 'CLAIM') });
  lines({ attic: { wants: '1' }, loft: { wants: '2', has: 'b' }, barn: { wants: 'revoked', has: 'c' } });
  certificates({ b: 'ACTIVE', c: 'REVOKED', e: 'ACTIVE' });
  inTemporaryFleet({ 'fleet/meters.yaml': 'list: meters.csv\n', 'fleet/meters.csv': LIST });
});

/** What the table says. @param has the digit of a certificate's id */
function lines(devices: Record<string, { wants: string; has?: string; site?: string }>): void {
  const items = Object.entries(devices).map(([device, { wants, has, site = 'meters' }]) => ({
    ...{ device: { S: device }, site: { S: site }, board: { S: 'esp32' }, wants: { S: wants }, version: { N: '7' } },
    ...(has !== undefined && { has: { S: `1:${certificateId(has)}` } }),
  }));
  dynamoDB.on(GetItemCommand).resolves({});
  for (const Item of items)
    dynamoDB.on(GetItemCommand, { TableName: TABLE, Key: { device: Item.device } }).resolves({ Item });
  // Two pages.
  dynamoDB.on(ScanCommand).resolves({ Items: items.slice(0, 1), LastEvaluatedKey: { device: { S: 'attic' } } });
  dynamoDB.on(ScanCommand, { ExclusiveStartKey: { device: { S: 'attic' } } }).resolves({ Items: items.slice(1) });
}

/** What AWS IoT lists, by the digits of their ids. */
function certificates(statuses: Record<string, 'ACTIVE' | 'REVOKED' | 'INACTIVE'>): void {
  iot.on(ListCertificatesCommand).resolves({
    certificates: Object.entries(statuses).map(([digit, status]) => ({
      ...{ certificateId: certificateId(digit), certificateArn: certificateArn(digit), status },
      creationDate: new Date('2026-01-31T12:00:00Z'),
    })),
  });
}

const list = () => readFileSync('fleet/meters.csv', 'utf8');
const updates = () => dynamoDB.commandCalls(UpdateItemCommand).map(({ args }) => args[0].input);

describe('fleet list', () => {
  test('shows all of them by pages, without asking for one', async () => {
    const { code, stdout, stderr } = await runFleet(['list']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      `local cloud at 127.0.0.1:1
site    device  board    cert      status              created     expires  connected  last seen
meters  attic   esp32    -         waits for its board  -           -        unknown    unknown
meters  loft    esp8266  bbbbbbbb  ACTIVE              2026-01-31  -        unknown    unknown
meters  barn    esp32    cccccccc  REVOKED             2026-01-31  -        unknown    unknown
`
        .replace('status              created', 'status               created')
        .replace('ACTIVE              2', 'ACTIVE               2')
        .replace('REVOKED             2', 'REVOKED              2'),
    );
    expect(iot.commandCalls(ListThingPrincipalsCommand)).toEqual([]);
    expect(iot.commandCalls(DescribeCertificateCommand)).toEqual([]);
    expect(iotData.commandCalls(GetConnectionCommand)).toEqual([]);
    expect(dynamoDB.commandCalls(QueryCommand)).toEqual([]);
  });

  test('has the sites in their order, be their devices entries or lines', async () => {
    writeFileSync('fleet/zoo.yaml', 'devices:\n  owl: { board: esp32 }\n');
    siteDeployed('zoo', ['owl']);
    const { stdout } = await runFleet(['list', '--json']);
    expect((JSON.parse(stdout) as { site: string }[]).map(({ site }) => site)).toEqual([
      ...['meters', 'meters', 'meters', 'zoo'],
    ]);
  });

  test('asks for one that is named', async () => {
    thingHas('loft', { b: 'ACTIVE', a: 'ACTIVE' });
    iotData.on(GetConnectionCommand, { clientId: 'loft' }).resolves({ connected: true });
    const { stdout } = await runFleet(['list', 'loft', '--json']);
    expect(JSON.parse(stdout)).toMatchObject([
      {
        site: 'meters',
        file: 'fleet/meters.csv',
        device: 'loft',
        connected: true,
        generations: [2],
        status: 'ACTIVE ACTIVE',
      },
    ]);
    expect(iot.commandCalls(ListCertificatesCommand)).toEqual([]);
  });

  test('says where list and table disagree', async () => {
    lines({ loft: { wants: '2', has: 'c' }, barn: { wants: 'revoked', has: 'b' }, shed: { wants: '1' } });
    const { stdout } = await runFleet(['list']);
    expect(stdout.split('\n').filter((line) => line.startsWith('!'))).toEqual([
      '! attic is in meters.csv, but not deployed; run: npx cdk deploy --all',
      '! certificate cccccccc of loft is REVOKED, but meters.csv does not say so; run: bin/fleet revoke loft, or for a new identity: bin/fleet enrol loft',
      '! certificate bbbbbbbb of barn is ACTIVE, but meters.csv says revoked; run: bin/fleet revoke barn',
      '! shed is deployed, but not in meters.csv; to remove it: npx cdk deploy --all',
    ]);
  });

  test('of 10,000 that are not deployed, says so in a line', async () => {
    dynamoDB.on(ScanCommand).rejects(new TableNotFound({ message: 'no table', $metadata: {} }));
    writeFileSync(
      'fleet/meters.csv',
      `name,board\n${Array.from({ length: 10_000 }, (_, index) => `m-${index},esp32\n`).join('')}`,
    );
    const { code, stdout } = await runFleet(['list', '--site', 'meters']);
    const warnings = stdout.split('\n').filter((line) => line.startsWith('!'));
    expect(code).toBe(0);
    expect(warnings).toEqual([
      '! 10,000 devices (m-0, m-1, m-2, ...) are in meters.csv, but not deployed; run: npx cdk deploy --all',
    ]);
  });

  test.each([
    [['garage'], 'no device "garage" in fleet/; there is: attic, loft, barn'],
    [['--site', 'home'], 'no site "home" in fleet/; there is: meters'],
  ])('%j is refused', async (argv, message) => {
    expect(await runFleet(['list', ...argv])).toEqual({ code: 1, stdout: '', stderr: `fleet: ${message}\n` });
  });
});

describe('fleet enrol', () => {
  test('keeps the hash of the code in the table', async () => {
    const Item = { device: { S: 'attic' }, site: { S: 'meters' }, board: { S: 'esp32' }, wants: { S: '1' } };
    dynamoDB.on(UpdateItemCommand).callsFake(({ ExpressionAttributeValues }: UpdateItemCommandInput) => {
      const code = ExpressionAttributeValues?.[':0'] ?? { S: '' };
      dynamoDB.on(GetItemCommand, { Key: { device: Item.device } }).resolves({ Item: { ...Item, code } });
      return {};
    });
    const { code, stdout, stderr } = await runFleet(['enrol', 'attic']);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^enrol attic \w{20} abc-ats\.iot\.eu-west-1\.amazonaws\.com:8883\n$/);
    expect(updates()).toMatchObject([{ TableName: TABLE, Key: { device: { S: 'attic' } } }]);
    expect(Object.values(updates()[0]?.ExpressionAttributeNames ?? {})).toEqual(['code']);
  });

  test.each([
    ['barn', 'barn is revoked (fleet/meters.csv); take "revoked" away there first, and deploy'],
    ['attic', 'device "attic" is not deployed; run: npx cdk deploy --all'],
  ])('%s is refused', async (device, message) => {
    lines({});
    expect(await runFleet(['enrol', device])).toEqual({ code: 1, stdout: '', stderr: `fleet: ${message}\n` });
  });
});

test('fleet revoke: first the table, then the certificate, then the line', async () => {
  thingHas('loft', { b: 'ACTIVE' });
  const { code, stdout, stderr } = await runFleet(['revoke', 'loft', '--yes']);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain(`✓ no board can enrol as loft
✓ certificate bbbbbbbb is REVOKED
✓ loft is not connected
✓ fleet/meters.csv says that loft is revoked; commit it
`);
  expect(list()).toBe(LIST.replace('loft,esp8266,2,', 'loft,esp8266,2,true'));
  const [update] = dynamoDB.commandCalls(UpdateItemCommand);
  expect(update?.args[0].input.ExpressionAttributeValues).toMatchObject({ ':0': { S: 'revoked' } });
  const [revoked] = iot.commandCalls(UpdateCertificateCommand);
  expect(revoked && update?.calledBefore(revoked)).toBe(true);
});

test('fleet revoke of one that has no board yet: no board gets it any more', async () => {
  const { code, stdout } = await runFleet(['revoke', 'attic', '--yes']);
  expect(code).toBe(0);
  expect(stdout).toContain('✓ attic has no certificate; the next deployment makes none\n');
  expect(list()).toBe(LIST.replace('attic,esp32,,', 'attic,esp32,,true'));
});

test.each([
  ['whose line is gone', 'list: meters.csv\n'],
  ['whose site has no list any more', 'devices: {}\n'],
])('fleet revoke of one %s: the table and its certificate, and no file', async (_, site) => {
  writeFileSync('fleet/meters.yaml', site);
  thingHas('shed', { e: 'ACTIVE' });
  lines({ shed: { wants: '1', has: 'e' } });
  const { code, stdout, stderr } = await runFleet(['revoke', 'shed', '--yes']);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain(`✓ no board can enrol as shed
✓ certificate eeeeeeee is REVOKED
✓ shed is not connected
✓ no fleet file has shed, so none was changed
`);
  expect(updates()[0]?.ExpressionAttributeValues).toMatchObject({ ':0': { S: 'revoked' } });
  expect(list()).toBe(LIST);
});

test('fleet revoke of one that is revoked changes nothing', async () => {
  thingHas('barn', { c: 'REVOKED' });
  const { stdout } = await runFleet(['revoke', 'barn']);
  expect(stdout).toContain(
    'barn is revoked already: its certificate is REVOKED (cccccccc), it is not connected, and fleet/meters.csv says so.',
  );
  expect([updates(), list()]).toEqual([[], LIST]);
});

describe('fleet rotate', () => {
  beforeEach(() => thingHas('loft', { b: 'ACTIVE' }));
  const published = () => iotData.commandCalls(PublishCommand).map(({ args }) => args[0].input.topic);

  test('raises the generation in its line, once the board has the one before', async () => {
    thingHas('attic', { a: 'ACTIVE' });
    lines({ attic: { wants: '1', has: 'a' } });
    const { code, stdout, stderr } = await runFleet(['rotate', 'attic']);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('✓ fleet/meters.csv says generation 2 of attic\n');
    expect(list()).toBe(LIST.replace('attic,esp32,,', 'attic,esp32,2,'));
    expect(published()).toEqual([]);
  });

  test('tells the board once that is deployed', async () => {
    const { stdout } = await runFleet(['rotate', 'loft']);
    expect(stdout).toContain('told the board of loft to make a new key');
    expect(published()).toEqual(['cmd/rtjm/loft/identity/rotate']);
  });

  test('says that it is not deployed', async () => {
    lines({ loft: { wants: '1', has: 'b' } });
    const { stdout } = await runFleet(['rotate', 'loft']);
    expect(stdout).toContain('fleet/meters.csv says generation 2 of loft already, which is not deployed yet\n');
    expect(list()).toBe(LIST);
  });
});

test('fleet secrets says where the key is', async () => {
  expect((await runFleet(['secrets', 'loft'])).stderr).toBe(
    'fleet: the key of loft is on its board, and nowhere else; to give the board an identity: bin/fleet enrol loft\n',
  );
});

test('fleet explain judges by the policy of the list, which knows each device by its thing', async () => {
  thingHas('loft', { b: 'ACTIVE' });
  iot.on(ListAttachedPoliciesCommand).resolves({ policies: [{ policyName: 'Devices-meters' }] });
  const Resource = 'arn:aws:iot:eu-west-1:111122223333:topic/rtjm/${iot:Connection.Thing.ThingName}/*';
  const policyDocument = JSON.stringify({
    Statement: [{ Sid: 'P', Effect: 'Allow', Action: 'iot:Publish', Resource }],
  });
  iot.on(GetPolicyCommand).resolves({ policyName: 'Devices-meters', policyDocument });
  expect((await runFleet(['explain', 'loft', 'publish', 'rtjm/loft/telemetry'])).code).toBe(0);
  expect((await runFleet(['explain', 'loft', 'publish', 'rtjm/attic/telemetry'])).code).toBe(3);
});

test('fleet explain of one that has no board yet', async () => {
  const { code, stdout } = await runFleet(['explain', 'attic', 'connect']);
  expect([code, stdout]).toEqual([
    3,
    'attic may not connect as attic\n  no certificate is attached to its thing, so it cannot connect at all\n',
  ]);
});

test.each(['tail', 'latest'])('fleet %s without a name does not ask for 10,000', async (verb) => {
  writeFileSync(
    'fleet/meters.csv',
    `name,board\n${Array.from({ length: 10_000 }, (_, index) => `m-${index},esp32\n`).join('')}`,
  );
  expect(await runFleet([verb])).toEqual({
    code: 1,
    stdout: '',
    stderr: 'fleet: the fleet has 10,000 devices, and each would be asked for; name some\n',
  });
});
