import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Board } from './support/board.ts';
import { BROKER_HOST, CACHE, type Target } from './support/build.ts';
import { Mosquitto } from './support/mosquitto.ts';
import { built, canBuildFirmware } from './support/requirements.ts';
import { issue, testIdentities } from './support/test-identities.ts';

/*
 * The door openers: commands say how the door should be, and none is obeyed late or twice.
 */

const COMMANDS = 'cmd/rtjm/garage-door/door';
const DOORS: readonly { target: Target; relay: number; reed: number }[] = [
  { target: 'esp8266-door', relay: 5, reed: 4 },
  { target: 'esp32-door', relay: 26, reed: 27 },
];

describe.skipIf(!canBuildFirmware()).each(DOORS)('the sketch $target', ({ target, relay, reed }) => {
  let executable: string;
  let broker: Mosquitto;
  let board: Board;
  beforeAll(async () => {
    executable = built(target);
    const { rsaRoot } = await testIdentities(CACHE);
    broker = await Mosquitto.start(await issue(rsaRoot, { name: BROKER_HOST, host: BROKER_HOST }), rsaRoot.certificate);
  }, 60_000);
  afterEach(() => board?.stop());
  afterAll(() => broker?.stop());

  const saysDoor = (open: boolean): Promise<unknown> => {
    const before = broker.received.length;
    return broker.receives(
      (message) =>
        message.topic === 'rtjm/garage-door/door' &&
        message.payload === JSON.stringify({ open }) &&
        broker.received.indexOf(message) >= before,
    );
  };
  const want = (open: boolean): Promise<void> => broker.send(COMMANDS, JSON.stringify({ open }));

  it('presses the button once when the door is not as it should be, and says how it is', async () => {
    board = new Board(executable, { port: broker.port });
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

  it('obeys no command that was sent while it was away', async () => {
    board = new Board(executable, { port: broker.port });
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
