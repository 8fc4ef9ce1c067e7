import { QueryCommand, ResourceNotFoundException as TableNotFound } from '@aws-sdk/client-dynamodb';
import { GetConnectionCommand, ResourceNotFoundException } from '@aws-sdk/client-iot-data-plane';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { temporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import { callsOf } from '../denied.ts';
import {
  certificateId,
  cloudFormation,
  iot,
  iotData,
  nothingDeployed,
  siteDeployed,
  telemetryDeployed,
  thingHas,
} from '../deployed.ts';
import { doubles, dynamoDB } from '../doubles.ts';
import { runFleet } from '../run-fleet.ts';

function nothingSeen(): void {
  doubles();
  iotData.rejects(new ResourceNotFoundException({ message: 'never seen', $metadata: {} }));
  dynamoDB.resolves({ Items: [] });
}
beforeEach(nothingSeen);

function fleetFolder(): string {
  return temporaryFleet({
    'home.yaml': `devices:
  kitchen: { board: esp8266 }
  shed: { board: esp8266, revoked: true }
  attic: { board: esp32 }
`,
  });
}

const deployEverything = () => {
  telemetryDeployed();
  sitesDeployed();
};
const sitesDeployed = () => {
  siteDeployed('home', ['kitchen', 'shed', 'attic']);
  thingHas('kitchen', { a: 'ACTIVE' });
  thingHas('shed', { b: 'REVOKED' });
  thingHas('attic', { c: 'ACTIVE' });
};

test('a table of all devices, as file and cloud have them', async () => {
  deployEverything();
  iotData.on(GetConnectionCommand, { clientId: 'kitchen' }).resolves({ connected: true });
  iotData.on(GetConnectionCommand, { clientId: 'attic' }).resolves({ connected: false });
  dynamoDB
    .on(QueryCommand, { ExpressionAttributeValues: { ':device': { S: 'kitchen' } } })
    .resolves({ Items: [{ arrival: { S: `${Date.now() - 600_000}#0` } }] });

  const { code, stdout, stderr } = await runFleet(['list', '--fleet', fleetFolder()]);
  expect(stderr).toBe('');
  expect(stdout).toBe(`local cloud at 127.0.0.1:1
site  device   board    cert      status   created     expires     connected  last seen
home  kitchen  esp8266  aaaaaaaa  ACTIVE   2026-01-31  2049-12-31  yes        10 min ago
home  shed     esp8266  bbbbbbbb  REVOKED  2026-01-31  2049-12-31  no         -
home  attic    esp32    cccccccc  ACTIVE   2026-01-31  2049-12-31  no         -
`);
  expect(code).toBe(0);
});

test('the newest row is found by key, and only it is read', async () => {
  deployEverything();
  await runFleet(['list', '--fleet', fleetFolder()]);
  expect(dynamoDB.commandCalls(QueryCommand)[0]?.args[0].input).toMatchObject({
    TableName: 'time-series',
    KeyConditionExpression: 'device = :device',
    ScanIndexForward: false,
    Limit: 1,
  });
});

test('before the first deployment, every device is not deployed, and that is said', async () => {
  const { code, stdout } = await runFleet(['list', '--fleet', fleetFolder()]);
  expect(stdout).toContain('home  kitchen  esp8266  -     not deployed  -        -        no         -\n');
  expect(stdout).toContain('! kitchen is in home.yaml, but not deployed; run: npx cdk deploy --all\n');
  expect(code).toBe(0);
});

test.each([
  [
    'REVOKED in the cloud alone',
    () => thingHas('kitchen', { a: 'REVOKED' }),
    '! certificate aaaaaaaa of kitchen is REVOKED, but home.yaml does not say so; run: bin/fleet revoke kitchen, ' +
      'or for a new identity: bin/fleet rotate kitchen',
  ],
  [
    'revoked in the file alone',
    () => thingHas('shed', { b: 'ACTIVE' }),
    '! certificate bbbbbbbb of shed is ACTIVE, but home.yaml says revoked; run: bin/fleet revoke shed',
  ],
  [
    'INACTIVE',
    () => thingHas('attic', { c: 'INACTIVE' }),
    `! certificate cccccccc of attic is INACTIVE, so the broker refuses it; to let it in: aws iot update-certificate --certificate-id ${certificateId('c')} --new-status ACTIVE`,
  ],
  [
    'no certificate',
    () => thingHas('attic', {}),
    '! attic has no certificate attached to its thing; see: bin/fleet doctor',
  ],
  [
    'not deployed',
    () => siteDeployed('home', ['kitchen', 'shed']),
    '! attic is in home.yaml, but not deployed; run: npx cdk deploy --all',
  ],
  [
    'no longer in the file',
    () => siteDeployed('home', ['kitchen', 'shed', 'attic', 'garage']),
    '! garage is deployed, but not in home.yaml; to remove it: npx cdk deploy --all',
  ],
  [
    'a site without a file',
    () => {
      siteDeployed('farm', ['barn', 'stable']);
      thingHas('barn', { d: 'ACTIVE' });
    },
    '! fleet-site-farm is deployed, but there is no fleet file farm.yaml; if the site is to go: ' +
      'aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name fleet-site-farm ' +
      '&& aws cloudformation delete-stack --stack-name fleet-site-farm',
  ],
])('file and cloud disagree: %s', async (_, differ, line) => {
  deployEverything();
  differ();
  const { code, stdout } = await runFleet(['list', '--fleet', fleetFolder()]);
  expect(stdout.split('\n').filter((text) => text.startsWith('!'))).toEqual([line]);
  expect(code).toBe(0);
});

test.each([
  ['barn', 0, 'farm  barn ', ''],
  ['bran', 1, '', /^fleet: no device "bran" in .*; there is: /],
])('%s by its name, where the stack alone has a device', async (device, expected, line, message) => {
  deployEverything();
  siteDeployed('farm', ['barn']);
  const { code, stdout, stderr } = await runFleet(['list', device, '--fleet', fleetFolder()]);
  expect(stdout).toContain(line);
  expect(stderr).toMatch(message);
  expect(code).toBe(expected);
});

const LOST =
  '! fleet-telemetry is not deployed: the broker takes what devices publish, and no row comes of it; run: npx cdk deploy --all';
const LIFT =
  'aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name fleet-telemetry';

test.each<[string, () => void, string]>([
  ['is not there', nothingDeployed, LOST],
  [
    'goes',
    () => telemetryDeployed({}, 'DELETE_IN_PROGRESS'),
    '! fleet-telemetry is being deleted, and no rows are made any more',
  ],
  [
    'never came to life',
    () => telemetryDeployed({}, 'ROLLBACK_COMPLETE'),
    '! fleet-telemetry is ROLLBACK_COMPLETE: its first deployment failed, and its protection is in the way of the next one; ' +
      `run: ${LIFT} && npx cdk deploy --all; until then it may be that no rows are made of what devices publish`,
  ],
  [
    'is of another setting',
    () =>
      telemetryDeployed({
        RowSettings: JSON.stringify({ stamps: ['full_topic'], ingest: 'basic', retention: 86_400 }),
      }),
    '! fleet-telemetry is older than the settings: ingest is basic there and broker in cdk.json, ' +
      'stamps is ["full_topic"] there and ["full_topic","measured","received"] in cdk.json, retention is 1d there and not set in cdk.json; ' +
      'run: npx cdk deploy --all',
  ],
  [
    'says nothing of settings',
    () => telemetryDeployed({ RowSettings: '' }),
    '! fleet-telemetry is older than cdk.json: it does not say by which settings it makes rows; run: npx cdk deploy --all',
  ],
])('the stack that makes rows of messages %s', async (_, differ, line) => {
  differ();
  sitesDeployed();
  const { code, stdout } = await runFleet(['list', '--fleet', fleetFolder()]);
  expect(stdout.split('\n').filter((text) => text.startsWith('!'))).toEqual([line]);
  expect(code).toBe(0);
});

test('while the stack that makes rows is being deployed, list waits to be asked again', async () => {
  deployEverything();
  telemetryDeployed({ RowSettings: JSON.stringify({ stamps: [], ingest: 'basic' }) }, 'UPDATE_IN_PROGRESS');
  expect((await runFleet(['list', '--fleet', fleetFolder()])).stdout).not.toContain('!');
});

test('in a rotation, both certificates, the newer one first', async () => {
  deployEverything();
  thingHas('kitchen', { a: 'ACTIVE', d: 'INACTIVE' });
  const { stdout } = await runFleet(['list', '--fleet', fleetFolder()]);
  expect(stdout.split('\n').slice(2, 4)).toEqual([
    'home  kitchen  esp8266  aaaaaaaa  ACTIVE    2026-01-31  2049-12-31  no         -',
    '                        dddddddd  INACTIVE  2026-01-31  2049-12-31',
  ]);
  expect(stdout).not.toContain('!');
});

test('at 80 columns, too, with names as people give them: which certificate and which board is not left out', async () => {
  telemetryDeployed();
  siteDeployed('home', ['kitchen-sensor']);
  thingHas('kitchen-sensor', { a: 'ACTIVE', d: 'INACTIVE' });
  dynamoDB.resolves({ Items: [{ arrival: { S: `${Date.now() - 6_000_000}#0` } }] });
  const fleet = temporaryFleet({
    'home.yaml': 'devices:\n  kitchen-sensor: { board: esp8266, generations: [1, 2] }\n',
  });
  const { stdout } = await runFleet(['list', '--fleet', fleet], { columns: 80 });
  expect(stdout.split('\n').slice(1, 4)).toEqual([
    'site device         board   cert     status   expires    connected last seen',
    'home kitchen-sensor esp8266 aaaaaaaa ACTIVE   2049-12-31 no        100 min ago',
    '                            dddddddd INACTIVE 2049-12-31',
  ]);
});

test('--json has all of it', async () => {
  const folder = fleetFolder();
  deployEverything();
  iotData.on(GetConnectionCommand, { clientId: 'kitchen' }).resolves({ connected: true });
  dynamoDB
    .on(QueryCommand, { ExpressionAttributeValues: { ':device': { S: 'kitchen' } } })
    .resolves({ Items: [{ arrival: { S: '1769860800123#0' } }] });
  const { stdout } = await runFleet(['list', '--json', '--fleet', folder]);
  const [kitchen, shed] = JSON.parse(stdout) as object[];
  const times = { created: '2026-01-31T12:00:00.000Z', expires: '2049-12-31T23:59:59.000Z' };
  expect(kitchen).toEqual({
    site: 'home',
    file: join(folder, 'home.yaml'),
    device: 'kitchen',
    board: 'esp8266',
    revoked: false,
    generations: [1],
    deployed: true,
    connected: true,
    status: 'ACTIVE',
    certificates: [{ id: certificateId('a'), status: 'ACTIVE', ...times }],
    lastSeen: '2026-01-31T12:00:00.123Z',
    disagreements: [],
  });
  expect(shed).toMatchObject({ device: 'shed', revoked: true, status: 'REVOKED', connected: false });
});

test('on a narrow terminal, columns are left out, and no word is broken', async () => {
  deployEverything();
  const at = async (columns: number) => (await runFleet(['list', '--fleet', fleetFolder()], { columns })).stdout;
  const head = (stdout: string) => stdout.split('\n')[1]?.trim().replace(/ +/g, ' ');
  const wide = await at(200);
  expect(head(wide)).toBe('site device board cert status created expires connected last seen');
  const narrow = await at(75);
  expect(head(narrow)).toBe('site device board cert status expires connected last seen');
  expect(head(await at(50))).toBe('device cert status connected last seen');
  const words = new Set(wide.split(/\s+/));
  for (const columns of [75, 50, 20, 1]) {
    for (const word of (await at(columns)).split(/\s+/)) expect(words, `at ${columns}`).toContain(word);
  }
  expect(Math.max(...narrow.split('\n').map((line) => line.length))).toBeLessThanOrEqual(75);
  expect(await at(0)).toBe(wide); // a pipe
});

test('a table that somebody deleted takes nothing away but when devices were last seen, and the way out is said', async () => {
  deployEverything();
  telemetryDeployed({ TableName: 'fleet-telemetry-TimeSeries6B8F-1A2B' });
  dynamoDB.rejects(new TableNotFound({ message: 'Requested resource not found', $metadata: {} }));
  const { code, stdout } = await runFleet(['list', '--fleet', fleetFolder()]);
  expect(stdout).toMatch(/kitchen {2}esp8266 {2}aaaaaaaa {2}ACTIVE .* no +-\n/);
  const gone =
    'the table "fleet-telemetry-TimeSeries6B8F-1A2B" is gone: somebody deleted it. Messages wait as dead letters, for 14 days. Restore its backup ' +
    'under the same name, which DynamoDB keeps for 35 days, then run: bin/fleet redrive. Or begin with an empty table, ' +
    'and without these dead letters: npx cdk destroy fleet-telemetry && npx cdk deploy fleet-telemetry';
  expect(stdout).toContain(`\n! ${gone}\n`);
  expect(stdout.split('is gone')).toHaveLength(2);
  expect(code).toBe(0);

  const json = await runFleet(['list', '--json', '--fleet', fleetFolder()]);
  expect(JSON.parse(json.stdout)).toHaveLength(3);
  expect(json.stderr).toBe(`fleet: ${gone}\n`);

  for (const verb of [['query', 'kitchen'], ['latest'], ['tail']]) {
    const finished = await runFleet([...verb, '--fleet', fleetFolder()]);
    expect(finished).toEqual({ code: 1, stdout: '', stderr: `fleet: ${gone}\n` });
  }
});

describe('what AWS does not allow to read, or does not serve', () => {
  const refused = (name: string, message: string) => Object.assign(new Error(message), { name });

  test('each reading that is denied is one "unknown", with the action that it takes', async () => {
    const run = () => runFleet(['list', '--fleet', fleetFolder()]);
    deployEverything();
    await run();
    const calls = callsOf([
      ['iot', iot],
      ['iot', iotData],
      ['cloudformation', cloudFormation],
      ['dynamodb', dynamoDB],
    ]);
    expect(calls.map(({ action }) => action).sort()).toEqual([
      'cloudformation:DescribeStacks',
      'cloudformation:ListStackResources',
      'cloudformation:ListStacks',
      'dynamodb:Query',
      'iot:DescribeCertificate',
      'iot:GetConnection',
      'iot:ListThingPrincipals',
    ]);
    for (const { action, deny } of calls) {
      nothingSeen();
      deployEverything();
      deny();
      const { code, stdout, stderr } = await run();
      expect({ code, stderr }, action).toEqual({ code: 0, stderr: '' });
      const notes = stdout.split('\n').filter((line) => line.startsWith('!'));
      expect(notes, action).toEqual([
        expect.stringMatching(`^! not known: .*; AWS does not allow this user ${action}$`),
      ]);
      if (!/:ListStack/.test(action)) expect(stdout, action).toMatch(/^home +kitchen .*unknown/m);
      else expect(stdout, action).toMatch(/^home +kitchen .*ACTIVE/m); // the thing is there
    }
  });

  test.each([
    ['ForbiddenException', 'null', 'AWS does not allow this user iot:GetConnection'],
    ['MethodNotAllowedException', 'no such path', 'AWS does not serve iot:GetConnection here: no such path'],
  ])('whether devices are connected: %s', async (name, message, why) => {
    deployEverything();
    iotData.on(GetConnectionCommand).rejects(refused(name, message));
    const { stdout } = await runFleet(['list', '--fleet', fleetFolder()]);
    expect(stdout).toContain('2049-12-31  unknown    -\n');
    expect(stdout).toContain(`! not known: whether devices are connected; ${why}\n`);
    const json = await runFleet(['list', '--json', '--fleet', fleetFolder()]);
    expect((JSON.parse(json.stdout) as object[])[0]).toMatchObject({ connected: null, status: 'ACTIVE' });
    expect(json.stderr).toContain(`fleet: not known: whether devices are connected; ${why}\n`);
  });

  test('any other failure is one', async () => {
    deployEverything();
    iotData.on(GetConnectionCommand).rejects(refused('InternalFailureException', 'broken'));
    const finished = await runFleet(['list', '--fleet', fleetFolder()]);
    expect(finished).toEqual({ code: 1, stdout: '', stderr: 'fleet: broken\n' });
  });
});
