import { CreateTableCommand, DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MetricStore } from '../../src/cloudwatch/metric-store.ts';
import { dynamoDbService } from '../../src/dynamodb/dynamodb-service.ts';
import { sqsService } from '../../src/sqs/sqs-service.ts';
import { type Services, startServices } from '../support/start-services.ts';

let services: Services;
let close = async (): Promise<void> => undefined;

beforeAll(async () => {
  services = await startServices((parts) => {
    const dynamoDb = dynamoDbService({ ...parts, folder: undefined });
    close = () => dynamoDb.close();
    return [sqsService(parts), dynamoDb.service];
  });
});
afterAll(async () => {
  await services.close();
  await close();
});

/** How many values each metric of a namespace has. */
const counts = (namespace: string): Record<string, number> =>
  Object.fromEntries(
    [...services.metrics.all()]
      .filter(({ metric }) => metric.namespace === namespace)
      .map(({ metric, minutes }) => [
        [metric.name, ...Object.values(metric.dimensions)].join(' '),
        [...minutes.values()].reduce((sum, { count }) => sum + count, 0),
      ]),
  );

/** The latest values of all metrics of a namespace, by name and dimensions. */
function latest(metrics: MetricStore, namespace: string): Record<string, number | undefined> {
  metrics.sampleGauges();
  const own = [...metrics.all()].filter(({ metric }) => metric.namespace === namespace);
  return Object.fromEntries(
    own.map(({ metric, minutes }) => [
      [metric.name, ...Object.values(metric.dimensions)].join(' '),
      [...minutes.values()].at(-1)?.most,
    ]),
  );
}

it('tells how long each queue is', async () => {
  const sqs = new SQSClient(services.operator);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'letters' }));
  for (const MessageBody of ['a', 'b', 'c']) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(latest(services.metrics, 'AWS/SQS')).toEqual({
    'ApproximateNumberOfMessagesVisible letters': 2,
    'ApproximateNumberOfMessagesNotVisible letters': 1,
    'ApproximateNumberOfMessagesDelayed letters': 0,
    'NumberOfMessagesSent letters': 1,
  });
});

it('counts the messages that a queue took, and those that were deleted', async () => {
  const sqs = new SQSClient(services.operator);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'counted' }));
  for (const MessageBody of ['a', 'b', 'c']) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const { Messages: [first, ...others] = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
  );
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
  const entries = others.map(({ MessageId: Id, ReceiptHandle }) => ({ Id, ReceiptHandle }));
  const Entries = [...entries, { Id: 'x', ReceiptHandle: 'nonsense' }];
  expect((await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))).Failed).toHaveLength(1);
  await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '' }))).rejects.toThrow();
  expect(counts('AWS/SQS')).toMatchObject({ 'NumberOfMessagesSent counted': 3, 'NumberOfMessagesDeleted counted': 3 });
});

it('counts what a table answers, by operation, and not what it refuses', async () => {
  const dynamoDB = new DynamoDBClient(services.operator);
  await dynamoDB.send(
    new CreateTableCommand({
      TableName: 'rows',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'device', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'device', KeyType: 'HASH' }],
    }),
  );
  const put = (device: string) =>
    dynamoDB.send(new PutItemCommand({ TableName: 'rows', Item: { device: { S: device } } }));
  await put('a');
  await put('a');
  await expect(put('')).rejects.toThrow();
  await dynamoDB.send(
    new QueryCommand({
      TableName: 'rows',
      KeyConditionExpression: 'device = :d',
      ExpressionAttributeValues: { ':d': { S: 'a' } },
    }),
  );
  expect(counts('AWS/DynamoDB')).toEqual({
    'SuccessfulRequestLatency rows PutItem': 2,
    'SuccessfulRequestLatency rows Query': 1,
  });
});
