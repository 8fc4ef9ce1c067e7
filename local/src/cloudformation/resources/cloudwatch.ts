import type {
  ComparisonOperator,
  DescribeAlarmsOutput,
  Dimension,
  GetDashboardOutput,
  MetricDataQuery,
  PutMetricAlarmInput,
  Statistic,
} from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../errors.ts';
import { type Invoke, provider, unlessGone } from './provider.ts';
import { type Tag, tagChanges } from './tag-changes.ts';

interface AlarmProperties {
  readonly AlarmName?: string;
  readonly AlarmDescription?: string;
  readonly ActionsEnabled?: boolean;
  readonly AlarmActions?: string[];
  readonly OKActions?: string[];
  readonly InsufficientDataActions?: string[];
  readonly Namespace?: string;
  readonly MetricName?: string;
  readonly Dimensions?: Dimension[];
  readonly Statistic?: Statistic;
  readonly Period?: number;
  readonly Metrics?: MetricDataQuery[];
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly Threshold?: number;
  readonly ComparisonOperator: ComparisonOperator;
  readonly TreatMissingData?: string;
  readonly Tags?: readonly Tag[];
}

const alreadyExists = (type: string, name: string): AwsError =>
  new AwsError('AlreadyExists', `Resource of type '${type}' with identifier '${name}' already exists.`);

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
    // PutMetricAlarm would change one that is there, and its deletion would come with the stack's.
    const { MetricAlarms = [] } = await invoke<DescribeAlarmsOutput>('cloudwatch', 'DescribeAlarms', {
      AlarmNames: [AlarmName],
    });
    if (MetricAlarms.length > 0) throw alreadyExists('AWS::CloudWatch::Alarm', AlarmName);
    await invoke('cloudwatch', 'PutMetricAlarm', request(AlarmName, properties));
    return created({ AlarmName, Arn: `arn:aws:cloudwatch:${region}:${id}:alarm:${AlarmName}` });
  },
  async update({ properties, old, invoke, attributes }) {
    await invoke('cloudwatch', 'PutMetricAlarm', request(attributes.AlarmName ?? '', properties));
    const ResourceARN = attributes.Arn;
    const { set, remove } = tagChanges(old.Tags, properties.Tags);
    if (remove.length > 0) await invoke('cloudwatch', 'UntagResource', { ResourceARN, TagKeys: remove });
    if (set.length > 0) await invoke('cloudwatch', 'TagResource', { ResourceARN, Tags: set });
    return attributes;
  },
  async delete({ invoke, attributes }) {
    await unlessGone(invoke('cloudwatch', 'DeleteAlarms', { AlarmNames: [attributes.AlarmName] }), 'ResourceNotFound');
  },
});

const request = (AlarmName: string, { Tags, ...settings }: AlarmProperties): PutMetricAlarmInput => ({
  ...settings,
  AlarmName,
  Tags: Tags?.map((tag) => ({ ...tag })),
});

interface DashboardProperties {
  readonly DashboardName?: string;
  /** JSON text. */
  readonly DashboardBody: string;
}

export const dashboard = provider<DashboardProperties>({
  properties: ['DashboardName', 'DashboardBody'],
  async create({ properties, invoke, name, created }) {
    const DashboardName = properties.DashboardName ?? name({ max: 255 });
    if (await dashboardExists(invoke, DashboardName)) throw alreadyExists('AWS::CloudWatch::Dashboard', DashboardName);
    await invoke('cloudwatch', 'PutDashboard', { DashboardName, DashboardBody: properties.DashboardBody });
    return created({ DashboardName });
  },
  async update({ properties, invoke, attributes }) {
    const { DashboardName } = attributes;
    await invoke('cloudwatch', 'PutDashboard', { DashboardName, DashboardBody: properties.DashboardBody });
    return attributes;
  },
  async delete({ invoke, attributes }) {
    const deletion = invoke('cloudwatch', 'DeleteDashboards', { DashboardNames: [attributes.DashboardName] });
    await unlessGone(deletion, 'DashboardNotFoundError');
  },
});

async function dashboardExists(invoke: Invoke, DashboardName: string): Promise<boolean> {
  try {
    await invoke<GetDashboardOutput>('cloudwatch', 'GetDashboard', { DashboardName });
    return true;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'DashboardNotFoundError') return false;
    throw error;
  }
}
