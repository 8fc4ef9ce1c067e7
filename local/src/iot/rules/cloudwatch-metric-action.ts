import type { PutMetricDataInput, StandardUnit } from '@aws-sdk/client-cloudwatch';
import type { CloudwatchMetricAction } from '@aws-sdk/client-iot';
import { AwsError } from '../../errors.ts';
import { type Templates, required } from './action-members.ts';
import type { RuleAction } from './rule-action.ts';

/** The `cloudwatchMetric` action: one value of one metric without dimensions (DG, cloudwatch-metrics-rule-action). */
export function cloudWatchMetricAction(shape: CloudwatchMetricAction, template: Templates): RuleAction {
  const member = (name: keyof CloudwatchMetricAction): string => required('cloudwatchMetric', name, shape[name]);
  const [name, namespace] = [template(member('metricName')), template(member('metricNamespace'))];
  const [value, unit] = [template(member('metricValue')), template(member('metricUnit'))];
  const seconds = shape.metricTimestamp === undefined ? undefined : template(shape.metricTimestamp);
  return {
    name: 'CloudwatchMetricAction',
    resource: member('metricName'),
    roleArn: member('roleArn'),
    call: (input) => {
      const datum = {
        MetricName: name(input),
        Value: number('metricValue', value(input)),
        Unit: unit(input) as StandardUnit,
        ...(seconds && { Timestamp: new Date(number('metricTimestamp', seconds(input)) * 1000) }),
      };
      const put: PutMetricDataInput = { Namespace: namespace(input), MetricData: [datum] };
      return { service: 'cloudwatch', operation: 'PutMetricData', input: put };
    },
  };
}

function number(member: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new AwsError('InvalidParameterValueException', `${member} is ${JSON.stringify(text)}, which is no number`);
  return value;
}
