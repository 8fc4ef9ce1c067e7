import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { provider, refuseExisting, unlessGone } from './provider.ts';
import { changeTags, type Tag } from './tag-changes.ts';

interface AlarmProperties extends Omit<PutMetricAlarmInput, 'AlarmName' | 'Tags'> {
  readonly AlarmName?: string;
  readonly Tags?: Tag[];
}

/** An alarm on a metric or an expression; anomaly detection is refused with the names of its properties. */
export const alarm = provider<AlarmProperties>({
  properties: [
    ...(['AlarmName', 'AlarmDescription', 'ActionsEnabled', 'Tags'] as const),
    ...(['AlarmActions', 'OKActions', 'InsufficientDataActions'] as const),
    ...(['Namespace', 'MetricName', 'Dimensions', 'Statistic', 'Period', 'Metrics'] as const),
    ...(['EvaluationPeriods', 'DatapointsToAlarm', 'Threshold', 'ComparisonOperator', 'TreatMissingData'] as const),
  ],
  async create({ properties, invoke, name, created, id, region }) {
    const AlarmName = properties.AlarmName ?? name({ max: 255 });
    const { MetricAlarms = [] } = await invoke('cloudwatch', 'DescribeAlarms', { AlarmNames: [AlarmName] });
    // PutMetricAlarm would change one that is there, and its deletion would come with the stack's.
    await refuseExisting('AWS::CloudWatch::Alarm', AlarmName, Promise.resolve(MetricAlarms[0]));
    await invoke('cloudwatch', 'PutMetricAlarm', { ...properties, AlarmName });
    return created({ AlarmName, Arn: `arn:aws:cloudwatch:${region}:${id}:alarm:${AlarmName}` });
  },
  async update({ properties, old, invoke, attributes }) {
    await invoke('cloudwatch', 'PutMetricAlarm', { ...properties, AlarmName: attributes.AlarmName });
    const ResourceARN = attributes.Arn;
    await changeTags(
      old.Tags,
      properties.Tags,
      (Tags) => invoke('cloudwatch', 'TagResource', { ResourceARN, Tags }),
      (TagKeys) => invoke('cloudwatch', 'UntagResource', { ResourceARN, TagKeys }),
    );
  },
  async delete({ invoke, attributes }) {
    await unlessGone(
      invoke('cloudwatch', 'DeleteAlarms', { AlarmNames: [attributes.AlarmName ?? ''] }),
      'ResourceNotFound',
    );
  },
});

const GONE = 'DashboardNotFoundError';

interface DashboardProperties {
  readonly DashboardName?: string;
  /** JSON text. */
  readonly DashboardBody: string;
}

export const dashboard = provider<DashboardProperties>({
  properties: ['DashboardName', 'DashboardBody'],
  async create({ properties, invoke, name, created }) {
    const DashboardName = properties.DashboardName ?? name({ max: 255 });
    const found = invoke('cloudwatch', 'GetDashboard', { DashboardName });
    await refuseExisting('AWS::CloudWatch::Dashboard', DashboardName, found, GONE);
    await invoke('cloudwatch', 'PutDashboard', { DashboardName, DashboardBody: properties.DashboardBody });
    return created({ DashboardName });
  },
  async update({ properties, invoke, attributes }) {
    const { DashboardName } = attributes;
    await invoke('cloudwatch', 'PutDashboard', { DashboardName, DashboardBody: properties.DashboardBody });
  },
  async delete({ invoke, attributes }) {
    const deletion = invoke('cloudwatch', 'DeleteDashboards', { DashboardNames: [attributes.DashboardName ?? ''] });
    await unlessGone(deletion, GONE);
  },
});
