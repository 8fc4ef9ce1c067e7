import { CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import type { FleetNames } from '../../lib/fleet/names.ts';
import { clientConfig } from '../../aws/clients.ts';

const cloudWatch = new CloudWatchClient(clientConfig);

/** An alarm as CloudWatch has it. */
export interface DeployedAlarm {
  readonly name: string;
  /** OK, ALARM or INSUFFICIENT_DATA. */
  readonly state: string;
  /** What it means, and what to do. */
  readonly description: string;
  /** When its state changed. */
  readonly since?: Date;
}

/** The fleet's alarms. CloudFormation names what has no name after the stack, so that is how they are told from others. */
export async function fleetAlarms(names: FleetNames): Promise<DeployedAlarm[]> {
  const found: DeployedAlarm[] = [];
  for (const AlarmNamePrefix of [`${names.telemetryStack}-`, names.siteStack('')]) {
    for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client: cloudWatch }, { AlarmNamePrefix })) {
      for (const { AlarmName = '', StateValue = '', AlarmDescription = '', StateUpdatedTimestamp } of MetricAlarms) {
        found.push({
          name: AlarmName,
          state: StateValue,
          description: AlarmDescription,
          ...(StateUpdatedTimestamp && { since: StateUpdatedTimestamp }),
        });
      }
    }
  }
  return found;
}
