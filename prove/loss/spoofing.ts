import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { DEFAULT_READINGS } from '@esp-fleet/local-cloud';
import { type Reading, SQL_READINGS } from '@esp-fleet/local-cloud/iot-sql';
import { isUtf8 } from 'node:buffer';
import { measuredAt } from '../../lib/fleet/measured.ts';
import { NAMES } from '../proved-fleet.ts';
import { board, connected } from '../../testing/cloud/board.ts';
import { CloudProcess } from '../../testing/cloud/cloud-process.ts';
import type { Ground } from './ground.ts';
import { redrive } from './redrive-process.ts';
import { type Item, Sink } from './sink.ts';
import { SPOOFS, type Spoof } from './spoofs.ts';

/** Readings of AWS's SQL, each as far as it is not the likeliest: that one, and all that differ from it in one thing. */
const ONE_BY_ONE: readonly Partial<Reading>[] = [
  {},
  ...Object.entries(SQL_READINGS).flatMap(([name, { values }]) => values.slice(1).map((value) => ({ [name]: value }))),
];

/** What meets in one statement or function when it is otherwise at once. */
const TOGETHER: readonly Partial<Reading>[] = [
  { collision: 'payload', binary: 'error' },
  { 'get-other': 'error', 'decode-bytes': 'null', 'encode-nothing': 'undefined' },
];

/** Those under which messages are lost, as the table in lib/telemetry/telemetry-sql.ts says. */
const LOSING = [...ONE_BY_ONE, ...TOGETHER].filter(
  ({ case: ofCase, 'get-other': get }) => ofCase === 'error' || get === 'error',
);

/** Nobody's topic: no device may publish to it, but an operator can. */
const NOBODYS_TOPIC = `${NAMES.topicRoot}/`;
const TO_NOBODY = { payload: '{"a":1}' };

/** How far the time in a key may lie beside the stamp: both read the clock for themselves. */
const TOLERANCE_MS = 5;

/** One fleet under one reading. */
interface Run {
  readonly reading: Partial<Reading>;
  /** Deployed with the setting `payload: raw`. */
  readonly keepsWhole?: boolean;
  /** Afterwards `fleet redrive` makes rows of the dead letters. It sees no SQL: once for what the rows differ by is enough. */
  readonly redrives?: boolean;
}

const RUNS: readonly Run[] = [
  ...[...ONE_BY_ONE, ...TOGETHER].map((reading) => ({
    reading,
    redrives: Object.keys(reading).every((name) => name === 'collision' || name === 'binary'),
  })),
  // One rule without a condition loses nothing either way.
  ...LOSING.map((reading) => ({ reading, keepsWhole: true })),
];

/** How many local clouds run at once: starting them takes most of the time. */
const LANES = 2;

