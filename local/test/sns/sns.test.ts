import {
  CreateTopicCommand,
  type CreateTopicCommandInput,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PublishCommand,
  type PublishCommandInput,
  SNSClient,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  type SubscribeCommandInput,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { snsService } from '../../src/sns/sns-service.ts';
import { sqsService } from '../../src/sqs/sqs-service.ts';
import { type Services, startServices } from '../support/start-services.ts';

let services: Services;
let sns: SNSClient;
let sqs: SQSClient;
let count = 0;

beforeAll(async () => {
  services = await startServices((parts) => [snsService(parts), sqsService(parts)]);
  sns = new SNSClient(services.operator);
  sqs = new SQSClient(services.operator);
});
afterAll(() => services.close());

const ARN = 'arn:aws:sns:us-east-1:000000000000:';
const create = async (more: Partial<CreateTopicCommandInput> = {}) =>
  (await sns.send(new CreateTopicCommand({ Name: `topic-${++count}`, ...more }))).TopicArn ?? '';
const attributes = async (TopicArn: string) => (await sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes;
const set = (TopicArn: string, AttributeName: string, AttributeValue: string) =>
  sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue }));
const subscribe = async (TopicArn: string, more: Partial<SubscribeCommandInput> = {}) =>
  (await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queueArn('q'), ...more })))
    .SubscriptionArn ?? '';
const subscriptions = async (TopicArn: string) =>
  (await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions;
const publish = (TopicArn: string, more: Partial<PublishCommandInput> = {}, client = sns) =>
  client.send(new PublishCommand({ TopicArn, Message: 'hello', ...more }));
const queueArn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

/** A queue that lets topics in whose ARN is that, as CDK's SqsSubscription writes it. */
async function queue(topicArn: string): Promise<{ arn: string; bodies: () => Promise<string[]> }> {
  const QueueName = `queue-${++count}`;
  const arn = queueArn(QueueName);
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: arn,
    Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { Policy } }));
  const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 });
  return { arn, bodies: async () => ((await sqs.send(receive)).Messages ?? []).map(({ Body = '' }) => Body) };
}

describe('a topic', () => {
  it('is made once, whoever asks again, unless for another one', async () => {
    const Name = 'once';
    const arn = await create({ Name, Attributes: { DisplayName: 'One' }, Tags: [{ Key: 'k', Value: 'v' }] });
    expect(arn).toBe(`${ARN}once`);
    expect(await create({ Name })).toBe(arn);
    await expect(create({ Name, Attributes: { DisplayName: 'Two' } })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining('already exists with different attributes') as string,
    });
    await expect(create({ Name, Tags: [{ Key: 'k', Value: 'w' }] })).rejects.toThrow('different tags');
    expect(await attributes(arn)).toMatchObject({
      TopicArn: arn,
      Owner: '000000000000',
      DisplayName: 'One',
      SubscriptionsConfirmed: '0',
    });
  });

  it('is listed, tagged and changed, and goes with its subscriptions', async () => {
    const arn = await create();
    await subscribe(arn);
    await set(arn, 'DisplayName', 'Readings');
    await sns.send(new TagResourceCommand({ ResourceArn: arn, Tags: [{ Key: 'a', Value: '1' }] }));
    await sns.send(new TagResourceCommand({ ResourceArn: arn, Tags: [{ Key: 'b', Value: '2' }] }));
    await sns.send(new UntagResourceCommand({ ResourceArn: arn, TagKeys: ['a'] }));
    const { Tags } = await sns.send(new ListTagsForResourceCommand({ ResourceArn: arn }));
    expect(Tags).toEqual([{ Key: 'b', Value: '2' }]);
    expect(await attributes(arn)).toMatchObject({ DisplayName: 'Readings', SubscriptionsConfirmed: '1' });
    const listed = async () => (await sns.send(new ListTopicsCommand({}))).Topics?.map(({ TopicArn }) => TopicArn);
    expect(await listed()).toContain(arn);
    for (let twice = 0; twice < 2; twice++) await sns.send(new DeleteTopicCommand({ TopicArn: arn }));
    expect(await listed()).not.toContain(arn);
    await expect(subscriptions(arn)).rejects.toMatchObject({ name: 'NotFoundException' });
    expect(await subscriptions(await create({ Name: arn.slice(ARN.length) }))).toEqual([]);
  });

  it.each<[string, Partial<CreateTopicCommandInput>, string, string]>([
    ['that is FIFO', { Name: 'a.fifo' }, 'NotImplemented', 'a FIFO topic'],
    ['with a name that is none', { Name: 'a b' }, 'InvalidParameterException', 'Topic Name'],
    ['with a key', { Attributes: { KmsMasterKeyId: 'k' } }, 'NotImplemented', 'the attribute KmsMasterKeyId'],
    ['with a policy that is none', { Attributes: { Policy: '{' } }, 'InvalidParameterException', 'not JSON'],
    ['with a data protection policy', { DataProtectionPolicy: '{}' }, 'NotImplemented', 'DataProtectionPolicy'],
  ])('%s is refused', async (_, input, name, words) => {
    await expect(create(input)).rejects.toMatchObject({ name, message: expect.stringContaining(words) as string });
  });
});

