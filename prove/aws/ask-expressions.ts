import { CreateTopicRuleCommand, GetTopicRuleCommand, SqlParseException } from '@aws-sdk/client-iot';
import { setTimeout } from 'node:timers/promises';
import { iot } from '../../aws/clients.ts';
import { publish } from '../../cli/aws/connection.ts';
import { DeadLetterQueue, deleteMessages } from '../../cli/aws/dead-letter-queue.ts';
import { telemetryDeployment } from '../../cli/aws/deployment.ts';
import { ABSENT, type Expression, SILENCE } from './expressions.ts';
import { type Answer, answered } from './probe.ts';
import type { ScratchFleet } from './scratch-fleet.ts';

const HIDDEN_SECONDS = 30;

/** A rule that cannot fail: once what it selects comes, the others have been asked as well. */
const CONTROL = 'control';

/** A new rule may take effect late: it is asked again so often. */
const TRIES = 30;
const PAUSE_MS = 1_000;

/** What comes later than the control. */
const GRACE_MS = 2_000;

/**
 * One rule an expression, which writes what it selects into the queue of the dead letters, by the role that the product
 * made for its own rules.
 */
export async function askExpressions(
  fleet: ScratchFleet,
  expressions: readonly Expression[],
  signal: AbortSignal,
): Promise<Answer[]> {
  const { names } = fleet;
  const { deadLetters } = await telemetryDeployment(names);
  const { rule } = await iot.send(new GetTopicRuleCommand({ ruleName: names.telemetryRule }));
  const sqs = { roleArn: rule?.errorAction?.sqs?.roleArn ?? '', queueUrl: deadLetters };
  // Beside the topics of the fleet, which its own rules take.
  const topicOf = (id: string) => `${names.topicRoot}_probe/${id}`;
  const create = async (id: string, select: string) => {
    const sql = `SELECT ${select}, '${id}' AS probe FROM '${topicOf(id)}'`;
    try {
      const topicRulePayload = { sql, awsIotSqlVersion: '2016-03-23', actions: [{ sqs }] };
      await iot.send(new CreateTopicRuleCommand({ ruleName: fleet.ruleName(id), topicRulePayload }));
      return true;
    } catch (error) {
      if (error instanceof SqlParseException) return false;
      throw error;
    }
  };

  const refused = new Set<string>();
  for (const { id, select } of expressions) if (!(await create(id, select))) refused.add(id);
  await create(CONTROL, "'here' AS v");

  const queue = new DeadLetterQueue(deadLetters, HIDDEN_SECONDS);
  const seen = new Map<string, string>();
  const receive = async () => {
    const messages = await queue.receive();
    for (const { Body = '' } of messages) {
      const { probe, v } = JSON.parse(Body) as { probe?: string; v?: unknown };
      if (probe !== undefined) seen.set(probe, v === undefined ? ABSENT : JSON.stringify(v));
    }
    await deleteMessages(queue, messages);
    return messages.length;
  };
  for (let round = 0; !seen.has(CONTROL); round += 1) {
    signal.throwIfAborted();
    if (round === TRIES) throw new Error('no rule of the probes has selected anything');
    if (round > 0) await setTimeout(PAUSE_MS);
    for (const { id, payload } of [...expressions, { id: CONTROL, payload: '{}' }]) await publish(topicOf(id), payload);
    while ((await receive()) > 0);
  }
  await setTimeout(GRACE_MS);
  while ((await receive()) > 0);
  return expressions.map((one) => answered(one, refused.has(one.id) ? 'refused' : (seen.get(one.id) ?? SILENCE)));
}
