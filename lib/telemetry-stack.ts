import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { FleetStack } from './fleet-stack.ts';
import { MEASURED_COLUMN } from './fleet/columns.ts';
import { FleetNames } from './fleet/names.ts';
import type { FleetSettings } from './fleet/schema.ts';
import { ChartWidgetFunction } from './telemetry/chart-widget-function.ts';
import { TelemetryDashboard } from './telemetry/telemetry-dashboard.ts';
import { telemetryIn, type TelemetryParts } from './telemetry/telemetry.ts';
import { UsedIdentities } from './telemetry/used-identities.ts';

export interface TelemetryStackProps {
  readonly settings: FleetSettings;
  /** Of the fleet, see fleet-id.ts. */
  readonly fleetId: string;
  /** The names of all sites, for the dashboard to find their devices. */
  readonly sites: readonly string[];
}

/** What all sites share: the rules that stamp messages, the time-series, the dead letters, and what watches over them. */
export class TelemetryStack extends FleetStack {
  /** What constructs outside may build on, see lib/yours.ts. */
  readonly ours: Pick<TelemetryParts, 'table' | 'deadLetters'>;

  constructor(scope: Construct, { settings, fleetId, sites }: TelemetryStackProps) {
    const { removal, retention, ingest, stamps } = settings;
    const names = new FleetNames(settings);
    super(scope, {
      stackName: names.telemetryStack,
      fleetId,
      description: 'esp-fleet: what the devices send, stamped and stored',
      // With it go the dead letters, and the rules, without which nothing that devices send is kept.
      terminationProtection: removal === 'retain',
    });
    const { table, deadLetters, rules, alarms, payload } = telemetryIn(this, { names, settings });
    this.ours = { table, deadLetters };
    new TelemetryDashboard(this, 'Dashboard', {
      dashboardName: names.dashboard,
      rules,
      table,
      deadLetters,
      alarms,
      chart: new ChartWidgetFunction(this, 'ChartWidget', {
        table,
        names,
        sites,
        readsAges: stamps.includes(MEASURED_COLUMN),
      }).function,
    });

    new CfnOutput(this, 'TableName', { value: table.tableName });
    new CfnOutput(this, 'UsedIdentitiesTableName', {
      value: new UsedIdentities(this, 'UsedIdentities', { names }).table.tableName,
    });
    new CfnOutput(this, 'DeadLetterQueueUrl', { value: deadLetters.queueUrl });
    // "fleet redrive" writes the rows that these settings make.
    new CfnOutput(this, 'RowSettings', {
      value: JSON.stringify({ stamps, retention, ingest, payload }),
    });
  }
}
