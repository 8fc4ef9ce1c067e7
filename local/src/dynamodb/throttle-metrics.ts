import type { MetricStore } from '../cloudwatch/metric-store.ts';

const READS = ['GetItem', 'BatchGetItem', 'Query', 'Scan'];

/** Counts a throttled call (Developer Guide, "DynamoDB metrics and dimensions"). */
export function countThrottle(metrics: MetricStore, Operation: string, input: object): void {
  const { TableName } = input as { readonly TableName?: string };
  if (TableName === undefined) return;
  const count = (name: string, dimensions: Record<string, string>): void =>
    metrics.add({ namespace: 'AWS/DynamoDB', name, dimensions }, 1, { unit: 'Count' });
  count('ThrottledRequests', { TableName, Operation });
  count(READS.includes(Operation) ? 'ReadThrottleEvents' : 'WriteThrottleEvents', { TableName });
}
