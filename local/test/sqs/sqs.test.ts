import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  type CreateQueueCommandInput,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueueTagsCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SQSClient,
  SendMessageCommand,
  type SendMessageCommandInput,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MessageQueue } from '../../src/sqs/message-queue.ts';
import { sqsService } from '../../src/sqs/sqs-service.ts';
import { State } from '../../src/state/state.ts';
import { type Services, startServices } from '../support/start-services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let services: Services;
let sqs: SQSClient;
let count = 0;
beforeAll(async () => {
  services = await startServices((parts) => [sqsService(parts)]);
  sqs = new SQSClient(services.operator);
});
afterAll(() => services.close());

async function queue(Attributes: CreateQueueCommandInput['Attributes'] = {}): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: `queue-${++count}`, Attributes }));
  return QueueUrl;
}
const send = (QueueUrl: string, MessageBody: string, more: Partial<SendMessageCommandInput> = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
const receive = async (QueueUrl: string, more: Partial<ReceiveMessageCommandInput> = {}) =>
  (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }))).Messages ?? [];
const bodies = (messages: { Body?: string | undefined }[]) => messages.map(({ Body }) => Body);
const attributes = async (QueueUrl: string) =>
  (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes;

describe('a message', () => {
  it('is received in the order of sending, with its attributes', async () => {
    const url = await queue();
    const { MessageId } = await send(url, 'ä');
    await send(url, 'second');
    const messages = await receive(url, { MessageSystemAttributeNames: ['All'] });
    expect(bodies(messages)).toEqual(['ä', 'second']);
    expect(messages[0]).toMatchObject({ MessageId, Attributes: { ApproximateReceiveCount: '1' } });
    expect(Number(messages[0]?.Attributes?.SentTimestamp)).toBeGreaterThan(Date.now() - 60_000);
  });

  it('is hidden while it is in flight, and comes back when its time is up', async () => {
    const url = await queue();
    await send(url, 'm');
    const [first] = await receive(url, { VisibilityTimeout: 1 });
    expect(await receive(url)).toEqual([]);
    const [again] = await receive(url, {
      WaitTimeSeconds: 5,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    expect(again).toMatchObject({ MessageId: first?.MessageId, Attributes: { ApproximateReceiveCount: '2' } });
    expect(again?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
  });

  it('comes back at once when it is given back', async () => {
    const url = await queue();
    await send(url, 'm');
    const [{ ReceiptHandle } = {}] = await receive(url);
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout: 0 }));
    expect(bodies(await receive(url))).toEqual(['m']);
  });

  it('is gone when it is deleted by its latest receipt, and by no other', async () => {
    const url = await queue();
    await send(url, 'm');
    const [{ ReceiptHandle: old } = {}] = await receive(url, { VisibilityTimeout: 0 });
    const [{ ReceiptHandle: latest } = {}] = await receive(url, { VisibilityTimeout: 0 });
    await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: old }));
    expect(await attributes(url)).toMatchObject({ ApproximateNumberOfMessages: '1' });
    await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: latest }));
    expect(await receive(url)).toEqual([]);
    await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: latest }));
  });

  it('is deleted with others, each on its own', async () => {
    const url = await queue();
    await send(url, 'm');
    const [{ ReceiptHandle } = {}] = await receive(url);
    const Entries = [
      { Id: 'good', ReceiptHandle },
      { Id: 'bad', ReceiptHandle: 'nonsense' },
    ];
    const { Successful, Failed } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
    expect(Successful).toEqual([{ Id: 'good' }]);
    expect(Failed).toMatchObject([{ Id: 'bad', Code: 'ReceiptHandleIsInvalid' }]);
  });

  it('may be delayed', async () => {
    const url = await queue();
    await send(url, 'late', { DelaySeconds: 1 });
    expect(await receive(url)).toEqual([]);
    expect(await attributes(url)).toMatchObject({ ApproximateNumberOfMessagesDelayed: '1' });
    expect(bodies(await receive(url, { WaitTimeSeconds: 5 }))).toEqual(['late']);
  });

  it.each<[string, string, Partial<SendMessageCommandInput>, string]>([
    ['over the queue’s size', 'x'.repeat(1025), {}, 'shorter than 1024 bytes'],
    ['with a character XML has not', '\u0000', {}, 'outside the allowed set'],
    [
      'with attributes',
      'm',
      { MessageAttributes: { a: { DataType: 'String', StringValue: 'x' } } },
      'MessageAttributes of sqs:SendMessage',
    ],
    ['in a group', 'm', { MessageGroupId: 'a' }, 'MessageGroupId of sqs:SendMessage'],
  ])('%s is refused', async (_, body, more, message) => {
    await expect(send(await queue({ MaximumMessageSize: '1024' }), body, more)).rejects.toThrow(message);
  });

  it('is dropped when the queue has kept it for its time', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const messages = new MessageQueue((await State.open()).collection('test'), 'q', []);
      const take = () => messages.receive({ most: 10, visibility: 0, wait: 0, retention: 60 });
      messages.send('old', 0, 'me');
      vi.advanceTimersByTime(50_000);
      messages.send('new', 0, 'me');
      expect(bodies((await take()).map(({ body }) => ({ Body: body })))).toEqual(['old', 'new']);
      vi.advanceTimersByTime(20_000);
      expect(messages.count(60)).toMatchObject({ visible: 1 });
      expect((await take()).map(({ body }) => body)).toEqual(['new']);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('long polling', () => {
  it('answers as soon as a message is sent', async () => {
    const url = await queue({ ReceiveMessageWaitTimeSeconds: '20' });
    const started = Date.now();
    const waiting = receive(url);
    await send(url, 'm');
    expect(bodies(await waiting)).toEqual(['m']);
    expect(Date.now() - started).toBeLessThan(5000);
  });

  it('gives a message to one of those who wait', async () => {
    const url = await queue();
    const waiting = [1, 2].map(() => receive(url, { WaitTimeSeconds: 1 }));
    await send(url, 'm');
    expect((await Promise.all(waiting)).flat()).toHaveLength(1);
  });

  it('ends when the queue is deleted', async () => {
    const messages = new MessageQueue((await State.open()).collection('test'), 'q', []);
    const waiting = messages.receive({ most: 1, visibility: 30, wait: 20, retention: 60 });
    messages.close();
    expect(await waiting).toEqual([]);
  });
});

describe('a queue', () => {
  it('is found by its name, with its attributes', async () => {
    const QueueUrl = await queue({ MessageRetentionPeriod: '1209600' });
    const QueueName = QueueUrl.split('/').at(-1);
    expect(QueueUrl).toBe(`${services.endpoint()}/000000000000/${QueueName}`);
    expect((await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl).toBe(QueueUrl);
    expect(await attributes(QueueUrl)).toMatchObject({
      QueueArn: `arn:aws:sqs:us-east-1:000000000000:${QueueName}`,
      MessageRetentionPeriod: '1209600',
      VisibilityTimeout: '30',
      SqsManagedSseEnabled: 'true',
      ApproximateNumberOfMessages: '0',
    });
    expect((await sqs.send(new ListQueuesCommand({ QueueNamePrefix: QueueName }))).QueueUrls).toEqual([QueueUrl]);
  });

  it('is made again only the same', async () => {
    const QueueName = 'again';
    const make = (DelaySeconds: string) =>
      sqs.send(new CreateQueueCommand({ QueueName, Attributes: { DelaySeconds } }));
    expect((await make('1')).QueueUrl).toBe((await make('1')).QueueUrl);
    await expect(make('2')).rejects.toMatchObject({ name: 'QueueNameExists' });
  });

  it('that is not there is refused', async () => {
    const url = await queue();
    await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
    await expect(send(url, 'm')).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    await expect(sqs.send(new GetQueueUrlCommand({ QueueName: 'none' }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
  });

  it('changes its attributes', async () => {
    const QueueUrl = await queue();
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '5' } }));
    expect(await attributes(QueueUrl)).toMatchObject({ VisibilityTimeout: '5' });
  });

  it('is emptied', async () => {
    const QueueUrl = await queue();
    await send(QueueUrl, 'm');
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await receive(QueueUrl)).toEqual([]);
  });

  it('has tags', async () => {
    const QueueUrl = await queue();
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { a: '1', b: '2' } }));
    await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['a'] }));
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ b: '2' });
  });

  it.each<[string, CreateQueueCommandInput, string]>([
    ['first in, first out', { QueueName: 'a.fifo' }, 'a FIFO queue is not implemented'],
    [
      'with a dead-letter queue',
      { QueueName: 'a', Attributes: { RedrivePolicy: '{}' } },
      'the attribute RedrivePolicy',
    ],
    ['with a key of KMS', { QueueName: 'a', Attributes: { KmsMasterKeyId: 'k' } }, 'the attribute KmsMasterKeyId'],
    [
      'that keeps messages too long',
      { QueueName: 'a', Attributes: { MessageRetentionPeriod: '1209601' } },
      'MessageRetentionPeriod',
    ],
    ['with a policy that is none', { QueueName: 'a', Attributes: { Policy: '{}' } }, 'the policy is malformed'],
    ['with a name that is none', { QueueName: 'a b' }, 'The queue name a b'],
  ])('%s is refused', async (_, input, message) => {
    await expect(sqs.send(new CreateQueueCommand(input))).rejects.toThrow(message);
  });
});

