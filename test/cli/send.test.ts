import {
  GetConnectionCommand,
  type GetConnectionResponse,
  IoTDataPlaneClient,
  PublishCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-iot-data-plane';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { temporaryFleet } from '../lib/fleet/temporary-fleet.ts';
import { nothingDeployed, telemetryDeployed } from './deployed.ts';
import { runFleet } from './run-fleet.ts';

const data = mockClient(IoTDataPlaneClient);
const NOW = Date.parse('2026-01-31T12:00:00Z');

beforeEach(() => {
  vi.stubEnv('TZ', 'UTC');
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1');
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  nothingDeployed();
  telemetryDeployed();
  data.reset();
  data.on(PublishCommand).resolves({});
  data.on(GetConnectionCommand).rejects(new ResourceNotFoundException({ message: 'not here', $metadata: {} }));
});

function send(...argv: string[]) {
  const fleet = temporaryFleet({
    'home.yaml': 'devices:\n  kitchen: { board: esp32 }\n  shed: { board: esp32, revoked: true }\n',
  });
  return runFleet(['send', ...argv, '--fleet', fleet]);
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
  nothingDeployed();
  const { code, stdout } = await send('kitchen', '{}');
  expect(stdout).toContain('\n! fleet-telemetry is not deployed: the broker takes what devices publish, and no row');
  expect(code).toBe(0);
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

  test('and has not been for long: nobody knows', async () => {
    const { code, stdout } = await send('kitchen', '1');
    expect(stdout).toContain('! kitchen has not been connected for half an hour: the command is kept if it left');
    expect(code).toBe(0);
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
