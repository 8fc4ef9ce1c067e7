import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { Board } from '../../testing/firmware/board.ts';
import { BROKER_HOST, CACHE, type Target } from '../../testing/firmware/build.ts';
import { FlakyWire, type Point } from '../../testing/firmware/flaky-wire.ts';
import { Mosquitto, type Received } from '../../testing/firmware/mosquitto.ts';
import { built, canBuildFirmware } from '../../testing/firmware/requirements.ts';
import { issue, testIdentities } from '../../testing/firmware/test-identities.ts';

/*
 * A connection goes wrong at each of its points: before, within and after each record of TLS that the broker sends, up to
 * the answers to CONNECT, SUBSCRIBE and PUBLISH. What the board says is right, it says so within the bound, and no reading
 * is lost. Bounds are by the clock of the board, which waits for nobody who is silent: so a busy machine breaks none.
 */

interface Chip {
  readonly target: Target;
  readonly door: Target;
  readonly thing: string;
  /** Degrees between two readings of the simulated sensor. */
  readonly step: number;
  readonly relay: number;
  readonly reed: number;
  /** How long the handshake may take, in milliseconds: FLEET_TLS_TIMEOUT_MS of these tests, or what the core waits. */
  readonly handshakeMs: number;
  /** What it says of a handshake that the broker ends. */
  readonly hungUp: RegExp;
}
const CHIPS: readonly Chip[] = [
  {
    ...{ target: 'esp8266-ec', door: 'esp8266-door', thing: 'kitchen-sensor', step: 330 / 1023, relay: 5, reed: 4 },
    ...{ handshakeMs: 15_000, hungUp: /^TLS \(0\): the broker hung up without a word/ },
  },
  {
    ...{ target: 'esp32-ec', door: 'esp32-door', thing: 'garage-door', step: 0.1, relay: 26, reed: 27 },
    ...{ handshakeMs: 3_000, hungUp: /^TLS \(-\d+\): the broker hung up/ },
  },
];
/** FLEET_REPLY_TIMEOUT_MS of these tests. */
const REPLY_MS = 2_000;
/** What a board does between two looks at its clock. */
const SLACK_MS = 50;

const SILENT = /^TLS \(\S+\): somebody answers at the broker's port, and then says nothing in TLS/;
const STALLED = /^MQTT \(14\): the connection stands, and nothing has come over it/;
const WIFI = /^Wi-Fi \(200\): the access point cannot be heard any more/;
/** By how many answers of the broker there were: to CONNECT, to SUBSCRIBE. */
const HUNG_UP = [/^MQTT \(10\): .* on CONNECT/, /^MQTT \(11\): .* on SUBSCRIBE/, /^MQTT \(12\): .* on PUBLISH/];

const FIRST: Point = { of: 'handshake', records: 0, half: false };
/** Behind the last of a handshake comes the first with data. */
const next = ({ of, records }: Point): Point => ({ of, records: records + 1, half: false });

/** What happened at a point. */
interface Met {
  readonly point: Point;
  /** The sentence of the board that came next. */
  readonly said: string;
  /** How long the connection stood since then, by the clock of the board; undefined where it ended at once. */
  readonly silentMs: number | undefined;
}

