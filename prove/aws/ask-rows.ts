import type { Reading } from '@esp-fleet/local-cloud/iot-sql';
import { setTimeout } from 'node:timers/promises';
import { publish } from '../../cli/aws/connection.ts';
import { DeadLetterQueue, deleteMessages } from '../../cli/aws/dead-letter-queue.ts';
import { telemetryDeployment } from '../../cli/aws/deployment.ts';
import { deadLetterIn } from '../../cli/redrive/dead-letter.ts';
import type { Item } from '../loss/sink.ts';
import { isLost, problemOf } from '../loss/spoofing.ts';
import { SPOOFS } from '../loss/spoofs.ts';
import { connect } from './board.ts';
import { rowsOf } from './ask-table.ts';
import { type Answer, answered, readingsOf } from './probe.ts';
import { DEVICE, type ScratchFleet } from './scratch-fleet.ts';

const HIDDEN_SECONDS = 30;
const TRIES = 30;
const PAUSE_MS = 1_000;

const ONCE = 'one row or dead letter';
const LOST = 'lost';

const WAYS = ['mqtt', 'http'] as const;

/**
 * Payloads of every kind through the rules that the product has deployed, from its own device, and published over HTTP: each
 * is one row with the broker's stamps, or one dead letter, but for those that are lost under what the cloud has answered so
 * far, as lib/telemetry/telemetry-sql.ts says.
 */
export async function askRows(fleet: ScratchFleet, signal: AbortSignal, before: readonly Answer[]): Promise<Answer[]> {
  const { names } = fleet;
  const { table, deadLetters } = await telemetryDeployment(names);
  const reading = readingsOf(before) as Partial<Reading>;
  const began = Date.now() - CLOCKS_APART_MS;
  const all = WAYS.flatMap((way) =>
    SPOOFS.map((spoof, index) => ({
      way,
      spoof,
      topic: `${names.telemetryTopic(DEVICE)}/${way}/${index}`,
      lost: isLost(spoof, { reading }),
    })),
  );
  const client = await connect(fleet);
  if (client === undefined) throw new Error('the broker refuses the device of the product');
  for (const { way, topic, spoof } of all) {
    signal.throwIfAborted();
    if (way === 'http') await publish(topic, spoof.payload);
    else await client.publishAsync(topic, Buffer.from(spoof.payload), { qos: 1 });
  }
  await client.endAsync();

  const letters = new Map<string, number>();
  const queue = new DeadLetterQueue(deadLetters, HIDDEN_SECONDS);
  const collect = async () => {
    for (;;) {
      const messages = await queue.receive();
      for (const message of messages) {
        const topic = deadLetterIn(message)?.topic ?? '';
        letters.set(topic, (letters.get(topic) ?? 0) + 1);
      }
      await deleteMessages(queue, messages);
      if (messages.length === 0) return;
    }
  };
  let rows = new Map<string, Item[]>();
  const found = (topic: string) => (rows.get(topic)?.length ?? 0) + (letters.get(topic) ?? 0);
  for (let round = 0; round < TRIES; round += 1) {
    signal.throwIfAborted();
    await collect();
    rows = await rowsByTopic(table);
    if (all.every(({ lost, topic }) => lost || found(topic) > 0)) break;
    await setTimeout(PAUSE_MS);
  }
  return all.map(({ way, spoof, topic, lost }) => {
    const [itsRows, dead] = [rows.get(topic) ?? [], letters.get(topic) ?? 0];
    const problem = itsRows.length === 1 && dead === 0 ? problemOf(itsRows, spoof, DEVICE, began) : undefined;
    const one = problem ?? ONCE;
    const seen = found(topic) === 0 ? LOST : found(topic) === 1 ? one : `${itsRows.length} rows, ${dead} dead letters`;
    return answered({ question: `a message over ${way}: ${spoof.words}`, assumed: lost ? LOST : ONCE }, seen);
  });
}

/** This machine's clock beside the cloud's. */
const CLOCKS_APART_MS = 60_000;

async function rowsByTopic(TableName: string): Promise<Map<string, Item[]>> {
  const rows = new Map<string, Item[]>();
  for (const row of await rowsOf(TableName, DEVICE)) {
    const topic = row.full_topic?.S ?? '';
    rows.set(topic, [...(rows.get(topic) ?? []), row]);
  }
  return rows;
}
