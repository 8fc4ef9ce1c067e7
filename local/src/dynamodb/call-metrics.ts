import type { MetricStore } from '../cloudwatch/metric-store.ts';

const OF_ITEMS = ['PutItem', 'UpdateItem', 'DeleteItem', 'GetItem', 'Query', 'Scan'];
const READS = ['GetItem', 'BatchGetItem', 'Query', 'Scan'];

/*
 * Developer Guide, "DynamoDB metrics and dimensions".
 */

/** Counts a call that a table answered, with the milliseconds it took. */
export function countSuccess(metrics: MetricStore, Operation: string, input: object, milliseconds: number): void {
  const { TableName } = input as { readonly TableName?: string };
  if (TableName === undefined || !OF_ITEMS.includes(Operation)) return;
  const metric = { namespace: 'AWS/DynamoDB', name: 'SuccessfulRequestLatency', dimensions: { TableName, Operation } };
  metrics.add(metric, milliseconds, { unit: 'Milliseconds' });
}

/** Counts a throttled call. */
export function countThrottle(metrics: MetricStore, Operation: string, input: object): void {
  const { TableName } = input as { readonly TableName?: string };
  if (TableName === undefined) return;
  const count = (name: string, dimensions: Record<string, string>): void =>
    metrics.add({ namespace: 'AWS/DynamoDB', name, dimensions }, 1, { unit: 'Count' });
  count('ThrottledRequests', { TableName, Operation });
  count(READS.includes(Operation) ? 'ReadThrottleEvents' : 'WriteThrottleEvents', { TableName });
}