/** Payloads that claim to be something else, under each reading of what AWS does not document. */
export async function proveSpoofing(ground: Ground): Promise<void> {
  for (const { redrives } of RUNS) ground.progress.expect((SPOOFS.length + 1) * (redrives ? 2 : 1));
  const left = RUNS.entries();
  const lane = async () => {
    for (const [index, run] of left) await proveRun(run, `spoofed-${index}`, ground);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

async function proveRun(run: Run, name: string, { devices, folder, keptWhole, progress }: Ground): Promise<void> {
  const words = wordsOf(run);
  const cloud = await CloudProcess.start(folder(name, run.keepsWhole ? keptWhole : undefined), {
    ...DEFAULT_READINGS, // whatever AWS has answered
    ...run.reading,
  });
  const [device] = devices;
  if (device === undefined) throw new Error('there is no device');
  try {
    const before = Date.now();
    const client = board(cloud.started.mqttPort, NAMES.thing(device.name), device.pems);
    await connected(client);
    for (const [index, { payload }] of SPOOFS.entries()) {
      await client.publishAsync(topicOf(device.name, index), Buffer.from(payload), { qos: 1 });
    }
    await client.endAsync();
    await new IoTDataPlaneClient(cloud.client).send(
      new PublishCommand({ topic: NOBODYS_TOPIC, payload: Buffer.from(TO_NOBODY.payload), qos: 1 }),
    );

    const sink = await Sink.of(cloud);
    const byTopic = await rowsByTopic(sink);
    const rowsOf = (index: number) => byTopic.get(topicOf(device.name, index)) ?? [];
    for (const [index, spoof] of SPOOFS.entries()) {
      const rows = rowsOf(index);
      const problem = isLost(spoof, run)
        ? rows.length > 0 && 'a row, although telemetry-sql.ts says that it is lost'
        : rows.length > 0 && problemOf(rows, spoof, device.name, before); // else it is a dead letter
      progress.case(`${words}: ${spoof.words}`, problem || undefined);
    }
    const sum = [...byTopic.values()].flat().length + (await sink.deadLetters());
    const published = [...SPOOFS, TO_NOBODY].filter((spoof) => !isLost(spoof, run)).length;
    progress.case(
      `${words}: rows + dead letters = messages`,
      sum === published ? undefined : `${sum}, not ${published}`,
    );
    if (!run.redrives) return;

    const { code, left } = await redrive(cloud);
    const isNamed = code === 1 && left.length === 1 && left[0]?.topic === NOBODYS_TOPIC;
    progress.case(
      `${words}: the redrive leaves ${NOBODYS_TOPIC} alone, and names it`,
      isNamed ? undefined : `exit code ${code}, left ${JSON.stringify(left)}`,
    );
    const redriven = await rowsByTopic(sink);
    for (const [index, spoof] of SPOOFS.entries()) {
      const rows = redriven.get(topicOf(device.name, index)) ?? [];
      progress.case(`${words}: ${spoof.words}, after the redrive`, problemOf(rows, spoof, device.name, before));
    }
  } finally {
    await cloud.end('SIGTERM');
  }
}

function wordsOf({ reading, keepsWhole }: Run): string {
  const chosen = Object.entries(reading).map(([name, value]) => `${name}=${value}`);
  return `${chosen.join(' ') || 'as is likeliest'}${keepsWhole ? ', payload: raw' : ''}`;
}

/** Payloads of which AWS IoT SQL makes no Array, String or Object. */
const WITHOUT_MEMBERS = ['42', 'true', 'false', 'null'];

/** Whether no rule takes a message, as the table in lib/telemetry/telemetry-sql.ts has it. */
export function isLost(
  { payload }: Pick<Spoof, 'payload'>,
  { reading, keepsWhole }: Pick<Run, 'reading' | 'keepsWhole'>,
): boolean {
  if (keepsWhole) return false;
  if (reading.case === 'error') return true;
  if (reading['get-other'] !== 'error') return false;
  const bytes = Buffer.from(payload);
  const isNull = reading['decode-bytes'] === 'null' && !isUtf8(bytes);
  const isUndefined = reading['encode-nothing'] === 'undefined' && bytes.length === 0;
  return isNull || isUndefined || WITHOUT_MEMBERS.includes(bytes.toString());
}

function topicOf(device: string, index: number): string {
  return `${NAMES.telemetryTopic(device)}/${index}`;
}

async function rowsByTopic(sink: Sink): Promise<Map<string, Item[]>> {
  const rows = new Map<string, Item[]>();
  for await (const row of sink.rows()) {
    const topic = row.full_topic?.S ?? '';
    rows.set(topic, [...(rows.get(topic) ?? []), row]);
  }
  return rows;
}

/** Why this is not one row of that device, with the broker's stamps and all of what was sent. */
export function problemOf(
  rows: readonly Item[],
  { payload }: Spoof,
  device: string,
  before: number,
): string | undefined {
  const [row, another] = rows;
  if (row === undefined || another !== undefined) return `${rows.length} rows`;
  const { device: key, arrival, received, full_topic: topic, measured, raw, ...fields } = row;
  if (key?.S !== device) return `its key is ${JSON.stringify(key)}`;
  const time = Number(received?.N);
  if (!(time >= before && time <= Date.now())) return `received is ${JSON.stringify(received)}`;
  const instant = Number(/^(\d{13})#[0-9a-f-]{36}$/.exec(arrival?.S ?? '')?.[1]);
  if (!(Math.abs(instant - time) <= TOLERANCE_MS)) return `arrival is ${JSON.stringify(arrival)}`;
  if (topic?.S === undefined) return 'full_topic is no text';
  // Of nothing, a reading makes no "raw".
  if (raw !== undefined || payload.length === 0) {
    const isWhole = Buffer.from(payload).toString('base64') === (raw?.S ?? '') && Object.keys(fields).length === 0;
    return isWhole ? undefined : 'raw is not the payload, or not alone';
  }
  const json = JSON.parse(Buffer.from(payload).toString()) as object & { readonly age?: unknown };
  const age = measuredAt(0, json.age);
  // Rule and stamp may read the clock a millisecond apart.
  const isMeasured =
    age === undefined ? measured === undefined : Math.abs(Number(measured?.N) - time - age) <= TOLERANCE_MS;
  if (!isMeasured) return `measured is ${JSON.stringify(measured)}`;
  const sent = Object.keys(json);
  return sent.sort().join() === Object.keys(fields).sort().join() ? undefined : `columns ${Object.keys(fields).join()}`;
}
