import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { describe, expect, it, vi } from 'vitest';
import { MessageQueue } from '../../src/sqs/message-queue.ts';
import { State } from '../../src/state/state.ts';
import { attributes, bodies, queue, receive, send, sqs, useSqs } from './sqs-queues.ts';

useSqs();

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
    expect(Date.now() - started).toBeLessThan(15_000);
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
