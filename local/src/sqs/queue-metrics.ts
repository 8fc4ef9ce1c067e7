import type { DeleteMessageBatchResult } from '@aws-sdk/client-sqs';
import type { MetricStore } from '../cloudwatch/metric-store.ts';
import type { QueueStore } from './queue-store.ts';

/** Counts messages that a queue took, or that were deleted (Developer Guide, "Available CloudWatch metrics for Amazon SQS"). */
export function countMessages(metrics: MetricStore, operation: string, input: object, output: unknown): void {
  const name = operation.startsWith('Delete') ? 'NumberOfMessagesDeleted' : 'NumberOfMessagesSent';
  const count = {
    SendMessage: 1,
    DeleteMessage: 1,
    DeleteMessageBatch: (output as DeleteMessageBatchResult).Successful?.length ?? 0,
  }[operation];
  const { QueueUrl = '' } = input as { readonly QueueUrl?: string };
  const QueueName = QueueUrl.split('/').at(-1) ?? '';
  for (let left = count ?? 0; left > 0; left--)
    metrics.add({ namespace: 'AWS/SQS', name, dimensions: { QueueName } }, 1, { unit: 'Count' });
}

/** Tells CloudWatch how long each queue is now (Developer Guide, "Available CloudWatch metrics for Amazon SQS"). */
export function queueLengths(store: QueueStore, metrics: MetricStore): void {
  for (const queue of store.queues.values()) {
    const { visible, delayed, inFlight } = store.messages(queue).count(Number(queue.attributes.MessageRetentionPeriod));
    const lengths = {
      ApproximateNumberOfMessagesVisible: visible,
      ApproximateNumberOfMessagesDelayed: delayed,
      ApproximateNumberOfMessagesNotVisible: inFlight,
    };
    for (const [name, length] of Object.entries(lengths))
      metrics.add({ namespace: 'AWS/SQS', name, dimensions: { QueueName: queue.name } }, length, { unit: 'Count' });
  }
}
