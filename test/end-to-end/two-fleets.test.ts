import { CloudFormationClient, DescribeStackEventsCommand } from '@aws-sdk/client-cloudformation';
import { IoTClient, ListThingsCommand } from '@aws-sdk/client-iot';
import type { MqttClient } from 'mqtt';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { board, connected } from '../../testing/cloud/board.ts';
import { type Deployment, type OperatedFleet, startDeployment } from '../../testing/cloud/deployment.ts';
import { emittedIdentity } from '../../testing/cloud/emitted-identity.ts';

// Two fleets in one account and region, whose sites and devices have the same names, and whose prefix is the same.

const SITE = 'home';
/** Runs the CDK CLI. */
const SLOW = 120_000;
const FILE = 'devices:\n  kitchen: { board: esp8266 }\n  attic: { board: esp32 }\n';

let a: Deployment;
let b: OperatedFleet;
let kitchens: { readonly a: MqttClient; readonly b: MqttClient };

beforeAll(async () => {
  a = await startDeployment({ naming: { name: 'a' } });
  b = a.beside({ name: 'b' });
  for (const fleet of [a, b]) fleet.writeSite(SITE, FILE);
  await Promise.all([a, b].map((fleet) => succeeds(fleet.cdk('deploy', '--all', '--require-approval', 'never'))));
  kitchens = { a: await connect(a, 'a_kitchen'), b: await connect(b, 'b_kitchen') };
}, 180_000);

afterAll(async () => {
  await Promise.all(Object.values(kitchens ?? {}).map((client) => client.endAsync(true)));
  await a?.close();
});

async function connect(fleet: OperatedFleet, clientId: string): Promise<MqttClient> {
  const { pems } = await emittedIdentity(fleet, SITE, 'kitchen');
  const client = board(fleet.cloud.mqttPort, clientId, pems);
  await connected(client);
  return client;
}

async function succeeds(running: ReturnType<OperatedFleet['cdk']>): Promise<string> {
  const { code, stdout, stderr } = await running;
  expect(stderr, 'what it complained about').toBe(code === 0 ? stderr : '');
  return stdout;
}

async function publish(client: MqttClient, topic: string, value: number): Promise<void> {
  await client.publishAsync(topic, JSON.stringify({ value }), { qos: 1 });
}

/** What `fleet query` says of the device, in the order in which it came. */
async function valuesOf(fleet: OperatedFleet): Promise<unknown[]> {
  const rows = await succeeds(fleet.fleet('query', 'kitchen', '--since', '1h', '--json'));
  return rows
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { value: unknown }).value);
}

async function eventsOf(stack: string): Promise<number> {
  const { StackEvents = [] } = await new CloudFormationClient(a.client).send(
    new DescribeStackEventsCommand({ StackName: stack }),
  );
  return StackEvents.length;
}

