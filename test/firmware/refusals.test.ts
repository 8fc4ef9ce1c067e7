import { createServer } from 'node:net';
import { once } from 'node:events';
import { beforeAll, describe, expect, it } from 'vitest';
import { Board, type Surroundings } from '../../testing/firmware/board.ts';
import { BROKER_HOST, CACHE, type Target } from '../../testing/firmware/build.ts';
import { Mosquitto } from '../../testing/firmware/mosquitto.ts';
import { built, canBuildFirmware } from '../../testing/firmware/requirements.ts';
import {
  daysFromNow,
  issue,
  type KeyPair,
  makeRoot,
  selfSignedCopy,
  type TestIdentities,
  testIdentities,
} from '../../testing/firmware/test-identities.ts';
import { TlsServer } from '../../testing/firmware/tls-server.ts';

/*
 * Whom a board does not talk to, and what it says about that: each with the error of the chip's own TLS. Silence, stalls
 * and what else goes wrong with a genuine broker: every-point.test.ts.
 */

const able = canBuildFirmware();
const TARGETS: readonly Target[] = ['esp8266-ec', 'esp32-ec'];

describe.skipIf(!able).each(TARGETS)('%s', (target) => {
  const chip = target === 'esp32-ec' ? 'esp32' : 'esp8266';
  let executable: string;
  let identities: TestIdentities;
  beforeAll(async () => {
    executable = await built(target);
    identities = await testIdentities(CACHE);
  }, 60_000);

  const boardAt = (port: number, more: Partial<Surroundings> = {}): Board =>
    new Board(executable, { port, backoff: 'none', ...more });

  const genuine = (): Promise<KeyPair> => issue(identities.ecRoot, { name: BROKER_HOST, host: BROKER_HOST });
  const dated = (from: number, to: number): Promise<KeyPair> => {
    const valid = { from: daysFromNow(from), to: daysFromNow(to) };
    return issue(identities.ecRoot, { name: BROKER_HOST, host: BROKER_HOST, valid });
  };

  /** What a board says to a server with that certificate, and how many bytes it trusts it with. */
  const meet = async (server: KeyPair, says: RegExp): Promise<number> => {
    const impostor = await TlsServer.start(server);
    const board = boardAt(impostor.port);
    await board.says(says, 2); // it does not give up
    await board.stop();
    await impostor.stop();
    return impostor.received;
  };

  const NOT_TRUSTED = {
    esp8266: /TLS \((52|62)\): the broker's certificate is not signed by a root/,
    esp32: /TLS \(-9984\)/,
  };

  it('refuses a server of another authority, even one with the same name', async () => {
    const root = await makeRoot('ec', 'Test Root 3');
    const impostor = await issue(root, { name: BROKER_HOST, host: BROKER_HOST });
    expect(await meet(impostor, NOT_TRUSTED[chip])).toBe(0);
  });

  it('refuses a self-signed copy of the certificate', async () => {
    expect(await meet(await selfSignedCopy(await genuine()), NOT_TRUSTED[chip])).toBe(0);
  });

  it('refuses a server with another host name', async () => {
    const other = await issue(identities.ecRoot, { name: 'other.example', host: 'other.example' });
    const says = { esp8266: /TLS \(56\): the broker's certificate is for another host name/, esp32: /TLS \(-9984\)/ };
    expect(await meet(other, says[chip])).toBe(0);
  });

  const UNTIMELY: readonly [string, number, number][] = [
    ['an expired', -30, -1],
    ['a not yet valid', 1, 30],
  ];
  if (chip === 'esp8266') {
    it.each(UNTIMELY)('refuses a server with %s certificate', async (_, from, to) => {
      const says = /TLS \(54\): the broker's certificate is expired or not yet valid/;
      expect(await meet(await dated(from, to), says)).toBe(0);
    });
  } else {
    it.each(UNTIMELY)('takes a server with %s certificate: the core leaves dates alone', async (_, from, to) => {
      const server = await TlsServer.start(await dated(from, to));
      const board = boardAt(server.port);
      await server.receives(1);
      await board.stop();
      await server.stop();
    });
  }

  it('names TCP when nothing answers there, not even a refusal', async () => {
    const board = boardAt(1, { tcp: 'dropped' });
    await board.says(/TCP \(0\): nobody answers at the broker's address and port/);
    expect(board.serial).not.toMatch(/TLS/);
    await board.stop();
  });

  it('says that its certificate may be refused when the broker hangs up at the end of the handshake', async () => {
    const stranger = await makeRoot('ec', 'Somebody Else');
    const server = await TlsServer.start(await genuine(), undefined, stranger.certificate); // Node gives no alert
    const board = boardAt(server.port);
    const says = {
      esp8266: /TLS \(0\): the broker hung up without a word/,
      esp32: /TLS \(-29312\): the broker hung up/,
    };
    await board.says(says[chip], 2);
    await board.stop();
    await server.stop();
    expect(server.received).toBe(0);
  });

  it("says that its certificate is refused when the broker's TLS says so", async () => {
    const stranger = await makeRoot('ec', 'Somebody Else');
    const broker = await Mosquitto.start(await genuine(), stranger.certificate);
    const board = boardAt(broker.port);
    const says = {
      esp8266: /TLS \(48\): the broker refuses the certificate of this device/,
      // The alert, or that the connection was gone while the ESP32 was still writing: it depends on who is quicker.
      esp32: /TLS \((-30592|-78|-80)\): the broker hung up, as it does on a certificate it refuses/,
    };
    await board.says(says[chip], 2);
    await board.stop();
    await broker.stop();
  });

  it.each<[string, RegExp, Partial<Surroundings>]>([
    ['DNS', /DNS \(0\): the name of the broker has no address/, { dns: 'off' }],
    ['TCP', /TCP \(0\): nobody answers at the broker's address and port/, {}],
  ])('names %s when it fails there', async (_, says, surroundings) => {
    const nobody = createServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const address = nobody.address();
    nobody.close();
    const board = boardAt(typeof address === 'object' && address ? address.port : 0, surroundings);
    await board.says(says, 2);
    expect(board.serial).toMatch(/\[\d+ bytes of heap\]/);
    await board.stop();
  });

  it('says that a server does not speak TLS', async () => {
    const plain = createServer((socket) => socket.on('error', () => undefined).end('220 mail.example ESMTP\r\n'));
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const address = plain.address();
    const board = boardAt(typeof address === 'object' && address ? address.port : 0);
    await board.says(/TLS \(-?[1-9]\d*\): /, 2);
    await board.stop();
    plain.close();
  });
});
