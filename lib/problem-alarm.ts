import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

export interface ProblemAlarmProps {
  /** Counts the problem; no data means that there was none. */
  readonly metric: IMetric;
  /** What it means that the alarm rings, and what to do then. */
  readonly description: string;
}

/** An alarm that rings as soon as something happens that should not, and is quiet again once it no longer does. */
export class ProblemAlarm extends Alarm {
  constructor(scope: Construct, id: string, { metric, description }: ProblemAlarmProps) {
    super(scope, id, {
      metric,
      alarmDescription: description,
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
