import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { ProblemAlarm } from '../problem-alarm.ts';

export interface TimeSeriesAlarmProps {
  readonly table: ITable;
}

/**
 * Rings when DynamoDB throttles the rows that the rules write. DynamoDB counts throttles only while there are any, and
 * AWS's documents contradict each other on whether its alarms may then take no data as none ("default to ignore", User
 * Guide, "Configuring how CloudWatch alarms treat missing data") or stay as they are ("always ignore", API Reference,
 * PutMetricAlarm). An alarm that stays is silent at the next throttle; whatever that keeps out of the table rings as a
 * failure of its rule and as a dead letter.
 */
export class TimeSeriesAlarm extends ProblemAlarm {
  constructor(scope: Construct, id: string, { table }: TimeSeriesAlarmProps) {
    super(scope, id, {
      metric: table.metric('WriteThrottleEvents', { statistic: Stats.SUM, period: Duration.minutes(5) }),
      description:
        'DynamoDB throttles the time-series: more rows come than it takes, above all 1,000 a second of one device. AWS IoT ' +
        'tries again, and what does not get in becomes a dead letter. What to do: bin/fleet tail shows who sends so much; ' +
        'once it is over, bin/fleet redrive. Where this alarm ' +
        'stays after that, aws cloudwatch set-alarm-state sets it back to OK.',
    });
  }
}
