import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { FleetStack } from './fleet-stack.ts';
import { MEASURED_COLUMN } from './fleet/columns.ts';
import { FleetNames } from './fleet/names.ts';
import type { FleetSettings } from './fleet/schema.ts';
import { ChartWidgetFunction } from './telemetry/chart-widget-function.ts';
import { DeadLettersAlarm } from './telemetry/dead-letters-alarm.ts';
import { DeadLetters } from './telemetry/dead-letters.ts';
import { RuleAlarms } from './telemetry/rule-alarms.ts';
import { SeenRule } from './telemetry/seen-rule.ts';
import { TelemetryDashboard } from './telemetry/telemetry-dashboard.ts';
import { TelemetryRuleRole } from './telemetry/telemetry-rule-role.ts';
import { TelemetryRule } from './telemetry/telemetry-rule.ts';
import { rawTelemetrySql, telemetrySql, wholeTelemetrySql } from './telemetry/telemetry-sql.ts';
import { TimeSeriesAlarm } from './telemetry/time-series-alarm.ts';
import { TimeSeriesTable } from './telemetry/time-series-table.ts';
import { UnstoredAlarm } from './telemetry/unstored-alarm.ts';

export interface TelemetryStackProps {
  readonly settings: FleetSettings;
  /** Of the fleet, see fleet-id.ts. */
  readonly fleetId: string;
  /** The names of all sites, for the dashboard to find their devices. */
  readonly sites: readonly string[];
}

/** What all sites share: the rules that stamp messages, the time-series, the dead letters, and what watches over them. */
export class TelemetryStack extends FleetStack {
  constructor(scope: Construct, { settings, fleetId, sites }: TelemetryStackProps) {
    const { removal, retention, ingest, silentAfter } = settings;
    const names = new FleetNames(settings);
    const { telemetryStack: stackName, telemetryRule, rawTelemetryRule } = names;
    super(scope, {
      stackName,
      fleetId,
      description: 'esp-fleet: what the devices send, stamped and stored',
      // With it go the dead letters, and the rules, without which nothing that devices send is kept.
      terminationProtection: removal === 'retain',
    });
    const payload = ingest === 'basic' ? 'raw' : settings.payload;
    const { table } = new TimeSeriesTable(this, 'TimeSeries', { removal, retention });
    const { queue: deadLetters } = new DeadLetters(this, 'DeadLetters');
    const role = new TelemetryRuleRole(this, 'RuleRole', { table, deadLetters });

    new TelemetryRule(this, 'Rule', {
      ruleName: telemetryRule,
      description: 'Stores what devices publish, with topic and time of arrival',
      sql: payload === 'raw' ? wholeTelemetrySql(names.topicRoot, settings) : telemetrySql(names.topicRoot, settings),
      table,
      deadLetters,
      role,
    });
    if (payload === 'columns') {
      new TelemetryRule(this, 'RawRule', {
        ruleName: rawTelemetryRule,
        description: 'Stores, in base64, payloads that are no JSON object or use names of ours',
        sql: rawTelemetrySql(names.topicRoot, settings),
        table,
        deadLetters,
        role,
      });
    }
    if (silentAfter !== undefined) new SeenRule(this, 'SeenRule', { names });

    const rules = payload === 'raw' ? [telemetryRule] : [telemetryRule, rawTelemetryRule];
    new TelemetryDashboard(this, 'Dashboard', {
      dashboardName: names.dashboard,
      rules,
      table,
      deadLetters,
      alarms: [
        ...rules.flatMap((ruleName) => new RuleAlarms(this, `Alarms-${ruleName}`, { ruleName, stackName }).alarms),
        new DeadLettersAlarm(this, 'DeadLettersAlarm', { queue: deadLetters }),
        new TimeSeriesAlarm(this, 'TimeSeriesAlarm', { table }),
        // One rule without a condition takes everything, and what comes by basic ingest matches no topic.
        ...(payload === 'columns'
          ? [new UnstoredAlarm(this, 'UnstoredAlarm', { ruleName: telemetryRule, stackName, table, deadLetters })]
          : []),
      ],
      chart: new ChartWidgetFunction(this, 'ChartWidget', {
        table,
        names,
        sites,
        readsAges: settings.stamps.includes(MEASURED_COLUMN),
      }).function,
    });

    new CfnOutput(this, 'TableName', { value: table.tableName });
    new CfnOutput(this, 'DeadLetterQueueUrl', { value: deadLetters.queueUrl });
    // "fleet redrive" writes the rows that these settings make.
    new CfnOutput(this, 'RowSettings', {
      value: JSON.stringify({ stamps: settings.stamps, retention, ingest, payload }),
    });
  }
}
