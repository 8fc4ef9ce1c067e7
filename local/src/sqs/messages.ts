import type * as sdk from '@aws-sdk/client-sqs';
import { AwsError } from '../errors.ts';
import type { Operations } from '../service.ts';
import type { State } from '../state/state.ts';
import { type MessageQueue, type StoredMessage, md5 } from './message-queue.ts';
import type { Queue, QueueStore } from './queue-store.ts';

const MOST = 10;
/** Developer Guide, "Amazon SQS message quotas". */
const MAX_IN_FLIGHT = 120_000;
const MAX_VISIBILITY_SECONDS = 43_200;

const invalid = (reason: string): AwsError =>
  new AwsError('InvalidParameterValue', `One or more parameters are invalid. Reason: ${reason}`);

function within(name: string, value: number, least: number, most: number): number {
  if (value < least || value > most) throw invalid(`${name} is ${value}; allowed are ${least} to ${most}.`);
  return value;
}

function checkBody(body: string, { attributes }: Queue): void {
  if (body === '') throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
  if (Buffer.byteLength(body) > Number(attributes.MaximumMessageSize))
    throw invalid(`sdk.Message must be shorter than ${attributes.MaximumMessageSize} bytes.`);
  if (!/^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u.test(body))
    throw new AwsError('InvalidMessageContents', 'The message contains characters outside the allowed set.');
}

function checkReceipt(messages: MessageQueue, handle = ''): string {
  if (!messages.owns(handle))
    throw new AwsError(
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${handle}" is not a valid receipt handle.`,
      404,
    );
  return handle;
}

function describe(message: StoredMessage, asked: readonly string[]): sdk.Message {
  const all: Partial<Record<sdk.MessageSystemAttributeName, string>> = {
    SenderId: message.sender,
    SentTimestamp: String(message.sent),
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: String(message.firstReceived),
  };
  const attributes = Object.entries(all).filter(([name]) => asked.includes('All') || asked.includes(name));
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: md5(message.body),
    ...(attributes.length > 0 && { Attributes: Object.fromEntries(attributes) }),
  };
}

export const messageOperations = (store: QueueStore, state: State): Operations<typeof sdk> => ({
  SendMessage: store.operation({
    takes: ['MessageBody', 'DelaySeconds'],
    handle: async (queue, { MessageBody = '', DelaySeconds }, { principal }) => {
      checkBody(MessageBody, queue);
      const delay = within('DelaySeconds', DelaySeconds ?? Number(queue.attributes.DelaySeconds), 0, 900);
      const message = store.messages(queue).send(MessageBody, delay, principal.userId);
      // Who is told that the queue has a message may throw away his own copy.
      await state.flush();
      return { MessageId: message.id, MD5OfMessageBody: md5(MessageBody) };
    },
  }),
  ReceiveMessage: store.operation({
    takes: [
      ...(['MaxNumberOfMessages', 'VisibilityTimeout', 'WaitTimeSeconds'] as const),
      // No message here has attributes of its sender's, so there are none to choose from.
      ...(['AttributeNames', 'MessageSystemAttributeNames', 'MessageAttributeNames'] as const),
    ],
    handle: async (queue, input) => {
      const { attributes } = queue;
      const { WaitTimeSeconds = Number(attributes.ReceiveMessageWaitTimeSeconds) } = input;
      const { VisibilityTimeout = Number(attributes.VisibilityTimeout) } = input;
      const retention = Number(attributes.MessageRetentionPeriod);
      const messages = store.messages(queue);
      if (messages.inFlight >= MAX_IN_FLIGHT)
        throw new AwsError('OverLimit', `The queue has ${MAX_IN_FLIGHT} messages in flight.`, 403);
      const received = await messages.receive({
        most: within('MaxNumberOfMessages', input.MaxNumberOfMessages ?? 1, 1, MOST),
        visibility: within('VisibilityTimeout', VisibilityTimeout, 0, MAX_VISIBILITY_SECONDS),
        wait: within('WaitTimeSeconds', WaitTimeSeconds, 0, 20),
        retention,
      });
      const asked = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
      return received.length === 0 ? {} : { Messages: received.map((message) => describe(message, asked)) };
    },
  }),
  DeleteMessage: store.operation({
    takes: ['ReceiptHandle'],
    handle: (queue, { ReceiptHandle }) => {
      const messages = store.messages(queue);
      messages.delete(checkReceipt(messages, ReceiptHandle));
    },
  }),
  DeleteMessageBatch: store.operation({
    action: 'sqs:DeleteMessage',
    takes: ['Entries'],
    handle: (queue, { Entries = [] }) => {
      if (Entries.length === 0) throw new AwsError('EmptyBatchRequest', 'The batch request has no entries.');
      if (Entries.length > MOST)
        throw new AwsError('TooManyEntriesInBatchRequest', `The batch request has more than ${MOST} entries.`);
      if (new Set(Entries.map(({ Id }) => Id)).size < Entries.length)
        throw new AwsError('BatchEntryIdsNotDistinct', 'Two entries of the batch request have the same Id.');
      const messages = store.messages(queue);
      const output: Required<sdk.DeleteMessageBatchResult> = { Successful: [], Failed: [] };
      for (const { Id, ReceiptHandle } of Entries) {
        try {
          messages.delete(checkReceipt(messages, ReceiptHandle));
          output.Successful?.push({ Id });
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          output.Failed?.push({ Id, SenderFault: true, Code: error.code, Message: error.message });
        }
      }
      return output;
    },
  }),
  ChangeMessageVisibility: store.operation({
    takes: ['ReceiptHandle', 'VisibilityTimeout'],
    handle: (queue, { ReceiptHandle, VisibilityTimeout = 0 }) => {
      const messages = store.messages(queue);
      const handle = checkReceipt(messages, ReceiptHandle);
      within('VisibilityTimeout', VisibilityTimeout, 0, MAX_VISIBILITY_SECONDS);
      if (!messages.changeVisibility(handle, VisibilityTimeout))
        throw new AwsError('MessageNotInflight', 'The message referred to is not in flight.');
    },
  }),
});
