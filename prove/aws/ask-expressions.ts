import {
  CreateTopicRuleCommand,
  GetTopicRuleCommand,
  ResourceAlreadyExistsException,
  SqlParseException,
} from '@aws-sdk/client-iot';
import type { Reading } from '@esp-fleet/local-cloud/iot-sql';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { iot } from '../../aws/clients.ts';
import { publish } from '../../cli/aws/connection.ts';
import { DeadLetterQueue, deleteMessages } from '../../cli/aws/dead-letter-queue.ts';
import { telemetryDeployment } from '../../cli/aws/deployment.ts';
import { ABSENT, EXPRESSIONS, type Expression, type ProbeRule, SILENCE } from './expressions.ts';
import { CLASSES, expected, PARTS, sqlOf } from './payload-classes.ts';
import { type Answer, answered, readingsOf } from './probe.ts';
import type { ScratchFleet } from './scratch-fleet.ts';

const HIDDEN_SECONDS = 30;

/** A rule that cannot fail: once what it selects comes, the others have been asked as well. */
const CONTROL: ProbeRule = { id: 'control', select: "'here' AS v" };

/** A new rule may take effect late: it is asked again so often. */
const TRIES = 30;
const PAUSE_MS = 1_000;

/** What comes later than the control. */
const GRACE_MS = 2_000;

/** A message for a rule. */
interface Asked {
  readonly rule: ProbeRule;
  readonly payload: string | Uint8Array;
  readonly basicIngest?: true;
}

/** What the statements of the product stand on, one rule an expression; and their parts, each over every kind of payload. */
export async function askSql(
  fleet: ScratchFleet,
  signal: AbortSignal,
  expressions: readonly Expression[] = EXPRESSIONS,
): Promise<Answer[]> {
  const parts = PARTS.flatMap((rule) => Object.entries(CLASSES).map(([words, payload]) => ({ rule, words, payload })));
  const seen = await ask(fleet, [...expressions.map((one) => ({ ...one, rule: one })), ...parts], signal);
  const answers = expressions.map(({ question, assumed, open }, index) =>
    answered({ question, assumed, ...(open && { open }) }, seen[index] ?? SILENCE),
  );
  const reading = readingsOf(answers) as Partial<Reading>;
  return [
    ...answers,
    ...parts.map(({ rule, words, payload }, index) =>
      answered(
        { question: `${sqlOf(rule, '…')} over ${words}`, assumed: expected(rule, payload, reading) },
        seen[expressions.length + index] ?? SILENCE,
      ),
    ),
  ];
}

/**
 * Writes what the rules select into the queue of the dead letters, by the role that the product made for its own rules.
 *
 * @returns what v is for each message
 */
async function ask(fleet: ScratchFleet, questions: readonly Asked[], signal: AbortSignal): Promise<string[]> {
  const { names } = fleet;
  const { deadLetters } = await telemetryDeployment(names);
  const { rule } = await iot.send(new GetTopicRuleCommand({ ruleName: names.telemetryRule }));
  const sqs = { roleArn: rule?.errorAction?.sqs?.roleArn ?? '', queueUrl: deadLetters };
  // Beside the topics of the fleet, which its own rules take.
  const topicOf = (id: string) => `${names.topicRoot}_probe/${id}`;
  const create = async ({ id, select, where }: ProbeRule) => {
    // What is asked comes back with its number, the third level of its topic.
    const sql = sqlOf({ id, select: `${select}, topic(3) AS probe`, ...(where && { where }) }, `${topicOf(id)}/+`);
    try {
      const topicRulePayload = { sql, awsIotSqlVersion: '2016-03-23', actions: [{ sqs }] };
      await iot.send(new CreateTopicRuleCommand({ ruleName: fleet.ruleName(id), topicRulePayload }));
      return true;
    } catch (error) {
      if (error instanceof SqlParseException) return false;
      if (error instanceof ResourceAlreadyExistsException) return true; // the same one: its name says what it is
      throw error;
    }
  };

  const refused = new Set<ProbeRule>();
  for (const one of new Set(questions.map(({ rule }) => rule))) if (!(await create(one))) refused.add(one);
  const control = { rule: CONTROL, payload: '{}', basicIngest: undefined };
  await create(CONTROL);

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
  // What comes late must not answer the next ones who ask.
  const run = randomUUID();
  const messages = [...questions, control].map(({ rule, payload, basicIngest }, index) => {
    const topic = `${topicOf(rule.id)}/${run}-${index}`;
    return { topic: basicIngest ? `$aws/rules/${fleet.ruleName(rule.id)}/${topic}` : topic, payload };
  });
  for (let round = 0; !seen.has(`${run}-${questions.length}`); round += 1) {
    signal.throwIfAborted();
    if (round === TRIES) throw new Error('no rule of the probes has selected anything');
    if (round > 0) await setTimeout(PAUSE_MS);
    for (const { topic, payload } of messages) await publish(topic, payload);
    while ((await receive()) > 0);
  }
  await setTimeout(GRACE_MS);
  while ((await receive()) > 0);
  return questions.map(({ rule: one }, index) =>
    refused.has(one) ? 'refused' : (seen.get(`${run}-${index}`) ?? SILENCE),
  );
}
