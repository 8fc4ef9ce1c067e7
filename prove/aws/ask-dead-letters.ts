import { type Action, CreateTopicRuleCommand, GetTopicRuleCommand } from '@aws-sdk/client-iot';
import { setTimeout } from 'node:timers/promises';
import { iot } from '../../aws/clients.ts';
import { publish } from '../../cli/aws/connection.ts';
import { DeadLetterQueue, deleteMessages } from '../../cli/aws/dead-letter-queue.ts';
import { telemetryDeployment } from '../../cli/aws/deployment.ts';
import { deadLetterIn } from '../../cli/redrive/dead-letter.ts';
import { type Answer, answered, measured } from './probe.ts';
import type { ScratchFleet } from './scratch-fleet.ts';

const HIDDEN_SECONDS = 30;

/** Beyond this a dead letter is as good as lost for whoever watches the alarm. */
const PATIENCE_MS = 10 * 60_000;

/** `fleet redrive` takes the time at which a dead letter came for that of its message: more than this would show in a chart. */
const MOST_SECONDS = 10;

/** After the first one: whether there is a second. */
const GRACE_MS = 3_000;

/** A new rule may take effect late: what comes before that has no dead letter. */
const RULE_MS = 2_000;

/** How long after a message its error action comes, and how often, where the table refuses it and where the target is not there. */
export async function askDeadLetters(fleet: ScratchFleet, signal: AbortSignal): Promise<Answer[]> {
  const { names } = fleet;
  const { table, deadLetters } = await telemetryDeployment(names);
  const { rule } = await iot.send(new GetTopicRuleCommand({ ruleName: names.telemetryRule }));
  const roleArn = rule?.errorAction?.sqs?.roleArn ?? '';
  const actions: Readonly<Record<string, Action>> = {
    // Without the keys of the table.
    refused: { dynamoDBv2: { roleArn, putItem: { tableName: table } } },
    // The role may write into the one queue alone.
    denied: { sqs: { roleArn, queueUrl: `${deadLetters}-is-not-there` } },
  };
  const topicOf = (id: string) => `${names.topicRoot}_probe/${id}/1`;
  for (const [id, action] of Object.entries(actions)) {
    const topicRulePayload = {
      sql: `SELECT 1 AS v FROM '${topicOf(id)}'`,
      awsIotSqlVersion: '2016-03-23',
      actions: [action],
      errorAction: { sqs: { roleArn, queueUrl: deadLetters } },
    };
    await iot.send(new CreateTopicRuleCommand({ ruleName: fleet.ruleName(id), topicRulePayload }));
  }
  await setTimeout(RULE_MS);
  const cases = { 'a row that the table refuses': topicOf('refused'), 'a target that is denied': topicOf('denied') };

  const queue = new DeadLetterQueue(deadLetters, HIDDEN_SECONDS);
  const sent = new Map<string, number>();
  const came = new Map<string, number[]>(Object.values(cases).map((topic) => [topic, []]));
  for (const topic of came.keys()) {
    await publish(topic, '{}');
    sent.set(topic, performance.now());
  }
  const began = performance.now();
  for (let quiet = began + PATIENCE_MS; performance.now() < quiet;) {
    signal.throwIfAborted();
    const messages = await queue.receive();
    for (const message of messages) came.get(deadLetterIn(message)?.topic ?? '')?.push(performance.now());
    await deleteMessages(queue, messages);
    if ([...came.values()].every(({ length }) => length > 0)) quiet = Math.min(quiet, performance.now() + GRACE_MS);
  }
  return Object.entries(cases).flatMap(([words, topic]) => {
    const [first = Infinity, ...more] = came.get(topic) ?? [];
    const seconds = Math.round((first - (sent.get(topic) ?? 0)) / 100) / 10;
    const letters = String(first === Infinity ? 0 : 1 + more.length);
    return [
      measured(`seconds until the dead letter of ${words}`, { most: MOST_SECONDS }, seconds, 's'),
      answered({ question: `dead letters of ${words}`, assumed: '1' }, letters),
    ];
  });
}
