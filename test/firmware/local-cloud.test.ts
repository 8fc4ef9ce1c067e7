import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Deployment, startDeployment } from '../end-to-end/support/deployment.ts';
import { Board } from './support/board.ts';
import { buildSketch, SKETCHES } from './support/build.ts';
import { buildForLx106, emulatorWithFlash } from './support/lx106.ts';
import { bearSslForLx106, canBuildFirmware, canBuildForLx106 } from './support/requirements.ts';

/*
 * The firmware with the identities that `cdk deploy` made and `fleet secrets` wrote, on the local cloud.
 */

const withEmulator = canBuildForLx106();

describe.skipIf(!canBuildFirmware())('both sketches on the local cloud', () => {
  let deployment: Deployment;
  let kitchen: Board; // ESP8266
  let garage: Board; // ESP32
  let attic: Board | undefined; // ESP8266, on its own processor

  beforeAll(async () => {
    deployment = await startDeployment();
    deployment.writeSite('attic', 'devices:\n  attic-sensor: { board: esp8266 }\n');
    const deployed = await deployment.cdk('deploy', '--all', '--require-approval', 'never');
    expect(deployed.code, deployed.stderr).toBe(0);
    const start = async (device: string, chip: 'esp8266' | 'esp32'): Promise<Board> => {
      const folder = join(deployment.folder, device, chip);
      const executable = await buildSketch(chip, SKETCHES[chip], await secretsOf(device), folder);
      return new Board(executable, { port: deployment.cloud.mqttPort });
    };
    kitchen = await start('kitchen-sensor', 'esp8266');
    garage = await start('garage-door', 'esp32');
    if (!withEmulator) return;
    const program = await buildForLx106({
      secrets: await secretsOf('attic-sensor'),
      folder: join(deployment.folder, 'lx106'),
      bearSsl: bearSslForLx106(),
    });
    attic = new Board(program, { port: deployment.cloud.mqttPort }, emulatorWithFlash(program));
  });
  afterAll(async () => {
    await Promise.all([kitchen?.stop(), garage?.stop(), attic?.stop()]);
    await deployment?.close();
  });

  const secretsOf = async (device: string): Promise<string> => {
    const header = join(deployment.folder, device, 'secrets.h');
    const { code, stderr } = await deployment.fleet('secrets', device, '--out', header);
    expect(code, stderr).toBe(0);
    return readFileSync(header, 'utf8');
  };
  /** The rows of a device in the last minutes, one JSON object a line. */
  const rows = async (device: string): Promise<Record<string, unknown>[]> => {
    const { stdout } = await deployment.fleet('query', device, '--since', '5m', '--json');
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
      await expect.poll(() => rows(device), { timeout: 20_000 }).toContainEqual(expect.objectContaining(start));
      const telemetry = (await rows(device)).find(({ full_topic }) => full_topic === `rtjm/${device}/telemetry`);
      expect(telemetry).toMatchObject({ device, temperature: expect.any(Number) as number });
      expect(Math.abs(Number(telemetry?.received) - Date.now())).toBeLessThan(60_000);
    }
    await obeys(kitchen, 'kitchen-sensor', 5);
    await obeys(garage, 'garage-door', 26);
  });

  // One of the two on its own processor: TLS by BearSSL, compiled for the lx106 as well, over real sockets.
  it.skipIf(!withEmulator)('the ESP8266 on its own processor, in an emulator', async () => {
    const temperature = -49.7; // the first that the simulated sensor gives, by the arithmetic of chip/rom.cpp
    const telemetry = { device: 'attic-sensor', full_topic: 'rtjm/attic-sensor/telemetry', temperature };
    await expect
      .poll(() => rows('attic-sensor'), { timeout: 30_000 })
      .toContainEqual(expect.objectContaining(telemetry));
    await obeys(attic as Board, 'attic-sensor', 5);
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
      .poll(async () => (await rows('garage-door')).slice(before.length), { timeout: 20_000 })
      .toContainEqual(expect.objectContaining(telemetry));
    await obeys(garage, 'garage-door', 26);
  });
});
