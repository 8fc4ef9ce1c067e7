import { CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import type { FleetNames } from '../../lib/fleet/names.ts';
import { clientConfig } from '../../aws/clients.ts';
import { listed } from '../../aws/gone.ts';

const cloudWatch = new CloudWatchClient(clientConfig);

/** An alarm as CloudWatch has it. */
export interface DeployedAlarm {
  readonly name: string;
  /** OK, ALARM or INSUFFICIENT_DATA. */
  readonly state: string;
  /** What it means, and what to do. */
  readonly description: string;
  /** When its state changed. */
  readonly since: Date | undefined;
}

/** The fleet's alarms. CloudFormation names what has no name after the stack, so that is how they are told from others. */
export async function fleetAlarms(names: FleetNames): Promise<DeployedAlarm[]> {
  const found: DeployedAlarm[] = [];
  for (const AlarmNamePrefix of [`${names.telemetryStack}-`, names.siteStack('')]) {
    const pages = paginateDescribeAlarms({ client: cloudWatch }, { AlarmNamePrefix });
    for (const alarm of await listed(pages, ({ MetricAlarms }) => MetricAlarms)) {
      const { AlarmName: name = '', StateValue: state = '', AlarmDescription: description = '' } = alarm;
      found.push({ name, state, description, since: alarm.StateUpdatedTimestamp });
    }
  }
  return found;
}
