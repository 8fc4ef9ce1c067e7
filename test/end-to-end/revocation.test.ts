import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { GetConnectionCommand, IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Finished, runFleet } from '../cli/run-fleet.ts';
import { board, connected, outcome, type Pems } from '../../testing/cloud/board.ts';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';
import { concurrently } from '../../aws/concurrently.ts';
import { emittedIdentity } from '../../testing/cloud/emitted-identity.ts';
import { Publisher } from '../../testing/cloud/publisher.ts';

/* A hundred boards publish, one of them is stolen, and `fleet revoke` cuts it off while the others go on. */

const STOLEN = 'board-42';
const OTHERS = Array.from({ length: 100 }, (_, index) => `board-${index}`).filter((name) => name !== STOLEN);
const FLEET_FILE = [
  '# a hundred boards',
  'devices:',
  ...[...OTHERS, STOLEN].map((name) => `  ${name}: { board: esp8266 } # in box ${name.slice(6)}`),
  '',
].join('\n');

let deployment: Deployment;
const identities = new Map<string, Pems>();
const publishers = new Map<string, Publisher>();
const endings: (() => Promise<void>)[] = [];

/** The verb in this process. */
const revoke = (...options: string[]) => runFleet(['revoke', STOLEN, ...options, '--fleet', deployment.fleetDir]);
const fleetFile = () => readFileSync(join(deployment.fleetDir, 'home.yaml'), 'utf8');
const publisher = (device: string): Publisher => {
  const found = publishers.get(device);
  if (found === undefined) throw new Error(`${device} does not publish`);
  return found;
};

beforeAll(async () => {
  deployment = await startDeployment();
  for (const [name, value] of Object.entries(deployment.cloud.environment)) vi.stubEnv(name, value);
  deployment.writeSite('home', FLEET_FILE);
  const { code, stderr } = await deployment.cdk('deploy', '--all', '--require-approval', 'never');
  expect(code, stderr).toBe(0);
  for (const device of [STOLEN, ...OTHERS])
    identities.set(device, (await emittedIdentity(deployment, 'home', device)).pems);
  // A busy machine takes longer over a hundred handshakes at once than a client waits for one.
  await concurrently([STOLEN, ...OTHERS], startPublishing);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all(endings.map((end) => end()));
  await deployment.close();
});

function connect(device: string) {
  const client = board(deployment.cloud.mqttPort, device, identities.get(device) ?? {});
  endings.push(() => client.endAsync(true));
  return client;
}

async function startPublishing(device: string): Promise<void> {
  const client = connect(device);
  await connected(client);
  const started = new Publisher(client, `rtjm/${device}/telemetry`);
  publishers.set(device, started);
  started.start();
}

/** How many rows of the table have the id of a message, by id. */
async function rowsById(): Promise<Map<string, number>> {
  const client = new DynamoDBClient(deployment.client);
  const { TableNames: [TableName] = [] } = await client.send(new ListTablesCommand({}));
  const rows = new Map<string, number>();
  for await (const { Items = [] } of paginateScan({ client }, { TableName })) {
    for (const { id } of Items) rows.set(id?.S ?? '', (rows.get(id?.S ?? '') ?? 0) + 1);
  }
  return rows;
}

describe('with a hundred boards that publish, fleet revoke', () => {
  let called: number;
  let finished: number;
  let verb: Finished;

  it('says what it would do, and does nothing, with --dry-run', async () => {
    const { code, stdout } = await revoke('--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^local cloud at 127\.0\.0\.1:\d+\nwould revoke certificate [0-9a-f]{8} \(ACTIVE\)\nwould end the session of board-42\nwould write .*home\.yaml\n$/,
    );
    expect(publisher(STOLEN).cutOffAt).toBeUndefined();
    expect(fleetFile()).toBe(FLEET_FILE);
  });

  it('ends the session of the stolen one', async () => {
    called = performance.now();
    verb = await revoke('--yes');
    finished = performance.now();
    expect(verb.code, verb.stderr).toBe(0);
    // Not soon: by the end of the command, whatever else the machine does.
    const data = new IoTDataPlaneClient(deployment.client);
    expect(await data.send(new GetConnectionCommand({ clientId: STOLEN }))).toMatchObject({ connected: false });
    await publisher(STOLEN).ended;
    const cutOff = Number(publisher(STOLEN).cutOffAt) - called;
    console.log(`the stolen board is cut off ${Math.round(cutOff)} ms after fleet revoke began`);
    expect(cutOff).toBeGreaterThan(0);
  });

  it('never lets it in again', async () => {
    expect(await outcome(connect(STOLEN))).toBe('cut off');
    expect(deployment.log.refusals.at(-1)?.why).toMatch(/REVOKED/);
  });

  it('ends no other session, and all others publish meanwhile', async () => {
    await Promise.all(OTHERS.map((device) => publisher(device).stop()));
    for (const device of OTHERS) {
      const { cutOffAt, acknowledged } = publisher(device);
      expect(cutOffAt, device).toBeUndefined();
      const meanwhile = acknowledged.filter(({ from, until }) => until > called && from < finished);
      expect(meanwhile.length, `messages of ${device}`).toBeGreaterThan(0);
    }
  });

  it('loses no message and doubles none', async () => {
    const rows = await rowsById();
    const sent = OTHERS.flatMap((device) => [...publisher(device).published]);
    expect(sent.filter((id) => rows.get(id) !== 1)).toEqual([]);
    // What the stolen one had acknowledged before it was cut off counts as well.
    const { acknowledged, published } = publisher(STOLEN);
    expect(acknowledged.filter(({ id }) => rows.get(id) !== 1)).toEqual([]);
    const known = new Set([...sent, ...published]);
    expect([...rows.keys()].filter((id) => !known.has(id))).toEqual([]);
  });

  it('marks the one device in the fleet file, and leaves every other character as it is', () => {
    expect(fleetFile()).toBe(
      FLEET_FILE.replace(`${STOLEN}: { board: esp8266 }`, `${STOLEN}: { board: esp8266, revoked: true }`),
    );
  });
});
