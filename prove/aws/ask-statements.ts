import { CreateTopicRuleCommand, GetTopicRuleCommand, SqlParseException } from '@aws-sdk/client-iot';
import { iot } from '../../aws/clients.ts';
import { STAMPS } from '../../lib/fleet/columns.ts';
import { rawTelemetrySql, telemetrySql, wholeTelemetrySql } from '../../lib/telemetry/telemetry-sql.ts';
import { type Answer, answered } from './probe.ts';
import type { ScratchFleet } from './scratch-fleet.ts';

/** Every statement that a setting of the fleet makes a rule of: AWS IoT takes it, in a rule that is disabled and does nothing. */
export async function askStatements(fleet: ScratchFleet): Promise<Answer[]> {
  const { names } = fleet;
  const { rule } = await iot.send(new GetTopicRuleCommand({ ruleName: names.telemetryRule }));
  const rowSettings = { 'all stamps': { stamps: STAMPS, retention: 86_400 }, 'no stamps': { stamps: [] } };
  const statements = Object.entries(rowSettings).flatMap(([words, settings]) =>
    Object.entries({ telemetrySql, rawTelemetrySql, wholeTelemetrySql }).map(([name, sqlOf]) => ({
      question: `a rule takes ${name} with ${words}`,
      sql: sqlOf(`${names.topicRoot}_probe`, settings),
    })),
  );
  const answers: Answer[] = [];
  for (const [index, { question, sql }] of statements.entries()) {
    const ruleName = fleet.ruleName(`statement_${index}`);
    const sqs = rule?.errorAction?.sqs;
    const topicRulePayload = { sql, ruleDisabled: true, awsIotSqlVersion: '2016-03-23', actions: [{ sqs }] };
    let seen = 'disabled';
    try {
      await iot.send(new CreateTopicRuleCommand({ ruleName, topicRulePayload }));
      const { rule: made } = await iot.send(new GetTopicRuleCommand({ ruleName }));
      if (made?.ruleDisabled !== true) seen = 'enabled';
    } catch (error) {
      if (!(error instanceof SqlParseException)) throw error;
      seen = `refused: ${error.message}`;
    }
    answers.push(answered({ question, assumed: 'disabled' }, seen));
  }
  return answers;
}
