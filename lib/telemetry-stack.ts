import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { RAW_TELEMETRY_RULE_NAME, TELEMETRY_RULE_NAME, TELEMETRY_STACK_NAME, TOPIC_PREFIX } from './fleet/names.ts';
import type { FleetSettings } from './fleet/schema.ts';
import { DeadLetters } from './telemetry/dead-letters.ts';
import { TelemetryRuleRole } from './telemetry/telemetry-rule-role.ts';
import { TelemetryRule } from './telemetry/telemetry-rule.ts';
import { rawTelemetrySql, telemetrySql } from './telemetry/telemetry-sql.ts';
import { TimeSeriesTable } from './telemetry/time-series-table.ts';

export interface TelemetryStackProps {
  readonly settings: FleetSettings;
}

/** What all sites share: the rules that stamp messages, the time-series, and the dead letters. */
export class TelemetryStack extends Stack {
  constructor(scope: Construct, { settings }: TelemetryStackProps) {
    super(scope, TELEMETRY_STACK_NAME, { description: 'esp-fleet: what the devices send, stamped and stored' });
    const { table } = new TimeSeriesTable(this, 'TimeSeries', { removal: settings.removal });
    const { queue: deadLetters } = new DeadLetters(this, 'DeadLetters');
    const role = new TelemetryRuleRole(this, 'RuleRole', { table, deadLetters });

    new TelemetryRule(this, 'Rule', {
      ruleName: TELEMETRY_RULE_NAME,
      description: 'Stores what devices publish, with topic and time of arrival',
      sql: telemetrySql(TOPIC_PREFIX),
      table,
      deadLetters,
      role,
    });
    new TelemetryRule(this, 'RawRule', {
      ruleName: RAW_TELEMETRY_RULE_NAME,
      description: 'Stores, in base64, payloads that use the names of the stamps or keys',
      sql: rawTelemetrySql(TOPIC_PREFIX),
      table,
      deadLetters,
      role,
    });

    new CfnOutput(this, 'TableName', { value: table.tableName });
    new CfnOutput(this, 'DeadLetterQueueUrl', { value: deadLetters.queueUrl });
  }
}
