import { Duration } from 'aws-cdk-lib';
import { type Alarm, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { ProblemAlarm } from '../problem-alarm.ts';

export interface RuleAlarmsProps {
  readonly ruleName: string;
  /** The stack that has the rule. */
  readonly stackName: string;
}

/**
 * What can go wrong with the messages of one topic rule (Developer Guide, "AWS IoT metrics and dimensions").
 *
 * How AWS spells the dimension ActionType is not documented; these are the spellings that its users report. With another
 * one a failure would still ring by its dead letter.
 */
export class RuleAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { ruleName, stackName }: RuleAlarmsProps) {
    super(scope, id);
    const metric = (metricName: string, ActionType?: string) =>
      new Metric({
        namespace: 'AWS/IoT',
        metricName,
        dimensionsMap: { RuleName: ruleName, ...(ActionType !== undefined && { ActionType }) },
        statistic: Stats.SUM,
        period: Duration.minutes(5),
      });
    this.alarms = [
      new ProblemAlarm(this, 'Failures', {
        metric: metric('Failure', 'DynamoDBv2'),
        description:
          `The time-series did not take messages of the rule ${ruleName}: it was throttled, or a message cannot be a row. ` +
          'They are dead letters, not lost. What to do: bin/fleet redrive.',
      }),
      new ProblemAlarm(this, 'Losses', {
        metric: metric('ErrorActionFailure', 'Sqs'),
        description:
          `Messages of the rule ${ruleName} reached neither the time-series nor the dead letters and are lost. What to do: ` +
          `npx cdk drift ${stackName} shows what of the queue or the role of the rules was changed by hand; ` +
          `npx cdk deploy ${stackName} puts it back.`,
      }),
      new ProblemAlarm(this, 'Throttles', {
        metric: metric('RuleMessageThrottled'),
        description:
          `AWS IoT dropped messages of the rule ${ruleName}, since more came than the quota of rule evaluations allows; ` +
          'they are lost. What to do: bin/fleet tail shows who sends so much; have devices send less often, or ask AWS ' +
          'to raise the quota.',
      }),
    ];
  }
}
