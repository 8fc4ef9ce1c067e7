import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Board } from '../../testing/firmware/board.ts';
import { BROKER_HOST, CACHE, type Target } from '../../testing/firmware/build.ts';
import { FlakyWire } from '../../testing/firmware/flaky-wire.ts';
import { Mosquitto } from '../../testing/firmware/mosquitto.ts';
import { built, canBuildFirmware } from '../../testing/firmware/requirements.ts';
import { issue, testIdentities } from '../../testing/firmware/test-identities.ts';
import { TlsServer } from '../../testing/firmware/tls-server.ts';

/*
 * The example DeepSleep: wakes, measures, sends, sleeps, over and over; the chip forgets everything else meanwhile.
 */

const BOARDS: readonly { target: Target; thing: string }[] = [
  { target: 'esp8266-sleep', thing: 'kitchen-sensor' },
  { target: 'esp32-sleep', thing: 'garage-door' },
];
const SLEEP_MS = 300; // support/build.ts

describe.skipIf(!canBuildFirmware()).each(BOARDS)('$target', ({ target, thing }) => {
  let executable: string;
  let broker: Mosquitto;
  let wire: FlakyWire;
  const folder = mkdtempSync(join(tmpdir(), 'rtc-'));
  beforeAll(async () => {
    executable = await built(target);
    const { rsaRoot } = await testIdentities(CACHE);
    broker = await Mosquitto.start(await issue(rsaRoot, { name: BROKER_HOST, host: BROKER_HOST }), rsaRoot.certificate);
    wire = await FlakyWire.start(broker.port);
  }, 60_000);
  afterAll(async () => {
    await wire?.stop();
    await broker?.stop();
    rmSync(folder, { recursive: true });
  });

  const telemetry = (): { age: number; at: number }[] =>
    broker.received
      .filter(({ topic }) => topic === `rtjm/${thing}/telemetry`)
      .map(({ payload }) => JSON.parse(payload) as { age: number; at: number });

  it('sends after a later sleep what it could not send before, with its age, and leaves no last will', async () => {
    wire.refusing = true;
    const board = new Board(executable, { port: wire.port, rtc: join(folder, 'rtc') });
    await board.until('two sleeps without a broker', () => board.sleeps === 2);
    expect(broker.received).toEqual([]);
    wire.refusing = false;
    await broker.receives(() => telemetry().length >= 3);
    const [first, second, third] = telemetry();
    // Awake for up to 3 s each time, and asleep for 0.3 s.
    expect(first?.age).toBeGreaterThan(second?.age ?? 0);
    expect(second?.age).toBeGreaterThan((third?.age ?? 0) + SLEEP_MS);
    await board.until('a sleep after that', () => board.sleeps >= 4);
    await broker.receives(() => telemetry().length >= 4);
    await board.stop();
    expect(broker.received.filter(({ topic }) => topic.endsWith('/gone'))).toEqual([]);
  }, 60_000);

  if (target !== 'esp8266-sleep') return; // the ESP32's core gives no access to it

  it('resumes its session of TLS after a sleep', async () => {
    const { ecRoot } = await testIdentities(CACHE);
    const connections: { sleeps: number; resumed: boolean }[] = [];
    const server = await TlsServer.start(await issue(ecRoot, { name: BROKER_HOST, host: BROKER_HOST }), (socket) =>
      connections.push({ sleeps: board.sleeps, resumed: socket.isSessionReused() }),
    );
    const board: Board = new Board(executable, { port: server.port, rtc: join(folder, 'rtc-of-tls') });
    const afterSleep = (): boolean | undefined => connections.find(({ sleeps }) => sleeps > 0)?.resumed;
    await board.until('a connection after a sleep', () => afterSleep() !== undefined || board.sleeps > 3, 30_000);
    await board.stop();
    await server.stop();
    expect(connections[0]).toEqual({ sleeps: 0, resumed: false });
    expect(afterSleep()).toBe(true);
  }, 40_000);
});
