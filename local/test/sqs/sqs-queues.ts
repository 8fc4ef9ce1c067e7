import {
  CreateQueueCommand,
  type CreateQueueCommandInput,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SQSClient,
  SendMessageCommand,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll } from 'vitest';
import { sqsService } from '../../src/sqs/sqs-service.ts';
import { type Services, startServices } from '../support/start-services.ts';

/** One for all tests of a file. */
export let services: Services;
export let sqs: SQSClient;
let count = 0;

/** Starts SQS before the tests of a file. */
export function useSqs(): void {
  beforeAll(async () => {
    services = await startServices((parts) => [sqsService(parts)]);
    sqs = new SQSClient(services.operator);
  });
  afterAll(() => services.close());
}

export async function queue(Attributes: CreateQueueCommandInput['Attributes'] = {}): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: `queue-${++count}`, Attributes }));
  return QueueUrl;
}
export const send = (QueueUrl: string, MessageBody: string, more: Partial<SendMessageCommandInput> = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
export const receive = async (QueueUrl: string, more: Partial<ReceiveMessageCommandInput> = {}) =>
  (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }))).Messages ?? [];
export const bodies = (messages: { Body?: string | undefined }[]) => messages.map(({ Body }) => Body);
export const attributes = async (QueueUrl: string) =>
  (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes;