describe.skipIf(!canBuildFirmware()).each(CHIPS)('at every point of a connection, the $target', (chip) => {
  const { thing, step, handshakeMs } = chip;
  let broker: Mosquitto;
  let telemetry: string;
  let door: string;
  beforeAll(async () => {
    telemetry = await built(chip.target);
    door = await built(chip.door);
    const { rsaRoot } = await testIdentities(CACHE);
    broker = await Mosquitto.start(await issue(rsaRoot, { name: BROKER_HOST, host: BROKER_HOST }), rsaRoot.certificate);
  });
  afterAll(() => broker?.stop());

  const readingsSince = (first: number): number[] => {
    const messages = broker.received.slice(first).filter(({ topic }) => topic === `rtjm/${thing}/telemetry`);
    const degrees = messages.map(({ payload }) => (JSON.parse(payload) as { temperature: number }).temperature);
    return [...new Set(degrees.map((celsius) => Math.round((celsius + 50) / step)))];
  };

  /** One life of a board in which a connection after the other breaks, each at its point; none of its readings is lost. */
  const meetAll = async (happens: (board: Board, cut: () => void) => void): Promise<Met[]> => {
    const from = broker.received.length;
    const wire = await FlakyWire.start(broker.port);
    const board = new Board(telemetry, { port: wire.port, every: 1500, backoff: 'none' });
    onTestFailed(() => board.stop());
    const met: { point: Point; before: number }[] = [];
    wire.point = FIRST;
    wire.onPoint = (point, cut) => {
      const isLast = point.of === 'data' && point.records === HUNG_UP.length - 1 && point.half;
      if (!isLast) wire.point = point.half ? next(point) : { ...point, half: true };
      met.push({ point, before: board.serial.length });
      happens(board, cut);
    };
    await board.until('all points', () => wire.point === undefined, 60_000);
    const readings = board.readings.size + 1;
    await broker.receives(() => readingsSince(from).includes(readings));
    await board.stop();
    await wire.stop();
    expect(readingsSince(from).slice(0, readings)).toEqual(Array.from({ length: readings }, (_, index) => index + 1));
    return met.map(({ point, before }) => ({
      point,
      said: /^[\w-]+ \(-?\d+\): .*$/m.exec(board.serial.slice(before))?.[0] ?? 'nothing',
      silentMs: board.silences.shift(),
    }));
  };

  /** Fails with all points at which something else was said, or too late. */
  const expectAt = (met: readonly Met[], says: (point: Point) => RegExp): void => {
    expect(met.length).toBeGreaterThan(20);
    const late = ({ point, silentMs = 0 }: Met): boolean =>
      silentMs > (point.of === 'handshake' ? handshakeMs : REPLY_MS) + SLACK_MS;
    expect(met.filter((one) => !says(one.point).test(one.said) || late(one))).toEqual([]);
  };

  it('a stall is called a stall', async () => {
    const met = await meetAll((board) => board.tell('silent'));
    expectAt(met, ({ of }) => (of === 'handshake' ? SILENT : STALLED));
    expect(met.filter(({ silentMs }) => silentMs === undefined)).toEqual([]);
  }, 90_000);

  it('an end is laid to what was asked last', async () => {
    const met = await meetAll((_, cut) => cut());
    expectAt(met, ({ of, records }) => (of === 'handshake' ? chip.hungUp : (HUNG_UP[records] ?? /^$/)));
  }, 90_000);

  it('Wi-Fi that ends is called that, with its reason', async () => {
    const met = await meetAll((board) => {
      board.tell('wifi off 200\nsilent');
      const before = board.serial.length;
      void board.until('Wi-Fi', () => board.serial.includes('Wi-Fi (200)', before)).then(() => board.tell('wifi on'));
    });
    expectAt(met, () => WIFI);
  }, 90_000);

  it('the button of a door is let go in time, whatever the next connection meets', async () => {
    const { relay, reed } = chip;
    const wire = await FlakyWire.start(broker.port);
    const board = new Board(door, { port: wire.port, backoff: 'none' });
    onTestFailed(() => board.stop());
    let open = false;
    const saysDoor = async (): Promise<void> => {
      const from = broker.received.length;
      board.tell(`pin ${reed} ${open ? 1 : 0}`);
      const isIt = ({ topic, payload }: Received): boolean =>
        topic === 'rtjm/garage-door/door' && (JSON.parse(payload) as { open: boolean }).open === open;
      await broker.receives((message) => isIt(message) && broker.received.indexOf(message) >= from);
    };
    await saysDoor();

    const pressed: number[] = [];
    for (let point: Point | undefined = FIRST; point !== undefined;) {
      open = !open;
      await broker.send('cmd/rtjm/garage-door/door', JSON.stringify({ open }));
      await board.until('the button is pressed', () => board.pins.get(relay) === 1);
      wire.point = point;
      wire.onPoint = (reached) => {
        board.tell('silent');
        point = reached.of === 'handshake' ? next(reached) : undefined;
      };
      wire.cut();
      await board.until('the connection after it is silent', () => board.silences.length > pressed.length);
      pressed.push(board.pulses.get(relay) ?? NaN);
      await saysDoor(); // in the connection after that one
    }
    expect(pressed.length).toBeGreaterThan(3); // an ESP8266 resumes its session, in a short handshake
    expect(board.rises.get(relay)).toBe(pressed.length);
    // 400 ms, on a busy machine; with an attempt to connect in it, it would be as long as that.
    expect(pressed.filter((ms) => !(ms >= 400 && ms < 2_000))).toEqual([]);
    await board.stop();
    await wire.stop();
  }, 90_000);
});
