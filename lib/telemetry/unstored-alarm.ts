import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ProblemAlarm } from '../problem-alarm.ts';

export interface UnstoredAlarmProps {
  /** A topic rule whose filter matches every message of the fleet. */
  readonly ruleName: string;
  /** The stack that has the rule. */
  readonly stackName: string;
  readonly table: ITable;
  readonly deadLetters: IQueue;
}

const HOUR = Duration.hours(1);

/**
 * Rings when the messages of two hours are not as many as the rows and dead letters of them: when none of the rules takes
 * some, or two take the same. An SQL error is counted nowhere, and no error action sees it; so what went in is compared
 * with what came out. A message that was redriven is a row, and a dead letter less.
 *
 * It rings from a 50th of the messages and three messages on: so many may cross from one hour into the next between their
 * arrival and their row. AWS's services tell their metrics some minutes apart, which leaves gaps at the end of the second
 * hour, and none in the first: so both must ring. Metrics without values are filled in, since they are 0 then; that way it
 * is also quiet again by itself, be it that alarms on DynamoDB ignore missing data (see time-series-alarm.ts).
 *
 * What it does not see: a smaller loss; less than three messages an hour; a loss that as many doubles make up for. What
 * makes it ring without a loss: somebody else who writes to the table, or deletes dead letters by hand.
 */
export class UnstoredAlarm extends ProblemAlarm {
  constructor(scope: Construct, id: string, { ruleName, stackName, table, deadLetters }: UnstoredAlarmProps) {
    const of = { statistic: Stats.SUM, period: HOUR };
    const matched = new Metric({
      namespace: 'AWS/IoT',
      metricName: 'TopicMatch',
      dimensionsMap: { RuleName: ruleName },
      ...of,
    });
    // Not the Success of the rules, whose dimension ActionType AWS does not document the spelling of.
    const rows = new Metric({
      namespace: 'AWS/DynamoDB',
      metricName: 'SuccessfulRequestLatency',
      dimensionsMap: { TableName: table.tableName, Operation: 'PutItem' },
      statistic: Stats.SAMPLE_COUNT,
      period: HOUR,
    });
    super(scope, id, {
      metric: new MathExpression({
        expression: 'ABS(FILL(matched, 0) - FILL(rows, 0) - FILL(dead, 0) + FILL(redriven, 0)) - FILL(matched, 0) / 50',
        usingMetrics: {
          matched,
          rows,
          dead: deadLetters.metricNumberOfMessagesSent(of),
          redriven: deadLetters.metricNumberOfMessagesDeleted(of),
        },
        label: 'messages without a row, or with two, beyond 2 %',
        period: HOUR,
      }),
      threshold: 3,
      periods: 2,
      description:
        'For two hours, messages have not been as many as rows and dead letters: some are lost without a trace, or are ' +
        'two rows. AWS IoT may read the SQL of the rules otherwise than its documents say. What to do: bin/fleet doctor ' +
        'says how to switch on the logs of AWS IoT, which name the error; with "payload": "raw" in cdk.json, ' +
        `npx cdk deploy ${stackName} makes do with one rule that takes everything. It also rings when dead letters ` +
        'are deleted by hand, or when someone else writes to the table.',
    });
  }
}
