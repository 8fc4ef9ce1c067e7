import type { MetricStore } from '../cloudwatch/metric-store.ts';
import type { QueueStore } from './queue-store.ts';

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