describe('a subscription', () => {
  it('stands once for each endpoint, is listed, changed and ended', async () => {
    const arn = await create();
    const subscription = await subscribe(arn);
    expect(subscription.startsWith(`${arn}:`)).toBe(true);
    expect(await subscribe(arn)).toBe(subscription);
    await expect(subscribe(arn, { Attributes: { RawMessageDelivery: 'true' } })).rejects.toThrow(
      'different attributes',
    );
    const shown = { TopicArn: arn, Protocol: 'sqs', Endpoint: queueArn('q'), Owner: '000000000000' };
    expect(await subscriptions(arn)).toEqual([{ SubscriptionArn: subscription, ...shown }]);
    await sns.send(new UnsubscribeCommand({ SubscriptionArn: subscription }));
    expect(await subscriptions(arn)).toEqual([]);
    const raw = { SubscriptionArn: subscription, AttributeName: 'RawMessageDelivery', AttributeValue: 'true' };
    await expect(sns.send(new SetSubscriptionAttributesCommand(raw))).rejects.toThrow('Subscription does not exist');
  });

  const lambda = { Protocol: 'lambda', Endpoint: 'arn:aws:lambda:us-east-1:000000000000:function:f' };
  it.each<[string, Partial<SubscribeCommandInput>, string, string]>([
    ...['email', 'email-json', 'http', 'https', 'sms', 'application', 'firehose'].map(
      (Protocol): [string, Partial<SubscribeCommandInput>, string, string] => [
        `by ${Protocol}`,
        { Protocol, Endpoint: 'somebody@example.com' },
        'NotImplemented',
        `the protocol ${Protocol} of an SNS subscription (there are sqs and lambda)`,
      ],
    ),
    ['of a queue by its URL', { Endpoint: 'http://127.0.0.1/q' }, 'InvalidParameterException', 'http://127.0.0.1/q'],
    ['of another account', { Endpoint: 'arn:aws:sqs:us-east-1:1:q' }, 'InvalidParameterException', 'arn:aws:sqs:us-'],
    ['of a queue as a function', { ...lambda, Endpoint: queueArn('q') }, 'InvalidParameterException', ':function:NAME'],
    ['with a filter', { Attributes: { FilterPolicy: '{}' } }, 'NotImplemented', 'the attribute FilterPolicy'],
    ['of a function, raw', { ...lambda, Attributes: { RawMessageDelivery: 'true' } }, 'InvalidParameter', '[lambda]'],
    ['to no topic', { TopicArn: `${ARN}none` }, 'NotFoundException', 'Topic does not exist'],
  ])('%s is refused', async (_, input, name, words) => {
    await expect(subscribe(await create(), input)).rejects.toMatchObject({
      name: expect.stringContaining(name) as string,
      message: expect.stringContaining(words) as string,
    });
  });
});

