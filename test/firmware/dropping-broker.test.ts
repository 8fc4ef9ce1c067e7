import { beforeAll, describe, expect, it } from 'vitest';
import { Board } from '../../testing/firmware/board.ts';
import { BROKER_HOST, CACHE, type Target } from '../../testing/firmware/build.ts';
import { FlakyWire } from '../../testing/firmware/flaky-wire.ts';
import { Mosquitto, type Received } from '../../testing/firmware/mosquitto.ts';
import { built, canBuildFirmware } from '../../testing/firmware/requirements.ts';
import { issue, testIdentities } from '../../testing/firmware/test-identities.ts';

/*
 * A broker that drops the connection every 5 seconds, for a minute: what comes after it says whether a reading was lost.
 */

const DROPS = 12;
const EVERY_MS = 5000;

const BOARDS: readonly { target: Target; thing: string; step: number }[] = [
  { target: 'esp8266-ec', thing: 'kitchen-sensor', step: 330 / 1023 },
  { target: 'esp32-ec', thing: 'garage-door', step: 0.1 },
];

describe.skipIf(!canBuildFirmware())('a broker that drops the connection every 5 s for a minute', () => {
  const executables = new Map<Target, string>();
  beforeAll(async () => {
    for (const { target } of BOARDS) executables.set(target, await built(target));
  });

  it.concurrent.each(BOARDS)(
    'makes the $target lose no reading',
    async ({ target, thing, step }) => {
      const { rsaRoot } = await testIdentities(CACHE);
      const server = await issue(rsaRoot, { name: BROKER_HOST, host: BROKER_HOST });
      const broker = await Mosquitto.start(server, rsaRoot.certificate);
      const wire = await FlakyWire.start(broker.port);
      const board = new Board(executables.get(target) ?? '', { port: wire.port });

      const numberOf = ({ payload }: Received): number =>
        Math.round(((JSON.parse(payload) as { temperature: number }).temperature + 50) / step);
      const readings = (): number[] => [
        ...new Set(broker.received.filter(({ topic }) => topic === `rtjm/${thing}/telemetry`).map(numberOf)),
      ];
      await new Promise<void>((resolve) => {
        let drops = 0;
        const dropping = setInterval(() => {
          wire.cut();
          if (++drops < DROPS) return;
          clearInterval(dropping);
          resolve();
        }, EVERY_MS);
      });

      const last = Math.max(...readings());
      await broker.receives((message) => message.topic === `rtjm/${thing}/telemetry` && numberOf(message) > last + 10);
      expect(wire.connections).toBeGreaterThan(DROPS / 2);
      expect(board.serial).not.toMatch(/ring/);
      // In the order in which they were taken, from the first on, without a gap.
      const all = readings();
      expect(all).toEqual(all.map((_, index) => index + 1));
      expect(all.length).toBeGreaterThan(500);

      await board.stop();
      await wire.stop();
      await broker.stop();
    },
    120_000,
  );
});
