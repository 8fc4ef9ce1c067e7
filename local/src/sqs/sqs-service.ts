import * as sdk from '@aws-sdk/client-sqs';
import type { MetricStore } from '../cloudwatch/metric-store.ts';
import type { Account, Service } from '../service.ts';
import type { State } from '../state/state.ts';
import { serviceModel } from '../wire/model.ts';
import { countMessages, queueLengths } from './queue-metrics.ts';
import { messageOperations } from './messages.ts';
import { QueueStore } from './queue-store.ts';
import { queueOperations } from './queues.ts';

export interface SqsOptions {
  readonly state: State;
  readonly account: Account;
  /** Where the length of each queue is told. */
  readonly metrics: MetricStore;
  /** URL of the local cloud, known once it listens: the beginning of every queue's. */
  readonly endpoint: () => string;
}

/** Amazon SQS in its JSON protocol: standard queues, and messages without attributes of their own. */
export const sqsService = ({ state, account, metrics, endpoint }: SqsOptions): Service => {
  const store = new QueueStore(state, account, endpoint);
  metrics.addGauge(() => queueLengths(store, metrics));
  return {
    name: 'sqs',
    model: serviceModel(sdk, sdk.SQSClient),
    operations: { ...queueOperations(store), ...messageOperations(store, state) },
    served: (operation, input, output) => countMessages(metrics, operation, input, output),
  };
};
