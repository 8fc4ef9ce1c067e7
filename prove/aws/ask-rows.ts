import { DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import type { Reading } from '@esp-fleet/local-cloud/iot-sql';
import { setTimeout } from 'node:timers/promises';
import { clientConfig } from '../../aws/clients.ts';
import { DeadLetterQueue, deleteMessages } from '../../cli/aws/dead-letter-queue.ts';
import { telemetryDeployment } from '../../cli/aws/deployment.ts';
import { deadLetterIn } from '../../cli/redrive/dead-letter.ts';
import type { Item } from '../loss/sink.ts';
import { isLost, problemOf } from '../loss/spoofing.ts';
import { SPOOFS } from '../loss/spoofs.ts';
import { connect } from './board.ts';
import { type Answer, answered, readingsOf } from './probe.ts';
import { DEVICE, type ScratchFleet } from './scratch-fleet.ts';

const HIDDEN_SECONDS = 30;
const TRIES = 30;
const PAUSE_MS = 1_000;

const ONCE = 'one row or dead letter';
const LOST = 'lost';

/**
 * Payloads of every kind through the rules that the product has deployed, from its own device: each is one row with the
 * broker's stamps, or one dead letter, but for those that are lost under what the cloud has answered so far, as
 * lib/telemetry/telemetry-sql.ts says.
 */
export async function askRows(fleet: ScratchFleet, before: readonly Answer[], signal: AbortSignal): Promise<Answer[]> {
  const { names } = fleet;
  const { table, deadLetters } = await telemetryDeployment(names);
  const topicOf = (index: number) => `${names.telemetryTopic(DEVICE)}/${index}`;
  const reading = readingsOf(before) as Partial<Reading>;
  const lost = SPOOFS.map((spoof) => isLost(spoof, { reading }));

  const began = Date.now() - CLOCKS_APART_MS;
  const client = await connect(fleet);
  if (client === undefined) throw new Error('the broker refuses the device of the product');
  for (const [index, { payload }] of SPOOFS.entries()) {
    signal.throwIfAborted();
    await client.publishAsync(topicOf(index), Buffer.from(payload), { qos: 1 });
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
  const wanted = lost.filter((isGone) => !isGone).length;
  let rows = new Map<string, Item[]>();
  for (let round = 0; round < TRIES; round += 1) {
    signal.throwIfAborted();
    await collect();
    rows = await rowsByTopic(table);
    const count = (all: Iterable<number>) => [...all].reduce((sum, one) => sum + one, 0);
    if (count([...rows.values()].map(({ length }) => length)) + count(letters.values()) >= wanted) break;
    await setTimeout(PAUSE_MS);
  }
  return SPOOFS.map((spoof, index) => {
    const [found, dead] = [rows.get(topicOf(index)) ?? [], letters.get(topicOf(index)) ?? 0];
    const sum = found.length + dead;
    const problem = found.length === 1 && dead === 0 ? problemOf(found, spoof, DEVICE, began) : undefined;
    const seen = sum === 0 ? LOST : sum === 1 ? (problem ?? ONCE) : `${found.length} rows, ${dead} dead letters`;
    return answered({ question: `a message: ${spoof.words}`, assumed: lost[index] ? LOST : ONCE }, seen);
  });
}

/** This machine's clock beside the cloud's. */
const CLOCKS_APART_MS = 60_000;

async function rowsByTopic(TableName: string): Promise<Map<string, Item[]>> {
  const rows = new Map<string, Item[]>();
  const query = {
    TableName,
    KeyConditionExpression: 'device = :device',
    ExpressionAttributeValues: { ':device': { S: DEVICE } },
    ConsistentRead: true,
  };
  for await (const { Items = [] } of paginateQuery({ client: new DynamoDBClient(clientConfig) }, query))
    for (const row of Items) {
      const topic = row.full_topic?.S ?? '';
      rows.set(topic, [...(rows.get(topic) ?? []), row]);
    }
  return rows;
}
