import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ProblemAlarm } from '../problem-alarm.ts';

export interface DeadLettersAlarmProps {
  readonly queue: IQueue;
}

/** Rings while there are dead letters. */
export class DeadLettersAlarm extends ProblemAlarm {
  constructor(scope: Construct, id: string, { queue }: DeadLettersAlarmProps) {
    super(scope, id, {
      metric: queue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: Duration.minutes(5) }),
      description:
        'Messages wait as dead letters, since the time-series did not take them. SQS deletes them after 14 days. What to ' +
        'do: bin/fleet redrive makes rows of them and names those that cannot be one.',
    });
  }
}
