import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ChipFamily } from '../../lib/fleet/schema.ts';
import { Board } from '../../testing/firmware/board.ts';
import { BROKER_HOST, buildSketch, CACHE, SKETCHES, testSecrets } from '../../testing/firmware/build.ts';
import { canBuildFirmware } from '../../testing/firmware/requirements.ts';
import { issue, testIdentities } from '../../testing/firmware/test-identities.ts';
import { TlsServer } from '../../testing/firmware/tls-server.ts';

/*
 * AWS IoT Core takes MQTT on port 443 from who asks for it by ALPN: x-amzn-mqtt-ca (Developer Guide, "Device communication
 * protocols").
 */

describe.skipIf(!canBuildFirmware())('port 443', () => {
  const folder = mkdtempSync(join(tmpdir(), 'port-443-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const build = async (chip: ChipFamily): Promise<string> => {
    const secrets = (await testSecrets(chip, 'shed')).replace('AWS_IOT_PORT 8883', 'AWS_IOT_PORT 443');
    return buildSketch(chip, SKETCHES[chip], secrets, join(folder, chip));
  };
  /** What a client asked for by ALPN, of its first connection. */
  const meet = async (
    chip: ChipFamily,
    use: (board: Board, asked: Promise<unknown>) => Promise<void>,
  ): Promise<void> => {
    const { ecRoot } = await testIdentities(CACHE);
    let seen: (protocol: unknown) => void;
    const asked = new Promise((resolve) => (seen = resolve));
    const server = await TlsServer.start(
      await issue(ecRoot, { name: BROKER_HOST, host: BROKER_HOST }),
      (socket) => seen(socket.alpnProtocol),
      undefined,
      ['x-amzn-mqtt-ca', 'http/1.1'],
    );
    const board = new Board(await build(chip), { port: server.port });
    await use(board, asked);
    await board.stop();
    await server.stop();
  };

  it('is asked by an ESP32 for MQTT', () =>
    meet('esp32', async (_, asked) => expect(await asked).toBe('x-amzn-mqtt-ca')));

  it('is refused by an ESP8266, whose core cannot ask', () =>
    meet('esp8266', (board) => board.says(/TLS \(443\): port 443 asks for ALPN/)));
});
