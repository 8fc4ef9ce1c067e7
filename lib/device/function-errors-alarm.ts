import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ProblemAlarm } from '../problem-alarm.ts';

export interface FunctionErrorsAlarmProps {
  readonly site: string;
  readonly function: IFunction;
  /** What it does, as a predicate, such as `makes the device certificates`. */
  readonly task: string;
}

/** Rings when a function that deployments of a site wait for crashes or runs out of time. */
export class FunctionErrorsAlarm extends ProblemAlarm {
  constructor(scope: Construct, id: string, { site, function: fn, task }: FunctionErrorsAlarmProps) {
    super(scope, id, {
      metric: fn.metricErrors({ statistic: Stats.SUM, period: Duration.minutes(5) }),
      description:
        `The function that ${task} of the site ${site} crashed or ran out of time, so that a ` +
        'deployment waits or fails. Lambda runs it twice more by itself. What to do: bin/fleet doctor shows what is ' +
        'missing or left over; its log group says why; npx cdk deploy --all tries again.',
    });
  }
}
