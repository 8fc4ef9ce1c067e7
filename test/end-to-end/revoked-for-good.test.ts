import { join } from 'node:path';
import { CreateThingCommand, IoTClient } from '@aws-sdk/client-iot';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { board, connected, outcome, type Pems, readPems } from '../../testing/cloud/board.ts';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';

/* Whoever is revoked stays so, whatever is deployed or rolled back afterwards. Each step stands on the one before. */

/** A deployment that has this device in it fails: a thing of that name is somebody else's. */
const OBSTACLE = '  lamp: { board: esp32 }\n';

const LIMIT = { timeout: 120_000 };

let deployment: Deployment;
const pems = new Map<string, Pems>();
const clients: MqttClient[] = [];

beforeAll(async () => {
  deployment = await startDeployment();
  await new IoTClient(deployment.client).send(
    new CreateThingCommand({ thingName: 'lamp', attributePayload: { attributes: { owner: 'somebody-else' } } }),
  );
  await expectDeployed('  kitchen: { board: esp8266 }\n  garage: { board: esp32 }\n  porch: { board: esp32 }\n');
  for (const device of ['kitchen', 'garage', 'porch']) {
    const folder = join(deployment.folder, device);
    const { code, stderr } = await deployment.fleet('secrets', device, '--pem', folder);
    expect(code, stderr).toBe(0);
    pems.set(device, readPems(folder));
  }
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.endAsync(true)));
  await deployment.close();
});

function connect(device: string): MqttClient {
  const client = board(deployment.cloud.mqttPort, device, pems.get(device) ?? {});
  clients.push(client);
  return client;
}

async function deploy(devices: string) {
  deployment.writeSite('home', `devices:\n${devices}`);
  return deployment.cdk('deploy', 'fleet-site-home', '--require-approval', 'never');
}

async function expectDeployed(devices: string): Promise<void> {
  const { code, stderr } = await deploy(devices);
  expect(code, stderr).toBe(0);
}

async function expectRolledBack(devices: string): Promise<void> {
  expect((await deploy(devices)).code).toBe(1);
  const { Stacks = [] } = await new CloudFormationClient(deployment.client).send(
    new DescribeStacksCommand({ StackName: 'fleet-site-home' }),
  );
  expect(Stacks[0]?.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
}

async function expectRefused(device: string): Promise<void> {
  expect(await outcome(connect(device))).toBe('cut off');
  expect(deployment.log.refusals.at(-1)?.why).toMatch(/REVOKED/);
}

interface Listed {
  readonly device: string;
  readonly status: string;
  readonly disagreements: readonly string[];
}

async function listed(device: string): Promise<Listed | undefined> {
  const { stdout } = await deployment.fleet('list', '--json');
  return (JSON.parse(stdout) as Listed[]).find((each) => each.device === device);
}

it('its line is gone already, which nobody has deployed: the verb cuts it off all the same', LIMIT, async () => {
  deployment.writeSite('home', 'devices:\n  kitchen: { board: esp8266 }\n  garage: { board: esp32 }\n');
  const client = connect('porch');
  await connected(client);
  const gone = new Promise<void>((resolve) => client.once('close', () => resolve()));
  const { code, stdout, stderr } = await deployment.fleet('revoke', 'porch', '--yes');
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('no fleet file has porch, so none was changed');
  await gone;
  await expectRefused('porch');
});

it('the verb first: a deployment that fails and is rolled back does not bring the device back', LIMIT, async () => {
  const { code, stderr } = await deployment.fleet('revoke', 'kitchen', '--yes');
  expect(code, stderr).toBe(0);
  await expectRolledBack(`  kitchen: { board: esp8266, revoked: true }\n  garage: { board: esp32 }\n${OBSTACLE}`);
  await expectRefused('kitchen');
});

it('the file first: the deployment cuts the device off, and the verb has nothing left to do', LIMIT, async () => {
  const client = connect('garage');
  await connected(client);
  const gone = new Promise<void>((resolve) => client.once('close', () => resolve()));
  await expectDeployed('  kitchen: { board: esp8266, revoked: true }\n  garage: { board: esp32, revoked: true }\n');
  await gone;
  await expectRefused('garage');
  expect(await listed('garage')).toMatchObject({ status: 'REVOKED', disagreements: [] });
  const { code, stdout } = await deployment.fleet('revoke', 'garage', '--yes');
  expect(stdout).toMatch(
    /^local cloud at 127\.0\.0\.1:\d+\ngarage is revoked already: its certificate is REVOKED \([0-9a-f]{8}\), it is not connected, /,
  );
  expect(code).toBe(0);
});

it('a line that is taken away, by mistake or in a rollback, brings nothing back', LIMIT, async () => {
  const without = '  kitchen: { board: esp8266 }\n  garage: { board: esp32 }\n';
  await expectRolledBack(`${without}${OBSTACLE}`);
  await expectRefused('garage');
  await expectDeployed(without);
  await expectRefused('kitchen');
  expect((await listed('kitchen'))?.disagreements).toEqual([
    expect.stringMatching(/^certificate [0-9a-f]{8} of kitchen is REVOKED, but home\.yaml does not say so; /),
  ]);
});
