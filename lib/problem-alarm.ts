import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

export interface ProblemAlarmProps {
  /** Counts the problem; no data means that there was none. */
  readonly metric: IMetric;
  /** From what count on it rings. @default 1 */
  readonly threshold?: number;
  /** In how many periods of the metric on end. @default 1 */
  readonly periods?: number;
  /** What it means that the alarm rings, and what to do then. */
  readonly description: string;
}

/** An alarm that rings as soon as something happens that should not, and is quiet again once it no longer does. */
export class ProblemAlarm extends Alarm {
  constructor(scope: Construct, id: string, { metric, threshold = 1, periods = 1, description }: ProblemAlarmProps) {
    super(scope, id, {
      metric,
      alarmDescription: description,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
