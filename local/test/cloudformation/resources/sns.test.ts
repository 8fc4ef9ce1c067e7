import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { IoTDataPlaneClient, PublishCommand as PublishToIotCommand } from '@aws-sdk/client-iot-data-plane';
import { LambdaClient, RemovePermissionCommand } from '@aws-sdk/client-lambda';
import {
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTagsForResourceCommand,
  PublishCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Template } from '../stack-client.ts';
import {
  allow,
  att,
  deploy,
  destroy,
  document,
  lambdaFunction,
  log,
  options,
  output,
  ref,
  role,
  stacks,
  tags,
  useDeployments,
} from './deployed.ts';

useDeployments();

/** What CDK's SqsSubscription makes, but for the policy of the queue. */
const subscription = (Protocol: string, id: string, more: object = {}) => ({
  Type: 'AWS::SNS::Subscription',
  Properties: { Protocol, TopicArn: ref('Topic'), Endpoint: att(id, 'Arn'), ...more },
});
const rule = (sql: string, roleId: string, more: object = {}) => ({
  Type: 'AWS::IoT::TopicRule',
  DependsOn: ['Publisher', 'Stranger', 'Sender'],
  Properties: {
    TopicRulePayload: {
      Sql: sql,
      AwsIotSqlVersion: '2016-03-23',
      Actions: [{ Sns: { TargetArn: ref('Topic'), RoleArn: att(roleId, 'Arn'), ...more } }],
      ErrorAction: { Sqs: { QueueUrl: ref('Letters'), RoleArn: att('Sender', 'Arn'), UseBase64: false } },
    },
  },
});

const template = (n: number, more: object = {}): Template => ({
  Resources: {
    Topic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: `topic ${n}`, Tags: tags(`${n}`) } },
    Queue: { Type: 'AWS::SQS::Queue' },
    Closed: { Type: 'AWS::SQS::Queue' },
    Letters: { Type: 'AWS::SQS::Queue' },
    QueuePolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [ref('Queue')],
        PolicyDocument: document({
          Effect: 'Allow',
          Principal: { Service: 'sns.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: att('Queue', 'Arn'),
          Condition: { ArnEquals: { 'aws:SourceArn': ref('Topic') } },
        }),
      },
    },
    FnRole: role('lambda.amazonaws.com', allow('logs:*')),
    Fn: lambdaFunction('exports.handler = async (event) => console.log(`got ${JSON.stringify(event)}`);', 'FnRole'),
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: att('Fn', 'Arn'),
        Principal: 'sns.amazonaws.com',
        SourceArn: ref('Topic'),
      },
    },
    ToQueue: { ...subscription('sqs', 'Queue', { RawMessageDelivery: n === 1 }), DependsOn: ['QueuePolicy'] },
    ToFn: subscription('lambda', 'Fn'),
    ToClosed: subscription('sqs', 'Closed'),
    Publisher: role('iot.amazonaws.com', allow('sns:Publish', ref('Topic'))),
    Stranger: role('iot.amazonaws.com', allow('sqs:SendMessage')),
    Sender: role('iot.amazonaws.com', allow('sqs:SendMessage', att('Letters', 'Arn'))),
    Allowed: rule("SELECT * FROM 'allowed/+'", 'Publisher'),
    Split: rule("SELECT * FROM 'split'", 'Publisher', { MessageFormat: 'JSON' }),
    Denied: rule("SELECT * FROM 'denied'", 'Stranger'),
    ...more,
  },
  Outputs: {
    Topic: output(ref('Topic')),
    TopicName: output(att('Topic', 'TopicName')),
    Queue: output(ref('Queue')),
    Closed: output(att('Closed', 'Arn')),
    Letters: output(ref('Letters')),
    Fn: output(ref('Fn')),
    ToFn: output(ref('ToFn')),
    Permission: output(att('Permission', 'Id')),
  },
});

