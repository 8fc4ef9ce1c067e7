import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { FleetNames } from '../fleet/names.ts';

export interface SilenceAlarmProps {
  /** Of the fleet of the device. */
  readonly names: FleetNames;
  readonly device: string;
  /** In seconds, whole hours. */
  readonly silentAfter: number;
}

/**
 * Rings when nothing has come from a device for so long, at the earliest so long after its alarm was made: see
 * silence-start.ts, which has to come before it. It also rings for a device that never sent anything.
 */
export class SilenceAlarm extends Alarm {
  constructor(scope: Construct, id: string, { names, device, silentAfter }: SilenceAlarmProps) {
    const hours = Duration.seconds(silentAfter).toHours();
    super(scope, id, {
      metric: new Metric({
        namespace: names.seenMetricNamespace,
        metricName: device,
        // Not the sum: the first value, which is no message, is a zero.
        statistic: Stats.SAMPLE_COUNT,
        // From an hour on CloudWatch looks back as far as 7 days, and 1 day otherwise (API Reference, PutMetricAlarm).
        period: Duration.hours(1),
      }),
      alarmDescription:
        `${device} has sent nothing for ${hours} h: it has no power, no network, or is refused. What to do: bin/fleet list ` +
        `shows whether it is connected and whether its certificate is ACTIVE; bin/fleet query ${device} --since 7d shows ` +
        'what came last.',
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: hours,
      treatMissingData: TreatMissingData.BREACHING,
    });
  }
}
