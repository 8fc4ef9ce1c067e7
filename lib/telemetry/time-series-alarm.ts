import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { ProblemAlarm } from '../problem-alarm.ts';

export interface TimeSeriesAlarmProps {
  readonly table: ITable;
}

/** Rings while DynamoDB throttles the rows that the rules write. */
export class TimeSeriesAlarm extends ProblemAlarm {
  constructor(scope: Construct, id: string, { table }: TimeSeriesAlarmProps) {
    super(scope, id, {
      metric: table.metric('WriteThrottleEvents', { statistic: Stats.SUM, period: Duration.minutes(5) }),
      description:
        'DynamoDB throttles the time-series: more rows come than it takes, above all 1,000 a second of one device. AWS IoT ' +
        'tries again, and what does not get in becomes a dead letter. What to do: npx fleet tail shows who sends so much; ' +
        'once it is over, npx fleet redrive.',
    });
  }
}
