import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateThingCommand,
  DescribeThingCommand,
  GetPolicyCommand,
  GetTopicRuleCommand,
  IoTClient,
  ListPolicyVersionsCommand,
} from '@aws-sdk/client-iot';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { type Template } from '../stack-client.ts';
import {
  allow,
  att,
  deploy,
  destroy,
  document,
  options,
  output,
  ref,
  role,
  stacks,
  useDeployments,
} from './deployed.ts';

useDeployments();

describe('AWS IoT', () => {
  const template = (n: number): Template => ({
    Resources: {
      Thing: {
        Type: 'AWS::IoT::Thing',
        Properties: { ThingName: 'a-thing', AttributePayload: { Attributes: { n: `${n}` } } },
      },
      Policy: {
        Type: 'AWS::IoT::Policy',
        Properties: { PolicyDocument: document(allow('iot:Publish', `arn:aws:iot:us-east-1:000000000000:topic/${n}`)) },
      },
      Role: role('iot.amazonaws.com'),
      Rule: {
        Type: 'AWS::IoT::TopicRule',
        Properties: {
          TopicRulePayload: {
            Sql: `SELECT * FROM 'topic/${n}'`,
            AwsIotSqlVersion: '2016-03-23',
            RuleDisabled: 'false',
            Actions: [{ DynamoDBv2: { RoleArn: att('Role', 'Arn'), PutItem: { TableName: 'table' } } }],
            ErrorAction: { Sqs: { RoleArn: att('Role', 'Arn'), QueueUrl: 'url', UseBase64: false } },
          },
        },
      },
    },
    Outputs: {
      Thing: output(ref('Thing')),
      ThingId: output(att('Thing', 'Id')),
      Policy: output(ref('Policy')),
      PolicyArn: output(att('Policy', 'Arn')),
      Rule: output(ref('Rule')),
      RuleArn: output(att('Rule', 'Arn')),
    },
  });

  it('things, policies and topic rules', async () => {
    const iot = new IoTClient(options);
    const { Thing, ThingId, Policy, PolicyArn, Rule, RuleArn } = await deploy('iot', template(1));
    expect(Thing).toBe('a-thing');
    expect(ThingId).toMatch(/^[0-9a-f-]{36}$/);
    expect(PolicyArn).toBe(`arn:aws:iot:us-east-1:000000000000:policy/${Policy}`);
    expect(Rule).toMatch(/^iot_Rule_[A-Z0-9]{12}$/);
    expect(RuleArn).toBe(`arn:aws:iot:us-east-1:000000000000:rule/${Rule}`);
    const rule = async () => (await iot.send(new GetTopicRuleCommand({ ruleName: Rule }))).rule;
    expect(await rule()).toMatchObject({
      sql: "SELECT * FROM 'topic/1'",
      ruleDisabled: false,
      actions: [{ dynamoDBv2: { putItem: { tableName: 'table' } } }],
      errorAction: { sqs: { queueUrl: 'url', useBase64: false } },
    });
    // A new document is a new default version of the same policy; AWS IoT keeps five.
    for (let n = 2; n <= 8; n++) expect((await deploy('iot', template(n))).Policy).toBe(Policy);
    const { policyVersions = [] } = await iot.send(new ListPolicyVersionsCommand({ policyName: Policy }));
    expect(policyVersions.map(({ versionId }) => versionId).sort()).toEqual(['4', '5', '6', '7', '8']);
    const { policyDocument, defaultVersionId } = await iot.send(new GetPolicyCommand({ policyName: Policy }));
    expect({ policyDocument, defaultVersionId }).toEqual({
      policyDocument: expect.stringContaining('topic/8') as string,
      defaultVersionId: '8',
    });
    expect((await rule())?.sql).toBe("SELECT * FROM 'topic/8'");
    expect((await iot.send(new DescribeThingCommand({ thingName: Thing }))).attributes).toEqual({ n: '8' });
    await destroy('iot');
    await expect(iot.send(new DescribeThingCommand({ thingName: Thing }))).rejects.toThrow();
    await expect(iot.send(new GetPolicyCommand({ policyName: Policy }))).rejects.toThrow();
    await expect(rule()).rejects.toThrow();
  });

  it('a thing that is there already is not taken over', async () => {
    await new IoTClient(options).send(new CreateThingCommand({ thingName: 'mine' }));
    const stack = await stacks.deploy('takeover', {
      Resources: { Thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: 'mine' } } },
    });
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    await new IoTClient(options).send(new DescribeThingCommand({ thingName: 'mine' }));
  });

  it('rules that set no version of SQL, with actions that reach S3, CloudWatch Logs and other topics', async () => {
    const rule = (sql: string, ...actions: object[]) => ({
      Type: 'AWS::IoT::TopicRule',
      Properties: { TopicRulePayload: { Sql: sql, Actions: actions } },
    });
    const RoleArn = att('Role', 'Arn');
    const { Bucket, Group } = await deploy('actions', {
      Resources: {
        Bucket: { Type: 'AWS::S3::Bucket' },
        Group: { Type: 'AWS::Logs::LogGroup' },
        Role: role(
          'iot.amazonaws.com',
          allow('s3:PutObject', { 'Fn::Sub': '${Bucket.Arn}/readings/*' }),
          ...['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => allow(action, att('Group', 'Arn'))),
          allow('iot:Publish', { 'Fn::Sub': 'arn:aws:iot:${AWS::Region}:${AWS::AccountId}:topic/hot/*' }),
        ),
        Rule: rule(
          "SELECT *, topic() AS topic FROM 'things/+'",
          { S3: { RoleArn, BucketName: ref('Bucket'), Key: 'readings/${topic(2)}/${n}.json' } },
          { Republish: { RoleArn, Topic: 'hot/${topic(2)}', Qos: 1 } },
        ),
        Hot: rule("SELECT * FROM 'hot/#'", { CloudwatchLogs: { RoleArn, LogGroupName: ref('Group') } }),
      },
      Outputs: { Bucket: output(ref('Bucket')), Group: output(ref('Group')) },
    });
    const s3 = new S3Client({ ...options, forcePathStyle: true });
    const publish = (text: string) =>
      new IoTDataPlaneClient(options).send(
        new PublishCommand({ topic: 'things/a', payload: Buffer.from(text), qos: 1 }),
      );
    await publish('{"n":1}');
    await publish('{"n":2.0}');
    // As SQL version 2015-10-08 keeps a Decimal (IoT Developer Guide, iot-sql-data-types).
    const texts = ['{"n":1,"topic":"things/a"}', '{"n":2.0,"topic":"things/a"}'];
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents.map(({ Key }) => Key)).toEqual(['readings/a/1.json', 'readings/a/2.0.json']);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'readings/a/2.0.json' }));
    expect(await Body?.transformToString()).toBe(texts[1]);
    const { events = [] } = await new CloudWatchLogsClient(options).send(
      new FilterLogEventsCommand({ logGroupName: Group }),
    );
    expect(events.map(({ message }) => message)).toEqual(texts);
    for (const { Key } of Contents) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    await destroy('actions');
  });
});
