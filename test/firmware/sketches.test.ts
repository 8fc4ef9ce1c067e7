import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { Board } from '../../testing/firmware/board.ts';
import { BROKER_HOST, CACHE, type Target } from '../../testing/firmware/build.ts';
import { FlakyWire } from '../../testing/firmware/flaky-wire.ts';
import { Mosquitto, type Received } from '../../testing/firmware/mosquitto.ts';
import { built, canBuildFirmware } from '../../testing/firmware/requirements.ts';
import { issue, testIdentities } from '../../testing/firmware/test-identities.ts';

/*
 * The sketches as they stand, each with the TLS of its chip, against mosquitto. The roots in secrets.h are one of RSA
 * and one of EC, as Amazon's are.
 */

const RELAY_ON_ESP8266 = 5;
const RELAY_ON_ESP32 = 26;

interface Sketch {
  readonly target: Target;
  readonly thing: string;
  readonly relay: number;
  /** Degrees between two readings of the simulated sensor. */
  readonly step: number;
}
const SKETCHES: readonly Sketch[] = [
  { target: 'esp8266-ec', thing: 'kitchen-sensor', relay: RELAY_ON_ESP8266, step: 330 / 1023 },
  { target: 'esp8266-rsa', thing: 'kitchen-sensor', relay: RELAY_ON_ESP8266, step: 330 / 1023 },
  { target: 'esp32-ec', thing: 'garage-door', relay: RELAY_ON_ESP32, step: 0.1 },
];

const able = canBuildFirmware();

describe.skipIf(!able).each(SKETCHES)('the sketch $target', ({ target, thing, relay, step }) => {
  let executable: string;
  let broker: Mosquitto;
  beforeAll(async () => {
    executable = await built(target);
    const { rsaRoot, ecRoot } = await testIdentities(CACHE);
    // The ESP32's broker has an EC chain: so both kinds are verified.
    const [root, keyType] = target === 'esp32-ec' ? ([ecRoot, 'ec'] as const) : ([rsaRoot, 'rsa'] as const);
    const server = await issue(root, { keyType, name: BROKER_HOST, host: BROKER_HOST });
    broker = await Mosquitto.start(server, rsaRoot.certificate);
  }, 60_000);
  afterAll(() => broker?.stop());

  /** A board that a failing test does not leave behind, to publish into the next one. */
  const switchedOn = (port: number, every?: number): Board => {
    const board = new Board(executable, { port, every, backoff: 'none' });
    onTestFailed(() => board.stop());
    return board;
  };

  /** The numbers of the readings so far, in the order of their first arrival. */
  const readings = (received: readonly Received[]): number[] => {
    const telemetry = received.filter(({ topic }) => topic === `rtjm/${thing}/telemetry`);
    const temperatures = telemetry.map(({ payload }) => (JSON.parse(payload) as { temperature: number }).temperature);
    return [...new Set(temperatures.map((temperature) => Math.round((temperature + 50) / step)))];
  };
  const receives = (reading: number): Promise<unknown> =>
    broker.receives(() => readings(broker.received).includes(reading));
  const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

  it('connects, publishes readings and one message about its start, and obeys commands', async () => {
    broker.received.length = 0;
    const board = switchedOn(broker.port);
    const start = await broker.receives(({ topic }) => topic === `rtjm/${thing}/start`);
    expect(JSON.parse(start.payload)).toEqual({
      firmware: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
      reset: target === 'esp32-ec' ? 1 : 'Power On',
      heapFloor: expect.any(Number) as number,
      age: expect.any(Number) as number,
    });

    await broker.send(`cmd/rtjm/${thing}/relay`, '{ "relay": true }');
    await board.until('relay on', () => board.pins.get(relay) === 1);
    await broker.send(`cmd/rtjm/${thing}/relay`, '{"relay":false}');
    await board.until('relay off', () => board.pins.get(relay) === 0);
    await broker.send(`cmd/rtjm/${thing}/relay`, '{"relay":"perhaps"}');
    await board.says(new RegExp(`cmd/rtjm/${thing}/relay: no command I know`));
    await broker.send(`cmd/rtjm/${thing}/relay`, Buffer.alloc(5000, 'x'));
    await board.says(/MQTT \(50\d\d\): a command of so many bytes was skipped/);
    await broker.send(`cmd/rtjm/${thing}/relay`, '{"relay":true}');
    await board.until('relay on again', () => board.pins.get(relay) === 1);

    await receives(20); // millis() has overflown by then
    expect(readings(broker.received).slice(0, 20)).toEqual(upTo(20));
    expect(broker.received.filter(({ topic }) => topic.endsWith('/start'))).toHaveLength(1);
    await board.stop();
    await broker.receives(({ topic }) => topic === `rtjm/${thing}/gone`);
    expect(board.serial).not.toMatch(/\(\d+\): (?!a command)/);
  });

  it('loses no reading while the connection breaks again and again', async () => {
    broker.received.length = 0;
    const wire = await FlakyWire.start(broker.port);
    const board = switchedOn(wire.port);
    let reading = 0;
    while (wire.connections <= 10) {
      reading += 5;
      await receives(reading);
      wire.cut();
    }
    reading += 10;
    await receives(reading);
    expect(readings(broker.received).slice(0, reading)).toEqual(upTo(reading));
    await board.stop();
    await wire.stop();
  });

  it('loses no reading when the Wi-Fi goes, and names the reason', async () => {
    broker.received.length = 0;
    const board = switchedOn(broker.port);
    await receives(3);
    board.tell('wifi off 200');
    await board.says(/Wi-Fi \(200\): the access point cannot be heard any more/, 2);
    board.tell('wifi on');
    await receives(30);
    expect(readings(broker.received).slice(0, 30)).toEqual(upTo(30));
    await board.stop();
  });

  it('says when each reading was taken, however late it arrives, while millis() goes round', async () => {
    broker.received.length = 0;
    const everyMs = 100; // so that the ring holds what is taken until an ESP32 notices, after 2 s
    const board = switchedOn(broker.port, everyMs);
    await receives(1);
    const offAt = Date.now();
    board.tell('wifi off 200');
    await board.says(/Wi-Fi \(200\)/);
    await board.until('some readings', () => board.readings.size > 10);
    const onAt = Date.now();
    board.tell('wifi on');
    await receives(30);
    await board.stop();

    const telemetry = broker.received.filter(({ topic }) => topic === `rtjm/${thing}/telemetry`);
    const taken = telemetry.map(({ payload, at }) => at - (JSON.parse(payload) as { age: number }).age);
    // In the order in which they were taken, but for what the way takes.
    expect(taken.filter((time, i) => time < Math.max(...taken.slice(0, i + 1)) - 1000)).toEqual([]);
    // Those of the time without Wi-Fi arrived after it, and tell times within it.
    const meanwhile = telemetry.filter((_, i) => (taken[i] ?? 0) > offAt + 100 && (taken[i] ?? 0) < onAt - 100);
    expect(meanwhile.length).toBeGreaterThan(5);
    expect(meanwhile.filter(({ at }) => at < onAt)).toEqual([]);
  });
});
