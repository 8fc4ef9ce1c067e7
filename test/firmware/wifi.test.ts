import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Board } from '../../testing/firmware/board.ts';
import { BROKER_HOST, CACHE } from '../../testing/firmware/build.ts';
import { Mosquitto } from '../../testing/firmware/mosquitto.ts';
import { built, canBuildFirmware } from '../../testing/firmware/requirements.ts';
import { issue, testIdentities } from '../../testing/firmware/test-identities.ts';

/*
 * The ESP32's core asks for its network again after some reasons, and after others never: the firmware does.
 */

const AUTH_FAIL = 202;
const ASSOC_LEAVE = 8;
const BEACON_TIMEOUT = 200; // the core comes back from this one by itself

describe.skipIf(!canBuildFirmware())('an ESP32 that has lost its Wi-Fi', () => {
  let broker: Mosquitto;
  let executable: string;
  beforeAll(async () => {
    executable = await built('esp32-ec');
    const { rsaRoot } = await testIdentities(CACHE);
    broker = await Mosquitto.start(await issue(rsaRoot, { name: BROKER_HOST, host: BROKER_HOST }), rsaRoot.certificate);
  });
  afterAll(() => broker?.stop());

  const started = async (): Promise<Board> => {
    broker.received.length = 0;
    const board = new Board(executable, { port: broker.port });
    await broker.receives(({ topic }) => topic.endsWith('/telemetry'));
    return board;
  };
  const readingAgain = async (): Promise<void> => {
    broker.received.length = 0;
    await broker.receives(({ topic }) => topic.endsWith('/telemetry'));
  };

  it.each([BEACON_TIMEOUT, AUTH_FAIL, ASSOC_LEAVE])(
    'comes back after reason %i, as often as it happens',
    async (reason) => {
      const board = await started();
      for (let time = 1; time <= 2; time++) {
        board.tell(`wifi off ${reason}`);
        await board.says(new RegExp(`Wi-Fi \\(${reason}\\)`), time);
        board.tell('wifi on');
        await readingAgain();
      }
      expect(board.restarts).toBe(0);
      await board.stop();
    },
  );

  it('restarts when its radio hangs, and comes back', async () => {
    const board = await started();
    board.tell('radio hangs');
    await board.until('a restart', () => board.restarts === 1); // after FLEET_WIFI_RESTART_MS, here 8 s
    await readingAgain();
    await board.stop();
  });
});