describe('authorisation', () => {
  const arn = (url: string) => `arn:aws:sqs:us-east-1:000000000000:${url.split('/').at(-1)}`;

  it('is by queue and action', async () => {
    const [mine, yours] = [await queue(), await queue()];
    const options = await services.role('sender', [{ Action: 'sqs:SendMessage', Resource: arn(mine) }]);
    const sender = new SQSClient(options);
    await sender.send(new SendMessageCommand({ QueueUrl: mine, MessageBody: 'm' }));
    await expect(sender.send(new SendMessageCommand({ QueueUrl: yours, MessageBody: 'm' }))).rejects.toThrow(
      `sqs:SendMessage on resource: ${arn(yours)}`,
    );
    await expect(sender.send(new ReceiveMessageCommand({ QueueUrl: mine }))).rejects.toThrow('sqs:ReceiveMessage');
  });

  it('follows the queue’s policy, which may allow and may deny', async () => {
    const QueueUrl = await queue();
    const guest = new SQSClient(await services.role('guest', []));
    const message = new SendMessageCommand({ QueueUrl, MessageBody: 'm' });
    const statement = (Effect: string) => ({
      Effect,
      Principal: '*',
      Action: 'sqs:SendMessage',
      Resource: arn(QueueUrl),
    });
    const setPolicy = (...Statement: object[]) =>
      sqs.send(
        new SetQueueAttributesCommand({
          QueueUrl,
          Attributes: { Policy: Statement.length > 0 ? JSON.stringify({ Version: '2012-10-17', Statement }) : '' },
        }),
      );
    await expect(guest.send(message)).rejects.toThrow('sqs:SendMessage');
    await setPolicy(statement('Allow'));
    await guest.send(message);
    await setPolicy(statement('Allow'), statement('Deny'));
    await expect(sqs.send(message)).rejects.toThrow('statement 2');
    await setPolicy();
    await sqs.send(message);
  });
});

it('survives a restart: what waits, what is in flight, and not what was deleted', async () => {
  const folder = temporaryFolder();
  const before = await startServices((parts) => [sqsService(parts)], folder);
  const client = new SQSClient(before.operator);
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'kept' }));
  for (const MessageBody of ['deleted', 'in flight', 'first', 'second'])
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 2 }));
  await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages?.[0]?.ReceiptHandle }));
  await before.close();

  const after = await startServices((parts) => [sqsService(parts)], folder);
  const again = new SQSClient(after.operator);
  const { QueueUrl: url } = await again.send(new GetQueueUrlCommand({ QueueName: 'kept' }));
  const left = await again.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }));
  expect(bodies(left.Messages ?? [])).toEqual(['first', 'second']);
  // The receipt from before the restart is still good.
  await again.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: Messages?.[1]?.ReceiptHandle }));
  const { Attributes } = await again.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }));
  expect(Attributes).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '2' });
  await after.close();
});
