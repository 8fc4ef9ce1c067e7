import { Stack } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { FleetNames } from '../fleet/names.ts';
import type { FleetSettings } from '../fleet/schema.ts';
import { DeadLettersAlarm } from './dead-letters-alarm.ts';
import { DeadLetters } from './dead-letters.ts';
import { RuleAlarms } from './rule-alarms.ts';
import { SeenRule } from './seen-rule.ts';
import { TelemetryRuleRole } from './telemetry-rule-role.ts';
import { TelemetryRule } from './telemetry-rule.ts';
import { rawTelemetrySql, telemetrySql, wholeTelemetrySql } from './telemetry-sql.ts';
import { TimeSeriesAlarm } from './time-series-alarm.ts';
import { TimeSeriesTable } from './time-series-table.ts';
import { UnstoredAlarm } from './unstored-alarm.ts';

export interface TelemetryParts {
  readonly table: ITable;
  readonly deadLetters: IQueue;
  /** The names of the topic rules that write into the table. */
  readonly rules: readonly string[];
  readonly alarms: Alarm[];
  /** As it is in effect: with basic ingest, always whole. */
  readonly payload: FleetSettings['payload'];
}

/**
 * The rules that stamp messages, the time-series, the dead letters, and the alarms that watch over them. They are no
 * construct of their own, since their logical ids, and so the table, are those of the scope.
 */
export function telemetryIn(
  scope: Construct,
  { names, settings }: { readonly names: FleetNames; readonly settings: FleetSettings },
): TelemetryParts {
  const { removal, retention, ingest, silentAfter } = settings;
  const { telemetryRule, rawTelemetryRule } = names;
  const { stackName } = Stack.of(scope);
  const payload = ingest === 'basic' ? 'raw' : settings.payload;
  const { table } = new TimeSeriesTable(scope, 'TimeSeries', { removal, retention });
  const { queue: deadLetters } = new DeadLetters(scope, 'DeadLetters');
  const role = new TelemetryRuleRole(scope, 'RuleRole', { table, deadLetters });

  new TelemetryRule(scope, 'Rule', {
    ruleName: telemetryRule,
    description: 'Stores what devices publish, with topic and time of arrival',
    sql: payload === 'raw' ? wholeTelemetrySql(names.topicRoot, settings) : telemetrySql(names.topicRoot, settings),
    table,
    deadLetters,
    role,
  });
  if (payload === 'columns') {
    new TelemetryRule(scope, 'RawRule', {
      ruleName: rawTelemetryRule,
      description: 'Stores, in base64, payloads that are no JSON object or use names of ours',
      sql: rawTelemetrySql(names.topicRoot, settings),
      table,
      deadLetters,
      role,
    });
  }
  if (silentAfter !== undefined) new SeenRule(scope, 'SeenRule', { names });

  const rules = payload === 'raw' ? [telemetryRule] : [telemetryRule, rawTelemetryRule];
  const alarms = [
    ...rules.flatMap((ruleName) => new RuleAlarms(scope, `Alarms-${ruleName}`, { ruleName, stackName }).alarms),
    new DeadLettersAlarm(scope, 'DeadLettersAlarm', { queue: deadLetters }),
    new TimeSeriesAlarm(scope, 'TimeSeriesAlarm', { table }),
    // One rule without a condition takes everything, and what comes by basic ingest matches no topic.
    ...(payload === 'columns'
      ? [new UnstoredAlarm(scope, 'UnstoredAlarm', { ruleName: telemetryRule, stackName, table, deadLetters })]
      : []),
  ];
  return { table, deadLetters, rules, alarms, payload };
}
