import { QueryCommand } from '@aws-sdk/client-dynamodb';
import {
  GetConnectionCommand,
  type GetConnectionResponse,
  ListSubscriptionsCommand,
  PublishCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-iot-data-plane';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { temporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import { iotData as data, telemetryDeployed, telemetryGone } from '../deployed.ts';
import { doubles, dynamoDB } from '../doubles.ts';
import { runFleet } from '../run-fleet.ts';

const NOW = Date.parse('2026-01-31T12:00:00Z');

beforeEach(() => {
  vi.stubEnv('TZ', 'UTC');
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  doubles();
  telemetryDeployed();
  dynamoDB.on(QueryCommand).resolves({ Items: [{ arrival: { S: '1769860800123#0' } }] });
  data.on(PublishCommand).resolves({});
  subscribed('cmd/rtjm/kitchen/#');
  data.on(GetConnectionCommand).rejects(new ResourceNotFoundException({ message: 'not here', $metadata: {} }));
});

function send(...argv: string[]) {
  const fleet = temporaryFleet({
    'home.yaml': 'devices:\n  kitchen: { board: esp32 }\n  shed: { board: esp32, revoked: true }\n',
  });
  return runFleet(['send', ...argv, '--fleet', fleet]);
}

const notFound = () => new ResourceNotFoundException({ message: 'not here', $metadata: {} });

/** What its session has subscribed to. */
function subscribed(topicFilter: string, qos = 1): void {
  data.on(ListSubscriptionsCommand).resolves({ subscriptions: [{ topicFilter, qos }] });
}

function known(connection: GetConnectionResponse): void {
  data.on(GetConnectionCommand, { clientId: 'kitchen' }).resolves(connection);
}

test('publishes below the topic of the device, with QoS 1', async () => {
  known({ connected: true });
  const { code, stdout, stderr } = await send('kitchen', '{"relay":true}', '--topic', 'a/b');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe('✓ published to cmd/rtjm/kitchen/a/b\nkitchen is connected: the command is on its way\n');
  const [call, ...others] = data.commandCalls(PublishCommand);
  expect(others).toEqual([]);
  expect(call?.args[0].input).toMatchObject({ topic: 'cmd/rtjm/kitchen/a/b', qos: 1 });
  expect(Buffer.from(call?.args[0].input.payload as Uint8Array).toString()).toBe('{"relay":true}');
});

test('says that an answer of the device would come to no row', async () => {
  known({ connected: true });
  telemetryGone();
  const { code, stdout } = await send('kitchen', '{}');
  expect(stdout).toContain('\n! fleet-telemetry is not deployed: the broker takes what devices publish, and no row');
  expect(code).toBe(0);
});

describe('a device that is connected', () => {
  test.each([
    ['cmd/rtjm/kitchen/command', true],
    ['cmd/rtjm/kitchen/+', true],
    ['cmd/rtjm/kitchen/command/#', true],
    ['cmd/+/kitchen/#', true],
    ['#', true],
    ['cmd/rtjm/kitchen', false],
    ['cmd/rtjm/kitchen/command/+', false],
    ['cmd/rtjm/kitchen/settings', false],
    ['cmd/rtjm/kit/#', false],
  ])('and has subscribed to %s: heard or not, %s', async (topicFilter, isHeard) => {
    known({ connected: true });
    subscribed(topicFilter);
    const { code, stdout } = await send('kitchen', '1');
    expect(stdout).toContain(
      isHeard
        ? 'kitchen is connected: the command is on its way\n'
        : '! kitchen is connected, but has not subscribed to cmd/rtjm/kitchen/command: the command is lost\n',
    );
    expect(code).toBe(isHeard ? 0 : 1);
  });

  test.each([
    [GetConnectionCommand, 'iot:GetConnection', '! kitchen gets it if it is connected, or has a persistent session\n'],
    [
      ListSubscriptionsCommand,
      'iot:ListSubscriptions',
      'is on its way, if it has subscribed to cmd/rtjm/kitchen/command\n',
    ],
  ])('what may not be read is not known, and no failure', async (Command, action, text) => {
    known({ connected: true });
    data.on(Command).rejects(Object.assign(new Error('null'), { name: 'ForbiddenException' }));
    const { code, stdout } = await send('kitchen', '1');
    expect(stdout).toContain(text);
    expect(stdout).toMatch(new RegExp(`^! not known: .*; AWS does not allow this user ${action}$`, 'm'));
    expect(code).toBe(0);
  });
});

describe('a device that is not connected', () => {
  const left = { connected: false, disconnectedSince: NOW - 600_000 };

  test.each([
    [
      'a persistent session',
      { ...left, cleanSession: false, sessionExpiry: 3_600 },
      0,
      'is not connected (left 10 min ago): the command is kept for it until 2026-01-31 12:50',
    ],
    [
      'a persistent session that has expired',
      { ...left, cleanSession: false, sessionExpiry: 600 },
      1,
      'is not connected (left 10 min ago) and its session has expired: the command is lost',
    ],
    [
      'no persistent session',
      { ...left, cleanSession: true, sessionExpiry: 0 },
      1,
      'is not connected (left 10 min ago) and left no persistent session: the command is lost',
    ],
  ])('%s', async (_, connection, code, text) => {
    known(connection);
    expect(await send('kitchen', '1')).toEqual({
      code,
      stdout: `✓ published to cmd/rtjm/kitchen/command\n! kitchen ${text}\n`,
      stderr: '',
    });
  });

  const NOT_FOR_LONG = 'has not been connected for half an hour';

  test.each([
    [
      'its session is there',
      () => subscribed('cmd/rtjm/kitchen/#'),
      0,
      `${NOT_FOR_LONG}: the command is kept for it until its session expires`,
    ],
    [
      'its session has another subscription',
      () => subscribed('cmd/rtjm/kitchen/settings'),
      1,
      `${NOT_FOR_LONG}, and its session has not subscribed to cmd/rtjm/kitchen/command: the command is lost`,
    ],
    [
      'it has no session',
      () => data.on(ListSubscriptionsCommand).rejects(notFound()),
      1,
      `${NOT_FOR_LONG}, and left no persistent session: the command is lost`,
    ],
  ])('and has not been for long: %s', async (_, prepare, code, text) => {
    prepare();
    expect(await send('kitchen', '1')).toMatchObject({
      code,
      stdout: expect.stringContaining(`! kitchen ${text}\n`) as string,
    });
  });

  test('and never was: no session, and no row of it', async () => {
    data.on(ListSubscriptionsCommand).rejects(notFound());
    telemetryDeployed();
    dynamoDB.on(QueryCommand).resolves({ Items: [] });
    const never = '! kitchen has never connected: there is no session and no row of it: the command is lost\n';
    expect(await send('kitchen', '1')).toMatchObject({ code: 1, stdout: expect.stringContaining(never) as string });
    dynamoDB.on(QueryCommand).resolves({ Items: [{ arrival: { S: '1769860800123#0' } }] });
    expect((await send('kitchen', '1')).stdout).toContain(`! kitchen ${NOT_FOR_LONG}, and left no persistent session`);
  });

  test.each([
    [
      'another',
      'cmd/rtjm/kitchen/settings',
      1,
      ', and its session has not subscribed to cmd/rtjm/kitchen/command: the command is lost',
    ],
    [
      'QoS 0',
      'cmd/rtjm/kitchen/#',
      0,
      ', and its session has subscribed with QoS 0, for which nothing is kept: the command is lost',
    ],
  ])('its subscription is %s', async (_, topicFilter, qos, text) => {
    known({ ...left, cleanSession: false, sessionExpiry: 3_600 });
    subscribed(topicFilter, qos);
    expect(await send('kitchen', '1')).toMatchObject({ code: 1, stdout: expect.stringContaining(text) as string });
  });

  test('--json', async () => {
    known({ ...left, cleanSession: false, sessionExpiry: 3_600 });
    const { stdout } = await send('kitchen', '1', '--json');
    expect(JSON.parse(stdout)).toEqual({
      device: 'kitchen',
      topic: 'cmd/rtjm/kitchen/command',
      fate: 'kept',
      keptUntil: '2026-01-31T12:50:00.000Z',
      reason: 'is not connected (left 10 min ago): the command is kept for it until 2026-01-31 12:50',
    });
  });
});

test.each([
  [['kichen', '1'], /^fleet: no device "kichen" in .*; there is: kitchen, shed\n$/],
  [['shed', '1'], /^fleet: shed is revoked \(.*home\.yaml\): it gets no command any more\n$/],
  [['kitchen', '{relay:true}'], /^fleet: .*It is not JSON .*Allowed: such as '\{"relay":true\}'; see: .*\n$/],
  [['kitchen', `"${'x'.repeat(128 * 1024)}"`], /^fleet: the payload is too long; allowed: 128 KB\n$/],
  [['kitchen', '1', '--topic', 'a/#'], /Allowed: levels such as settings\/heater, without \+ and #; see: .*\n$/],
  [['kitchen', '1', '--topic', '/a'], /Allowed: levels such as settings\/heater/],
  [['kitchen', '1', '--topic', 'a/b/c/d/e/f'], /is too long a topic; allowed: 256 bytes and 7 slashes\n$/],
  [['kitchen', '1', '--topic', 'é'.repeat(128)], /is too long a topic; allowed: 256 bytes and 7 slashes\n$/],
])('%.60j is refused, and nothing is published', async (argv, message) => {
  const { code, stderr } = await send(...argv);
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(code).toBe(1);
  expect(data.commandCalls(PublishCommand)).toEqual([]);
});
