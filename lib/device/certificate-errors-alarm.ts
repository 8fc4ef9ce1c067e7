import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ProblemAlarm } from '../problem-alarm.ts';

export interface CertificateErrorsAlarmProps {
  readonly site: string;
  /** Makes the certificates of the site. */
  readonly certificates: IFunction;
}

/** Rings when the function behind the certificates of a site crashes or runs out of time. */
export class CertificateErrorsAlarm extends ProblemAlarm {
  constructor(scope: Construct, id: string, { site, certificates }: CertificateErrorsAlarmProps) {
    super(scope, id, {
      metric: certificates.metricErrors({ statistic: Stats.SUM, period: Duration.minutes(5) }),
      description:
        `The function that makes the device certificates of the site ${site} crashed or ran out of time, so that a ` +
        'deployment waits or fails. Lambda runs it twice more by itself. What to do: bin/fleet doctor shows what is ' +
        'missing or left over; its log group says why; npx cdk deploy --all tries again.',
    });
  }
}
