import { CreateQueueCommand, ReceiveMessageCommand, SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MetricStore } from '../../src/cloudwatch/metric-store.ts';
import { sqsService } from '../../src/sqs/sqs-service.ts';
import { type Services, startServices } from '../support/start-services.ts';

let services: Services;

beforeAll(async () => {
  services = await startServices((parts) => [sqsService(parts)]);
});
afterAll(() => services.close());

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
  });
});
