import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { clientConfig } from '../../aws/clients.ts';

// The URL of a queue names the host that it was made under, be it a local cloud that has moved to another port since.
const sqs = new SQSClient({ ...clientConfig, useQueueUrlAsEndpoint: false });

/** The most that SQS gives or takes at once. */
const BATCH = 10;

/** Of a long poll: unlike a short one it asks all of SQS's servers, so that "nothing" means nothing. */
const WAIT_SECONDS = 1;

/** How many messages a queue holds, by SQS's own estimate. */
export interface Depth {
  readonly visible: number;
  /** Received by someone, and neither deleted nor given back. */
  readonly inFlight: number;
}

/** What lets go of a message that was received. */
export type Receipt = Pick<Message, 'ReceiptHandle'>;

/** The queue of the messages that the time-series did not take. */
export class DeadLetterQueue {
  readonly url: string;
  readonly #hiddenSeconds: number;

  /** @param hiddenSeconds how long nobody else sees a message that was received, unless it is given back */
  constructor(url: string, hiddenSeconds: number) {
    this.url = url;
    this.#hiddenSeconds = hiddenSeconds;
  }

  /** Up to ten messages; none when none came within a second. */
  async receive(): Promise<Message[]> {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.url,
        MaxNumberOfMessages: BATCH,
        VisibilityTimeout: this.#hiddenSeconds,
        WaitTimeSeconds: WAIT_SECONDS,
        MessageSystemAttributeNames: ['SentTimestamp'],
      }),
    );
    return Messages;
  }

  /** Lets everybody see a message again. */
  async giveBack({ ReceiptHandle }: Receipt): Promise<void> {
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: this.url, ReceiptHandle, VisibilityTimeout: 0 }));
  }

  async depth(): Promise<Depth> {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.url,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return {
      visible: Number(Attributes.ApproximateNumberOfMessages),
      inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
    };
  }
}

/**
 * Deletes messages. Apart from the class, since whoever only looks at the queue does without it, and so does their IAM policy.
 *
 * @param messages of one `receive`
 * @returns why messages are still there, by their ids
 */
export async function deleteMessages(
  { url }: DeadLetterQueue,
  messages: readonly Message[],
): Promise<Map<string, string>> {
  if (messages.length === 0) return new Map();
  const Entries = messages.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
  const { Failed = [] } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
  return new Map(Failed.map(({ Id = '', Code, Message: why }) => [Id, why ?? Code ?? 'SQS does not say why']));
}
