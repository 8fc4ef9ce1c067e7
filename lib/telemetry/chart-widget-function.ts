import { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge-wildcards.ts';
import { BundledFunction } from '../bundled-function.ts';
import type { FleetNames } from '../fleet/names.ts';
import { allow, arnsOf } from '../permission.ts';

export interface ChartWidgetFunctionProps {
  /** The time-series. */
  readonly table: ITable;
  /** Of the fleet of the sites. */
  readonly names: FleetNames;
  /** The names of the sites, whose devices it shows until someone names others. */
  readonly sites: readonly string[];
  /** Whether the age of a reading, in a payload that is kept whole, says when it was taken: the stamp `measured`. */
  readonly readsAges: boolean;
}

/**
 * The Lambda function behind the curves of the dashboard. It may read the time-series by key and list what
 * the stacks of the sites hold, and nothing else. CloudWatch
 * invokes it with the permissions of whoever looks at the dashboard, so that it needs no grant.
 */
export class ChartWidgetFunction extends BundledFunction {
  constructor(scope: Construct, id: string, { table, names, sites, readsAges }: ChartWidgetFunctionProps) {
    const stacks = sites.map((site) => names.siteStack(site)).sort();
    const arns = stacks.map((stack) => arnsOf(scope)('cloudformation', 'stack', `${stack}/*`));
    const read = allow('Read', ['dynamodb:Query'], table.tableArn);
    const devices = allow('Devices', ['cloudformation:ListStackResources'], ...arns);
    super(scope, id, {
      folder: 'chart-widget',
      description: 'Draws the curves of the dashboard from the time-series',
      policyName: 'ChartWidget',
      statements: stacks.length > 0 ? [read, devices] : [read],
      // Lambda gives processor time by memory: with less, a long span would make people wait.
      memorySize: 1_024,
      timeout: Duration.seconds(30),
      environment: {
        TABLE_NAME: table.tableName,
        SITE_STACKS: JSON.stringify(stacks),
        READS_AGES: String(readsAges),
      },
    });
    const reason = 'The stack of a site; what stands for * is the id that CloudFormation gives it.';
    for (const stack of stacks) acknowledgeWildcards(this.role, { [`cloudformation:stack/${stack}/*`]: reason });
  }
}
