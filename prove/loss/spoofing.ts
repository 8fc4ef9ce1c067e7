import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { telemetryTopicPrefix } from '../../lib/fleet/names.ts';
import { board, connected } from '../../test/end-to-end/support/board.ts';
import { CloudProcess, type Reading } from '../../test/end-to-end/support/cloud-process.ts';
import type { Ground } from './ground.ts';
import { redrive } from './redrive-process.ts';
import { type Item, Sink } from './sink.ts';
import { SPOOFS, type Spoof } from './spoofs.ts';

const READINGS: readonly Reading[] = (['alias', 'payload'] as const).flatMap((collision) =>
  (['undefined', 'error'] as const).map((binary) => ({ collision, binary })),
);

/** Nobody's topic: no device may publish to it, but an operator can. */
const NOBODYS_TOPIC = 'rtjm/';

/** How far the time in a key may lie beside the stamp: both read the clock for themselves. */
const TOLERANCE_MS = 5;

/** Payloads that claim to be something else, under each reading of what AWS does not document. */
export async function proveSpoofing(ground: Ground): Promise<void> {
  for (const reading of READINGS) await proveUnder(reading, ground);
}

async function proveUnder(reading: Reading, { devices, folder, progress }: Ground): Promise<void> {
  const name = `${reading.collision} wins, binary is ${reading.binary}`;
  const cloud = await CloudProcess.start(folder(`spoofed-${reading.collision}-${reading.binary}`), reading);
  const [device] = devices;
  if (device === undefined) throw new Error('there is no device');
  try {
    progress.expect(2 * SPOOFS.length + 2);
    const before = Date.now();
    const client = board(cloud.started.mqttPort, device.name, device.pems);
    await connected(client);
    for (const [index, { payload }] of SPOOFS.entries()) {
      await client.publishAsync(topicOf(device.name, index), Buffer.from(payload), { qos: 1 });
    }
    await client.endAsync();
    await new IoTDataPlaneClient(cloud.client).send(
      new PublishCommand({ topic: NOBODYS_TOPIC, payload: Buffer.from('{"a":1}'), qos: 1 }),
    );

    const sink = await Sink.of(cloud);
    const byTopic = await rowsByTopic(sink);
    for (const [index, spoof] of SPOOFS.entries()) {
      const rows = byTopic.get(topicOf(device.name, index)) ?? [];
      const problem = rows.length === 0 ? undefined : problemOf(rows, spoof, device.name, before);
      progress.case(`${name}: ${spoof.words}`, problem);
    }
    const sum = [...byTopic.values()].flat().length + (await sink.deadLetters());
    const published = SPOOFS.length + 1;
    progress.case(
      `${name}: rows + dead letters = messages`,
      sum === published ? undefined : `${sum}, not ${published}`,
    );

    const { code, left } = await redrive(cloud);
    const isNamed = code === 1 && left.length === 1 && left[0]?.topic === NOBODYS_TOPIC;
    progress.case(
      `${name}: the redrive leaves ${NOBODYS_TOPIC} alone, and names it`,
      isNamed ? undefined : `exit code ${code}, left ${JSON.stringify(left)}`,
    );
    const redriven = await rowsByTopic(sink);
    for (const [index, spoof] of SPOOFS.entries()) {
      const rows = redriven.get(topicOf(device.name, index)) ?? [];
      progress.case(`${name}: ${spoof.words}, after the redrive`, problemOf(rows, spoof, device.name, before));
    }
  } finally {
    await cloud.end('SIGTERM');
  }
}

function topicOf(device: string, index: number): string {
  return `${telemetryTopicPrefix(device)}/${index}`;
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
function problemOf(rows: readonly Item[], { payload }: Spoof, device: string, before: number): string | undefined {
  const [row, another] = rows;
  if (row === undefined || another !== undefined) return `${rows.length} rows`;
  const { device: key, arrival, received, full_topic: topic, raw, ...fields } = row;
  if (key?.S !== device) return `its key is ${JSON.stringify(key)}`;
  const time = Number(received?.N);
  if (!(time >= before && time <= Date.now())) return `received is ${JSON.stringify(received)}`;
  const instant = Number(/^(\d{13})#[0-9a-f-]{36}$/.exec(arrival?.S ?? '')?.[1]);
  if (!(Math.abs(instant - time) <= TOLERANCE_MS)) return `arrival is ${JSON.stringify(arrival)}`;
  if (topic?.S === undefined) return 'full_topic is no text';
  if (raw !== undefined) {
    const isWhole = Buffer.from(payload).toString('base64') === raw.S && Object.keys(fields).length === 0;
    return isWhole ? undefined : 'raw is not the payload, or not alone';
  }
  const sent = Object.keys(JSON.parse(Buffer.from(payload).toString()) as object);
  return sent.sort().join() === Object.keys(fields).sort().join() ? undefined : `columns ${Object.keys(fields).join()}`;
}
