import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Board } from '../../testing/firmware/board.ts';
import { BROKER_HOST, CACHE, ROOT, testSecrets } from '../../testing/firmware/build.ts';
import { FlakyWire } from '../../testing/firmware/flaky-wire.ts';
import { buildForLx106, emulatorWithFlash } from '../../testing/firmware/lx106.ts';
import { Mosquitto } from '../../testing/firmware/mosquitto.ts';
import { bearSslForLx106, built, canBuildFirmware, canBuildForLx106 } from '../../testing/firmware/requirements.ts';
import { issue, testIdentities } from '../../testing/firmware/test-identities.ts';

/*
 * The door openers: commands say how the door should be, and none is obeyed late or twice.
 */

const COMMANDS = 'cmd/rtjm/garage-door/door';

/** An executable, and what runs it when it is not for this machine. */
type Program = readonly [executable: string, emulator?: readonly string[]];

/** The ESP8266's on its own processor, in an emulator. */
async function emulated(): Promise<Program> {
  const executable = await buildForLx106({
    source: join(ROOT, 'firmware/esp8266-door/esp8266-door.ino'),
    secrets: await testSecrets('esp8266', 'garage-door'),
    folder: join(CACHE, 'lx106-door'),
    bearSsl: await bearSslForLx106(),
  });
  return [executable, emulatorWithFlash(executable)];
}

const able = canBuildFirmware();
const DOORS: readonly { name: string; build: () => Program | Promise<Program>; relay: number; reed: number }[] = [
  { name: 'esp8266-door', build: async () => [await built('esp8266-door')], relay: 5, reed: 4 },
  { name: 'esp32-door', build: async () => [await built('esp32-door')], relay: 26, reed: 27 },
  ...(able && canBuildForLx106() ? [{ name: 'esp8266-door in an emulator', build: emulated, relay: 5, reed: 4 }] : []),
];

describe.skipIf(!able).each(DOORS)('the sketch $name', ({ build, relay, reed }) => {
  let program: Program;
  let broker: Mosquitto;
  let board: Board;
  beforeAll(async () => {
    program = await build();
    const { rsaRoot } = await testIdentities(CACHE);
    broker = await Mosquitto.start(await issue(rsaRoot, { name: BROKER_HOST, host: BROKER_HOST }), rsaRoot.certificate);
  });
  afterEach(() => board?.stop());
  afterAll(() => broker?.stop());

  const start = (port = broker.port): Board => new Board(program[0], { port }, program[1]);
  const saysDoor = (open: boolean): Promise<unknown> => {
    const before = broker.received.length;
    return broker.receives(
      (message) =>
        message.topic === 'rtjm/garage-door/door' &&
        (JSON.parse(message.payload) as { open: boolean }).open === open &&
        broker.received.indexOf(message) >= before,
    );
  };
  const want = (open: boolean): Promise<void> => broker.send(COMMANDS, JSON.stringify({ open }));

  it('presses the button once when the door is not as it should be, and says how it is', async () => {
    board = start();
    await saysDoor(false);

    await want(true);
    await want(true); // a command that comes twice
    await board.says(/opening the door/);
    await board.says(/the door moves: command ignored/);
    board.tell(`pin ${reed} 1`);
    await saysDoor(true);
    await board.until('the button is let go', () => board.pins.get(relay) === 0);
    expect(board.rises.get(relay)).toBe(1);

    await board.until('the door has arrived', () => {
      void want(true);
      return /the door is open already/.test(board.serial);
    });
    await want(false);
    await board.until('a second press', () => board.rises.get(relay) === 2);
    expect(board.serial).toMatch(/closing the door/);
    await broker.send(COMMANDS, '{"open":"yes"}');
    await board.says(/no command I know/);
  });

  it('presses for as long as it should when the connection ends meanwhile and the next attempt blocks', async () => {
    const wire = await FlakyWire.start(broker.port);
    board = start(wire.port);
    await saysDoor(false);
    await want(true);
    await board.until('the button is pressed', () => board.rises.get(relay) === 1);
    wire.silent = true; // a broker that takes TCP and says nothing: an attempt blocks for 15 s and more
    wire.cut();
    await board.until('the button is let go', () => board.pulses.has(relay), 10_000);
    expect(board.pulses.get(relay)).toBeGreaterThan(300);
    expect(board.pulses.get(relay)).toBeLessThan(10_000); // 400 ms, where nobody else is at work
    await board.stop();
    await wire.stop();
  });

  it('obeys no command that was sent while it was away', async () => {
    board = start();
    await saysDoor(false);
    board.tell('wifi off 200');
    await board.says(/Wi-Fi \(200\)/);
    await want(true);
    board.tell('wifi on');
    await saysDoor(false);
    await want(false); // whatever came before has been heard by then
    await board.says(/the door is closed already/);
    expect(board.rises.get(relay)).toBeUndefined();
  });
});