describe('a message', () => {
  it("reaches a queue in AWS's envelope, or as it is", async () => {
    const arn = await create();
    const [one, raw] = [await queue(arn), await queue(arn)];
    await subscribe(arn, { Endpoint: one.arn });
    const SubscriptionArn = await subscribe(arn, {
      Endpoint: raw.arn,
      Attributes: { RawMessageDelivery: 'true' },
    });
    const { MessageId } = await publish(arn, { Message: 'grüße', Subject: 'Hello' });
    await publish(arn);
    // Developer Guide, "Fanout to Amazon SQS queues"; without a subject there is none.
    const common = { Type: 'Notification', TopicArn: arn };
    const Timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
    expect((await one.bodies()).map((body) => JSON.parse(body) as unknown)).toEqual([
      { ...common, MessageId, Subject: 'Hello', Message: 'grüße', Timestamp },
      { ...common, MessageId: expect.any(String) as string, Message: 'hello', Timestamp },
    ]);
    expect(await raw.bodies()).toEqual(['grüße', 'hello']);
    const off = { SubscriptionArn, AttributeName: 'RawMessageDelivery', AttributeValue: 'false' };
    await sns.send(new SetSubscriptionAttributesCommand(off));
    await publish(arn);
    expect((await raw.bodies())[0]).toContain('"Notification"');
  });

  it('has a text for each protocol, or the default', async () => {
    const arn = await create();
    const { arn: Endpoint, bodies } = await queue(arn);
    await subscribe(arn, { Endpoint, Attributes: { RawMessageDelivery: 'true' } });
    const json = (message: object) => publish(arn, { MessageStructure: 'json', Message: JSON.stringify(message) });
    await json({ default: 'for all', email: 'no' });
    await json({ default: 'for all', sqs: 'for queues' });
    await json({ default: 'for all', sqs: 5 });
    expect(await bodies()).toEqual(['for all', 'for queues', 'for all']);
    // In AWS's words, as its users quote them.
    await expect(json({ sqs: 'x' })).rejects.toThrow('No default entry in JSON message body');
    await expect(json([])).rejects.toThrow('No default entry in JSON message body');
    await expect(publish(arn, { MessageStructure: 'json' })).rejects.toThrow('JSON message body failed to parse');
  });

  it('that a queue refuses, or that finds none, is one line in the log', async () => {
    const arn = await create();
    const { arn: closed, bodies } = await queue(`${ARN}another`);
    const open = await queue(arn);
    for (const Endpoint of [closed, queueArn('gone'), open.arn]) await subscribe(arn, { Endpoint });
    const before = services.log.lines.length;
    await publish(arn);
    expect(await bodies()).toEqual([]);
    expect(await open.bodies()).toHaveLength(1);
    const refused = `refused sqs:SendMessage on ${closed} by sns.amazonaws.com: no statement allows it in the policy of ${closed}`;
    expect(services.log.lines.slice(before).sort()).toEqual([
      // Of a queue that is gone there is no policy that could let anybody in.
      `refused sqs:SendMessage on ${queueArn('gone')} by sns.amazonaws.com: no policy is attached`,
      refused,
    ]);
  });

  it('is published by whom IAM or the policy of the topic allows it', async () => {
    const arn = await create();
    const other = new SNSClient(await services.role('other', []));
    const refusal = { name: 'AccessDeniedException' };
    await expect(publish(arn, {}, other)).rejects.toMatchObject(refusal);
    const publisher = new SNSClient(
      await services.role('publisher', [{ Action: 'sns:Publish', Resource: `${ARN}topic-*` }]),
    );
    await publish(arn, {}, publisher);
    const Principal = { AWS: 'arn:aws:iam::000000000000:role/other' };
    const policy = (Effect: string, who: unknown) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect, Principal: who, Action: 'sns:Publish', Resource: arn }],
      });
    await set(arn, 'Policy', policy('Allow', Principal));
    await publish(arn, {}, other);
    await set(arn, 'Policy', policy('Deny', '*'));
    await expect(publish(arn, {}, publisher)).rejects.toMatchObject(refusal);
  });

  it.each<[string, Partial<PublishCommandInput>, string, string]>([
    ['to nobody', { TopicArn: `${ARN}none` }, 'NotFoundException', 'Topic does not exist'],
    ['without a text', { Message: '' }, 'InvalidParameterException', 'Empty message'],
    ['beyond 256 KB', { Message: 'x'.repeat(262_145) }, 'InvalidParameterException', 'Message too long'],
    ['with a subject of two lines', { Subject: 'a\nb' }, 'InvalidParameterException', 'Subject'],
    ['of another structure', { MessageStructure: 'xml' }, 'InvalidParameterException', 'MessageStructure'],
    [
      'with attributes',
      { MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } } },
      'NotImplemented',
      'MessageAttributes of sns:Publish',
    ],
    ['to a telephone', { TopicArn: undefined, PhoneNumber: '+1' }, 'NotImplemented', 'PhoneNumber of sns:Publish'],
  ])('%s is refused', async (_, input, name, words) => {
    await expect(publish(await create(), input)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(words) as string,
    });
  });
});