describe('SNS', () => {
  let out: Record<string, string>;
  let sns: SNSClient;
  let sqs: SQSClient;

  beforeAll(async () => {
    [sns, sqs] = [new SNSClient(options), new SQSClient(options)];
    out = await deploy('notices', template(1));
  });

  const receive = async (QueueUrl: string | undefined) => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 }),
    );
    return Messages.map(({ Body = '' }) => Body);
  };
  /** The events that the function got, with that text in them. */
  const events = async (text: string) => {
    const logs = new CloudWatchLogsClient(options);
    const found = await logs
      .send(new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${out.Fn}` }))
      .catch(() => ({ events: [] }));
    return (found.events ?? []).map(({ message = '' }) => message).filter((line) => line.includes(text));
  };
  const send = (topic: string, payload: object) =>
    new IoTDataPlaneClient(options).send(
      new PublishToIotCommand({ topic, qos: 1, payload: Buffer.from(JSON.stringify(payload)) }),
    );

  it('is a topic with its subscriptions', async () => {
    expect(out.Topic).toBe(`arn:aws:sns:us-east-1:000000000000:${out.TopicName}`);
    expect(out.TopicName).toMatch(/^notices-Topic-/);
    expect(out.ToFn?.startsWith(`${out.Topic}:`)).toBe(true);
    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn: out.Topic }));
    expect(Attributes).toMatchObject({ DisplayName: 'topic 1', SubscriptionsConfirmed: '3' });
  });

  it('gives what a rule selected to the queue and the function, and to no queue that does not let it in', async () => {
    const refusals = log.refusals.length;
    await send('allowed/one', { temperature: 21.5 });
    expect(await receive(out.Queue)).toEqual(['{"temperature":21.5}']);
    await expect.poll(() => events('21.5')).toHaveLength(1);
    const [line = ''] = await events('21.5');
    // Lambda Developer Guide, with-sns: without a subject it is null.
    expect(JSON.parse(line.slice(line.indexOf('{')))).toEqual({
      Records: [
        {
          EventSource: 'aws:sns',
          EventVersion: '1.0',
          EventSubscriptionArn: out.ToFn,
          Sns: {
            Type: 'Notification',
            MessageId: expect.any(String) as string,
            TopicArn: out.Topic,
            Subject: null,
            Message: '{"temperature":21.5}',
            Timestamp: expect.any(String) as string,
            MessageAttributes: {},
          },
        },
      ],
    });
    expect(log.refusals.slice(refusals)).toEqual([
      expect.objectContaining({ who: 'sns.amazonaws.com', action: 'sqs:SendMessage', resource: out.Closed }),
    ]);
  });

  it('gives each protocol its text when a rule says JSON', async () => {
    await send('split', { default: 'for all', sqs: 'for queues' });
    expect(await receive(out.Queue)).toEqual(['for queues']);
    await expect.poll(() => events('"for all"')).toHaveLength(1);
  });

  it.each([
    ['a role that may not publish', 'denied', {}, 'is not authorized to perform: sns:Publish'],
    ['JSON without a default', 'split', { sqs: 'x' }, 'No default entry in JSON message body'],
  ])('is missed by %s: the error action runs', async (_, topic, payload, words) => {
    await send(topic, payload);
    const [letter = ''] = await receive(out.Letters);
    expect(JSON.parse(letter)).toMatchObject({
      topic,
      failures: [
        {
          failedAction: 'SnsAction',
          failedResource: out.Topic,
          errorMessage: expect.stringContaining(words) as string,
        },
      ],
    });
  });

  it('changes in place', async () => {
    // What CDK's Topic makes of enforceSSL.
    const statement = {
      Sid: 'AllowPublishThroughSSLOnly',
      Effect: 'Deny',
      Principal: '*',
      Action: 'sns:Publish',
      Resource: ref('Topic'),
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    };
    const policy = {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: { Topics: [ref('Topic')], PolicyDocument: document(statement) },
    };
    expect(await deploy('notices', template(2, { Policy: policy }))).toEqual(out);
    const TopicArn = out.Topic;
    const attributes = async () => (await sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes;
    expect(await attributes()).toMatchObject({ DisplayName: 'topic 2', SubscriptionsConfirmed: '3' });
    expect((await attributes())?.Policy).toContain('AllowPublishThroughSSLOnly');
    const { Tags } = await sns.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }));
    expect(Tags).toEqual(tags('2'));
    await sns.send(new PublishCommand({ TopicArn, Message: 'in an envelope' }));
    expect(JSON.parse((await receive(out.Queue))[0] ?? '')).toMatchObject({ Message: 'in an envelope' });

    await deploy('notices', template(2));
    expect((await attributes())?.Policy).toContain('__default_statement_ID');
  });

  it.each([
    ['by mail', { Protocol: 'email', Endpoint: 'a@example.com' }, 'the protocol email of an SNS subscription'],
    ['with a filter', { Protocol: 'sqs', Endpoint: 'q', FilterPolicy: {} }, 'FilterPolicy'],
  ])('has no subscription %s', async (what, properties, words) => {
    const name = `refused-${what.replaceAll(' ', '-')}`;
    const Sub = { Type: 'AWS::SNS::Subscription', Properties: { TopicArn: out.Topic, ...properties } };
    const stack = await stacks.deploy(name, { Resources: { Sub } }).catch((error: unknown) => String(error));
    const reasons =
      typeof stack === 'string'
        ? stack
        : (await stacks.events(stack.StackId)).map((event) => event.ResourceStatusReason).join('\n');
    expect(reasons).toContain(words);
  });

  it('does not reach a function whose permission is gone', async () => {
    const gone = { FunctionName: out.Fn, StatementId: out.Permission };
    await new LambdaClient(options).send(new RemovePermissionCommand(gone));
    const before = log.refusals.length;
    await sns.send(new PublishCommand({ TopicArn: out.Topic, Message: 'to nobody' }));
    expect(
      log.refusals
        .slice(before)
        .map(({ who, action }) => `${who} ${action}`)
        .sort(),
    ).toEqual(['sns.amazonaws.com lambda:InvokeFunction', 'sns.amazonaws.com sqs:SendMessage']);
  });

  it('goes with its stack', async () => {
    await destroy('notices');
    const gone = sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: out.Topic }));
    await expect(gone).rejects.toMatchObject({ name: 'NotFoundException' });
  });
});