describe('two fleets side by side', () => {
  test('keep their rows apart, under the names that their operators gave', async () => {
    await publish(kitchens.a, 'rtjm_a/kitchen/telemetry', 1);
    await publish(kitchens.b, 'rtjm_b/kitchen/telemetry', 2);
    expect(await valuesOf(a)).toEqual([1]);
    expect(await valuesOf(b)).toEqual([2]);
  });

  test('have devices that may do nothing in the other fleet', async () => {
    const { stdout, code } = await a.fleet('explain', 'kitchen', 'publish', 'rtjm_b/kitchen/telemetry');
    expect([code, stdout]).toEqual([3, expect.stringContaining('kitchen may not publish to rtjm_b/kitchen/telemetry')]);
    const identity = await emittedIdentity(a, SITE, 'kitchen');
    const other = board(a.cloud.mqttPort, 'b_kitchen', identity.pems);
    await expect(connected(other)).rejects.toThrow();
    await other.endAsync(true);
  });

  test('are each all that their verbs see', async () => {
    for (const [fleet, name] of [
      [a, 'a'],
      [b, 'b'],
    ] as const) {
      const devices = JSON.parse(await succeeds(fleet.fleet('list', '--json'))) as { device: string; status: string }[];
      expect(devices.map(({ device, status }) => `${device} ${status}`)).toEqual(['kitchen ACTIVE', 'attic ACTIVE']);
      const other = `2 devices of the fleet "${name === 'a' ? 'b' : 'a'}"`;
      expect(await succeeds(fleet.fleet('doctor')), `doctor of ${name}`).toContain(
        `2 devices, no problem, 1 note; 0 other certificates in this account, ${other}`,
      );
      expect(await succeeds(fleet.fleet('import'))).toBe(`${other}: not shown\n0 things beside the fleet\n`);
    }
  });

  test('write their own topics and client ids into secrets.h', async () => {
    const header = `${b.folder}/secrets.h`;
    await succeeds(b.fleet('secrets', 'kitchen', '--out', header));
    const text = readFileSync(header, 'utf8');
    expect(text).toContain('#define THING_NAME "b_kitchen"');
    expect(text).toContain('#define TELEMETRY_TOPIC "rtjm_b/kitchen/"');
    expect(text).toContain('#define WILL_TOPIC "rtjm_b/kitchen/"');
    expect(text).toContain('#define COMMAND_TOPIC "cmd/rtjm_b/kitchen/"');
  });

  test('send commands to their own devices', async () => {
    const received: string[] = [];
    kitchens.b.on('message', (topic, payload) => received.push(`${topic} ${payload.toString()}`));
    await kitchens.b.subscribeAsync('cmd/rtjm_b/kitchen/#', { qos: 1 });
    const arrived = new Promise((resolve) => kitchens.b.once('message', resolve));
    await succeeds(b.fleet('send', 'kitchen', '{"relay":true}'));
    await arrived;
    expect(received).toEqual(['cmd/rtjm_b/kitchen/command {"relay":true}']);
  });
});

describe('a clone with other fleet files', () => {
  let clone: OperatedFleet;

  beforeAll(() => {
    clone = a.beside({ name: 'a' });
    clone.writeSite(SITE, 'devices:\n  shed: { board: esp32 }\n');
  });

  test.each([['--all'], ['fleet-a-site-home']])(
    'is refused by cdk deploy %s, before anything is touched',
    async (stacks) => {
      const before = await Promise.all(['fleet-a-telemetry', 'fleet-a-site-home'].map(eventsOf));
      const { code, stderr } = await clone.cdk('deploy', stacks, '--require-approval', 'never');
      expect(code).not.toBe(0);
      expect(stderr).toMatch(
        /fleet-a-(telemetry|site-home) is the stack of another fleet, and nothing of it has been changed/,
      );
      expect(await Promise.all(['fleet-a-telemetry', 'fleet-a-site-home'].map(eventsOf))).toEqual(before);
      expect(kitchens.a.connected).toBe(true);
    },
    SLOW,
  );

  test('and by fleet doctor --fix, for which all of it would be left behind', async () => {
    const { code, stderr } = await clone.fleet('doctor', '--fix', '--yes');
    expect([code, stderr]).toEqual([1, expect.stringContaining('fleet-a-telemetry is the stack of another fleet')]);
  });

  test(
    'a change of the fleet that it is goes on',
    async () => {
      a.writeSite(SITE, `${FILE}  barn: { board: esp8266 }\n`);
      await succeeds(a.cdk('deploy', '--all', '--require-approval', 'never'));
      expect(await succeeds(a.fleet('doctor'))).toContain('3 devices, no problem, 1 note');
    },
    SLOW,
  );
});

describe('what is done to one', () => {
  test('leaves the other: a device revoked', async () => {
    const ended = new Promise<void>((resolve) => kitchens.a.once('close', () => resolve()));
    await succeeds(a.fleet('revoke', 'kitchen', '--yes'));
    await ended;
    await publish(kitchens.b, 'rtjm_b/kitchen/telemetry', 3);
    expect(await valuesOf(b)).toEqual([2, 3]);
  });

  test(
    'leaves the other whole: everything destroyed',
    async () => {
      await succeeds(a.cdk('destroy', '--all', '--force'));
      await publish(kitchens.b, 'rtjm_b/kitchen/telemetry', 4);
      expect(await valuesOf(b)).toEqual([2, 3, 4]);
      expect(await succeeds(b.fleet('doctor'))).toContain('2 devices, no problem, 1 note');
      const { things = [] } = await new IoTClient(a.client).send(new ListThingsCommand({}));
      expect(things.map(({ thingName }) => thingName).sort()).toEqual(['b_attic', 'b_kitchen']);
    },
    SLOW,
  );
});
