import { type Action, CreateTopicRuleCommand, GetTopicRuleCommand } from '@aws-sdk/client-iot';
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

/** A new rule may take effect late, and what comes before that has no dead letter: so often a message is sent again. */
const TRIES = 30;

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
  const cases = { 'a row that the table refuses': 'refused', 'a target that is denied': 'denied' };
  const topicOf = (id: string) => `${names.topicRoot}_probe/${id}`;
  for (const [id, action] of Object.entries(actions)) {
    const topicRulePayload = {
      sql: `SELECT 1 AS v FROM '${topicOf(id)}/+'`,
      awsIotSqlVersion: '2016-03-23',
      actions: [action],
      errorAction: { sqs: { roleArn, queueUrl: deadLetters } },
    };
    await iot.send(new CreateTopicRuleCommand({ ruleName: fleet.ruleName(id), topicRulePayload }));
  }

  const queue = new DeadLetterQueue(deadLetters, HIDDEN_SECONDS);
  const sent = new Map<string, number>();
  const came = new Map<string, number[]>();
  const cameOf = (id: string) => [...came].filter(([topic]) => topic.startsWith(`${topicOf(id)}/`));
  const missing = () => Object.values(cases).filter((id) => cameOf(id).length === 0);
  const began = performance.now();
  let quiet = began + PATIENCE_MS;
  for (let round = 0; performance.now() < quiet; round += 1) {
    signal.throwIfAborted();
    for (const id of round < TRIES ? missing() : []) {
      const topic = `${topicOf(id)}/${round}`;
      sent.set(topic, performance.now());
      await publish(topic, '{}');
    }
    const messages = await queue.receive();
    for (const message of messages) {
      const topic = deadLetterIn(message)?.topic ?? '';
      came.set(topic, [...(came.get(topic) ?? []), performance.now()]);
    }
    await deleteMessages(queue, messages);
    if (missing().length === 0) quiet = Math.min(quiet, performance.now() + GRACE_MS);
  }
  return Object.entries(cases).flatMap(([words, id]) => {
    const letters = cameOf(id);
    const waits = letters.map(([topic, [first = Infinity]]) => first - (sent.get(topic) ?? 0));
    const seconds = Math.round((waits.length > 0 ? Math.max(...waits) : Infinity) / 100) / 10;
    const most = Math.max(0, ...letters.map(([, times]) => times.length));
    return [
      measured(`seconds until the dead letter of ${words}`, { most: MOST_SECONDS }, seconds, 's'),
      answered({ question: `dead letters of ${words}`, assumed: '1' }, String(most)),
    ];
  });
}
