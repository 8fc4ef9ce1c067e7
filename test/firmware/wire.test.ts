import { connect } from 'node:net';
import { generate, type Packet, parser } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Board } from '../../testing/firmware/board.ts';
import { BROKER_HOST, CACHE, type Target } from '../../testing/firmware/build.ts';
import { Mosquitto } from '../../testing/firmware/mosquitto.ts';
import { built, canBuildFirmware } from '../../testing/firmware/requirements.ts';
import { issue, testIdentities } from '../../testing/firmware/test-identities.ts';
import { TlsServer } from '../../testing/firmware/tls-server.ts';

/*
 * What the boards write, behind TLS and in front of mosquitto: read by mqtt-packet, which MQTT.js uses, and written by it
 * again, it has to be the same bytes.
 */

const BOARDS: readonly { target: Target; thing: string }[] = [
  { target: 'esp8266-ec', thing: 'kitchen-sensor' },
  { target: 'esp32-ec', thing: 'garage-door' },
];

describe.skipIf(!canBuildFirmware()).each(BOARDS)('what the $target writes', ({ target, thing }) => {
  let broker: Mosquitto;
  let tap: TlsServer;
  let board: Board;
  /** What each of its connections wrote, in their order. */
  const written: Buffer[][] = [];

  beforeAll(async () => {
    const executable = await built(target);
    const { rsaRoot } = await testIdentities(CACHE);
    const server = await issue(rsaRoot, { name: BROKER_HOST, host: BROKER_HOST });
    broker = await Mosquitto.start(server, rsaRoot.certificate);
    tap = await TlsServer.start(server, (socket) => {
      const chunks: Buffer[] = [];
      written.push(chunks);
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      const behind = connect(broker.plainPort, '127.0.0.1');
      behind.on('error', () => undefined);
      socket.pipe(behind).pipe(socket);
    });
    board = new Board(executable, { port: tap.port });
    const reading = (): Promise<unknown> => {
      const before = broker.received.length;
      return broker.receives(
        (message) => message.topic === `rtjm/${thing}/telemetry` && broker.received.indexOf(message) > before + 5,
      );
    };
    await reading();
    await broker.send(`cmd/rtjm/${thing}/relay`, '{"relay":true}');
    await board.says(/relay on/);
    board.tell('wifi off 200'); // and a second connection, which sends again what had no answer
    await board.says(/Wi-Fi \(200\)/);
    board.tell('wifi on');
    await reading();
    await board.stop();
  });
  afterAll(async () => {
    await tap?.stop();
    await broker?.stop();
  });

  it('is MQTT 3.1.1, byte for byte', () => {
    expect(written.length).toBeGreaterThanOrEqual(2);
    for (const bytes of written.map((chunks) => Buffer.concat(chunks))) {
      const packets = parsed(bytes);
      expect(Buffer.concat(packets.map((packet) => generate(packet)))).toEqual(bytes);
      expect(packets[0]).toMatchObject({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: false,
        clientId: thing,
        keepalive: 60,
        will: { topic: `rtjm/${thing}/gone`, qos: 1, retain: false },
      });
      expect(new Set(packets.slice(1).map(({ cmd }) => cmd))).toSatisfy((kinds: Set<string>) =>
        [...kinds].every((kind) => ['subscribe', 'publish', 'puback', 'pingreq'].includes(kind)),
      );
    }
  });

  it('subscribes once, acknowledges commands, and publishes with QoS 1, DUP and the same packet id when again', () => {
    const connections = written.map((chunks) => parsed(Buffer.concat(chunks)));
    const all = connections.flat();
    expect(all.filter(({ cmd }) => cmd === 'subscribe')).toMatchObject([
      { subscriptions: [{ topic: `cmd/rtjm/${thing}/#`, qos: 1 }] },
    ]);
    expect(all.filter(({ cmd }) => cmd === 'puback')).toHaveLength(1);
    const idOf = new Map<string, number | undefined>();
    for (const packet of all) {
      if (packet.cmd !== 'publish') continue;
      // Each time it is sent, a reading tells its age anew.
      const payload = packet.payload.toString().replace(/,"age":\d+ *}$/, '}');
      expect(payload).not.toBe(packet.payload.toString());
      expect(packet).toMatchObject({ qos: 1, retain: false });
      // The first one may have been lost on its way, so the other way round it need not hold.
      if (idOf.has(payload)) expect(packet.dup).toBe(true);
      expect([undefined, packet.messageId]).toContain(idOf.get(payload));
      idOf.set(payload, packet.messageId);
    }
    expect(idOf.size).toBeGreaterThan(10);
  });
});

/** Whole packets; what a cut left of the last one is none. */
function parsed(bytes: Buffer): Packet[] {
  const packets: Packet[] = [];
  const reader = parser({ protocolVersion: 4 });
  reader.on('packet', (packet: Packet) => packets.push(packet));
  reader.on('error', (error: unknown) => {
    throw error;
  });
  reader.parse(bytes);
  return packets;
}
