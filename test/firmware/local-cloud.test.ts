import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';
import { Board } from '../../testing/firmware/board.ts';
import { buildSketch, SKETCHES } from '../../testing/firmware/build.ts';
import { NetworkNamespace } from '../../testing/firmware/network-namespace.ts';
import { buildForLx106, emulatorWithFlash } from '../../testing/firmware/lx106.ts';
import { FlakyWire } from '../../testing/firmware/flaky-wire.ts';
import { bearSslForLx106, canBuildFirmware, canBuildForLx106 } from '../../testing/firmware/requirements.ts';

/*
 * The firmware with the identities that `cdk deploy` made and `fleet secrets` wrote, on the local cloud.
 */

const withEmulator = canBuildForLx106();
/** With it, the cloud is open to a network, and one of the boards is in that, with no other way to the cloud. */
const network = canBuildFirmware() ? NetworkNamespace.make() : undefined;

describe.skipIf(!canBuildFirmware())('both sketches on the local cloud', () => {
  let deployment: Deployment;
  let startedAt: number;
  let kitchen: Board; // ESP8266
  let garage: Board; // ESP32
  let attic: Board | undefined; // ESP8266, on its own processor

  beforeAll(async () => {
    deployment = await startDeployment(network && { lan: network.address });
    deployment.writeSite('attic', 'devices:\n  attic-sensor: { board: esp8266 }\n');
    deployment.writeSite('cellar', 'devices:\n  cellar-a: { board: esp8266 }\n  cellar-b: { board: esp32 }\n');
    const deployed = await deployment.cdk('deploy', '--all', '--require-approval', 'never');
    expect(deployed.code, deployed.stderr).toBe(0);
    const start = async (device: string, chip: 'esp8266' | 'esp32'): Promise<Board> => {
      return new Board(await builtFor(device, chip), { port: deployment.cloud.mqttPort, every: 400 });
    };
    startedAt = Date.now();
    kitchen = await start('kitchen-sensor', 'esp8266');
    garage = await start('garage-door', 'esp32');
    if (!withEmulator) return;
    const program = await buildForLx106({
      secrets: await secretsOf('attic-sensor'),
      folder: join(deployment.folder, 'lx106'),
      bearSsl: await bearSslForLx106(),
    });
    attic = new Board(program, { port: deployment.cloud.mqttPort }, [
      ...(network?.command ?? []),
      ...emulatorWithFlash(program),
    ]);
  });
  afterAll(async () => {
    await Promise.all([kitchen?.stop(), garage?.stop(), attic?.stop()]);
    await deployment?.close();
    network?.remove();
  });

  const builtFor = async (device: string, chip: 'esp8266' | 'esp32'): Promise<string> =>
    buildSketch(chip, SKETCHES[chip], await secretsOf(device), join(deployment.folder, device, chip));
  const secretsOf = async (device: string): Promise<string> => {
    const header = join(deployment.folder, device, 'secrets.h');
    const { code, stderr } = await deployment.fleet('secrets', device, '--out', header);
    expect(code, stderr).toBe(0);
    return readFileSync(header, 'utf8');
  };
  /** The rows of a device in the last hours, one JSON object a line. */
  const rows = async (device: string): Promise<Record<string, unknown>[]> => {
    const { stdout } = await deployment.fleet('query', device, '--since', '2h', '--json');
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  const send = async (device: string, command: unknown): Promise<void> => {
    const iot = new IoTDataPlaneClient(deployment.client);
    const topic = `cmd/rtjm/${device}/relay`;
    await iot.send(new PublishCommand({ topic, qos: 1, payload: Buffer.from(JSON.stringify(command)) }));
  };
  const obeys = async (board: Board, device: string, pin: number): Promise<void> => {
    const level = board.pins.get(pin) === 1 ? 0 : 1;
    await send(device, { relay: level === 1 });
    await board.until(`relay of ${device}`, () => board.pins.get(pin) === level);
  };

  it('connect, publish and obey', async () => {
    for (const device of ['kitchen-sensor', 'garage-door']) {
      // A board subscribes before it publishes: once this row is there, commands arrive.
      const start = { device, full_topic: `rtjm/${device}/start`, firmware: expect.any(String) as string };
      await expect.poll(() => rows(device)).toContainEqual(expect.objectContaining(start));
      const telemetry = (await rows(device)).find(({ full_topic }) => full_topic === `rtjm/${device}/telemetry`);
      expect(telemetry).toMatchObject({ device, temperature: expect.any(Number) as number });
      expect(Number(telemetry?.received)).toBeGreaterThanOrEqual(startedAt);
      expect(Number(telemetry?.received)).toBeLessThanOrEqual(Date.now());
    }
    await obeys(kitchen, 'kitchen-sensor', 5);
    await obeys(garage, 'garage-door', 26);
  });

  // One of the two on its own processor: TLS by BearSSL, compiled for the lx106 as well, over real sockets. It knows the cloud
  // by its address in the network around, `--lan`, and checks that the certificate has it for a name.
  it.skipIf(!withEmulator)('the ESP8266 on its own processor, in an emulator', async () => {
    const temperature = -49.7; // the first that the simulated sensor gives, by the arithmetic of chip/rom.cpp
    const telemetry = { device: 'attic-sensor', full_topic: 'rtjm/attic-sensor/telemetry', temperature };
    await expect.poll(() => rows('attic-sensor')).toContainEqual(expect.objectContaining(telemetry));
    await obeys(attic as Board, 'attic-sensor', 5);
  });

  /** A telemetry packet in the ring, by its parts: topic, JSON, and the 16 bytes that a header and MQTT take. */
  const packetBytes = (device: string): number =>
    `rtjm/${device}/telemetry`.length + '{"temperature":-49.7'.length + 16;

  it.each([
    // The Wi-Fi is gone, or the broker is: an ESP32 whose Wi-Fi is gone for an hour restarts, here after 8 s.
    { device: 'cellar-a', chip: 'esp8266', step: 330 / 1023, wifi: true },
    { device: 'cellar-b', chip: 'esp32', step: 0.1, wifi: false },
  ] as const)('have true times after 50 minutes without a network: the $chip', async ({ device, chip, step, wifi }) => {
    const outageMs = 50 * 60_000;
    const held = Math.floor((3072 - 17) / packetBytes(device)); // FLEET_RING_BYTES, less the end of a message
    const wire = await FlakyWire.start(deployment.cloud.mqttPort, network?.address);
    const board = new Board(await builtFor(device, chip), {
      port: wire.port,
      every: Math.ceil(outageMs / held),
      uptime: 2 ** 32 - outageMs / 2, // so millis() overflows in the middle of it
    });
    try {
      const telemetry = async () =>
        (await rows(device)).filter(({ full_topic: topic }) => topic === `rtjm/${device}/telemetry`);
      await expect.poll(telemetry).toHaveLength(1);
      if (wifi) board.tell('wifi off 200');
      wire.refusing = true;
      wire.cut();
      await board.says(wifi ? /Wi-Fi \(200\)/ : /(TCP|TLS|MQTT) \(/);
      board.tell('hurry 100');
      await board.says(/ring .*full/, 1, 60_000);
      board.tell('hurry 0');
      await board.until('the time goes on', () => (board.uptime?.ms ?? 0) > 2 ** 32 + outageMs / 2);
      const over = Date.now();
      wire.refusing = false;
      if (wifi) board.tell('wifi on');
      // The first comes again where it was not acknowledged yet. After the last that the ring took, more may have been taken.
      const later = async () =>
        (await telemetry())
          .filter(({ received }) => Number(received) >= over)
          .map(({ temperature, measured }) => ({
            number: Math.round((Number(temperature) + 50) / step),
            measured: Number(measured),
          }));
      await expect.poll(async () => (await later()).length).toBeGreaterThanOrEqual(held);

      // The clock of the board, by that of this machine, from when it hurried no more.
      const { ms, at } = board.uptime ?? { ms: 0, at: 0 };
      const truth = (number: number): number => at - (ms - (board.readings.get(number) ?? 0));
      const found = (await later())
        .slice(0, held)
        .map(({ number, measured }) => ({ number, wrongMs: Math.abs(measured - truth(number)) }));
      const first = found[0]?.number ?? 0;
      expect([1, 2]).toContain(first);
      expect(found.map(({ number }) => number)).toEqual(Array.from({ length: held }, (_, index) => first + index));
      expect(found.filter(({ wrongMs }) => !(wrongMs <= 1_000))).toEqual([]);
      const span = truth(first + held - 1) - truth(first);
      expect(span).toBeGreaterThan(outageMs * 0.9);
    } finally {
      await board.stop();
      await wire.stop();
    }
  });

  it('are cut off one by one: a revoked board says so and keeps trying, the other goes on', async () => {
    const { code, stderr } = await deployment.fleet('revoke', 'kitchen-sensor', '--yes');
    expect(code, stderr).toBe(0);
    await kitchen.says(/(TLS|MQTT) \(\d+\): the broker .*certificate/, 2);
    await obeys(garage, 'garage-door', 26);
  });

  it('publish by basic ingest with the header that "fleet secrets" writes once the settings say so', async () => {
    await garage.stop();
    deployment.settings.ingest = 'basic';
    const deployed = await deployment.cdk('deploy', '--all', '--require-approval', 'never');
    expect(deployed.code, deployed.stderr).toBe(0);
    const secrets = await secretsOf('garage-door');
    expect(secrets).toContain('#define TELEMETRY_TOPIC "$aws/rules/fleet_telemetry/rtjm/garage-door/"');
    const before = await rows('garage-door');

    const folder = join(deployment.folder, 'garage-door', 'basic');
    garage = new Board(await buildSketch('esp32', SKETCHES.esp32, secrets, folder), {
      port: deployment.cloud.mqttPort,
    });
    // The topic that a row tells is the one behind the rule's name.
    const telemetry = { full_topic: 'rtjm/garage-door/telemetry', temperature: expect.any(Number) as number };
    await expect
      .poll(async () => (await rows('garage-door')).slice(before.length))
      .toContainEqual(expect.objectContaining(telemetry));
    await obeys(garage, 'garage-door', 26);
  });
});
