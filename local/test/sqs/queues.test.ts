import {
  CreateQueueCommand,
  type CreateQueueCommandInput,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueueTagsCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SQSClient,
  SendMessageCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { sqsService } from '../../src/sqs/sqs-service.ts';
import { startServices } from '../support/start-services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { attributes, bodies, queue, receive, send, services, sqs, useSqs } from './sqs-queues.ts';

useSqs();

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

  it('is emptied once within a minute', async () => {
    const [QueueUrl, other] = [await queue(), await queue()];
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    await send(QueueUrl, 'm');
    await expect(sqs.send(new PurgeQueueCommand({ QueueUrl }))).rejects.toMatchObject({ name: 'PurgeQueueInProgress' });
    expect(await receive(QueueUrl)).toHaveLength(1);
    await sqs.send(new PurgeQueueCommand({ QueueUrl: other }));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    onTestFinished(() => void vi.useRealTimers());
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  });

  it('is listed, a thousand at a time, and by pages where somebody asks for them', async () => {
    const names = ['paged-1', 'paged-2', 'paged-3'];
    for (const QueueName of names) await sqs.send(new CreateQueueCommand({ QueueName }));
    const list = (input: object) => sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'paged-', ...input }));
    expect(await list({})).toMatchObject({ QueueUrls: names.map((name) => expect.stringContaining(name) as string) });
    expect((await list({})).NextToken).toBeUndefined();
    const page = await list({ MaxResults: 2 });
    expect(page.QueueUrls).toHaveLength(2);
    expect((await list({ MaxResults: 2, NextToken: page.NextToken })).QueueUrls).toHaveLength(1);
    for (const MaxResults of [0, 1_001]) {
      await expect(list({ MaxResults })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    }
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
