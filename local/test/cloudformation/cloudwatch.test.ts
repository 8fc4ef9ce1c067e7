import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cloud, memoryLog, startCloud } from '../../src/cloud.ts';
import { type StackClient, type Template, stackClient } from './stack-client.ts';

let cloud: Cloud;
let stacks: StackClient;
let cloudWatch: CloudWatchClient;

beforeAll(async () => {
  cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog() });
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = cloud.environment;
  const credentials = { accessKeyId, secretAccessKey };
  const options = { endpoint: cloud.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
  stacks = stackClient(new CloudFormationClient(options));
  cloudWatch = new CloudWatchClient(options);
});
afterAll(() => cloud.close());

const template = (threshold: number, more: object = {}): Template => ({
  Resources: {
    Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'letters' } },
    Alarm: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmDescription: `more than ${threshold}`,
        Namespace: 'AWS/SQS',
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['Queue', 'QueueName'] } }],
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: threshold,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
        Tags: [{ Key: 'threshold', Value: String(threshold) }],
        ...more,
      },
    },
    Dashboard: {
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: {
        DashboardName: 'fleet',
        DashboardBody: JSON.stringify({ widgets: [{ type: 'text', properties: { markdown: `${threshold}` } }] }),
      },
    },
  },
  Outputs: {
    Name: { Value: { Ref: 'Alarm' } },
    Arn: { Value: { 'Fn::GetAtt': ['Alarm', 'Arn'] } },
    Dashboard: { Value: { Ref: 'Dashboard' } },
  },
});

it('makes an alarm and a dashboard, changes them in place, and takes them away', async () => {
  const alarms = async () => (await cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms ?? [];
  const dashboard = () => cloudWatch.send(new GetDashboardCommand({ DashboardName: 'fleet' }));

  const made = await stacks.deploy('watched', template(1));
  expect(made.StackStatus).toBe('CREATE_COMPLETE');
  const outputs = Object.fromEntries(
    (made.Outputs ?? []).map(({ OutputKey = '', OutputValue }) => [OutputKey, OutputValue]),
  );
  const [alarm] = await alarms();
  expect(alarm).toMatchObject({ AlarmName: outputs.Name, AlarmArn: outputs.Arn, Threshold: 1, StateValue: 'OK' });
  expect(outputs.Name).toMatch(/^watched-Alarm-[A-Z0-9]{12}$/);
  expect(outputs.Dashboard).toBe('fleet');

  expect((await stacks.deploy('watched', template(2))).StackStatus).toBe('UPDATE_COMPLETE');
  expect(await alarms()).toMatchObject([{ AlarmName: outputs.Name, AlarmDescription: 'more than 2', Threshold: 2 }]);
  const { Tags } = await cloudWatch.send(new ListTagsForResourceCommand({ ResourceARN: outputs.Arn }));
  expect(Tags?.filter(({ Key }) => !Key?.startsWith('aws:'))).toEqual([{ Key: 'threshold', Value: '2' }]);
  expect((await dashboard()).DashboardBody).toContain('"markdown":"2"');

  expect((await stacks.destroy(await stacks.settled('watched'))).StackStatus).toBe('DELETE_COMPLETE');
  expect(await alarms()).toEqual([]);
  await expect(dashboard()).rejects.toMatchObject({ name: 'ResourceNotFound' });
});

it('fails a stack whose alarm is on metric math that there is not, and says so', async () => {
  const failed = await stacks.deploy('math', template(1, { Metrics: [{ Id: 'e', Expression: 'RATE(a)' }] }));
  expect(failed.StackStatus).toMatch(/ROLLBACK_COMPLETE|ROLLBACK_FAILED/);
  const reasons = (await stacks.events(failed.StackId)).map(({ ResourceStatusReason }) => ResourceStatusReason);
  expect(reasons.join(' ')).toContain('Metrics');
});
