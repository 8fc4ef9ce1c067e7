import * as sdk from '@aws-sdk/client-sqs';
import type { Account, Service } from '../service.ts';
import type { State } from '../state/state.ts';
import { serviceModel } from '../wire/model.ts';
import { messageOperations } from './messages.ts';
import { QueueStore } from './queue-store.ts';
import { queueOperations } from './queues.ts';

export interface SqsOptions {
  readonly state: State;
  readonly account: Account;
  /** URL of the local cloud, known once it listens: the beginning of every queue's. */
  readonly endpoint: () => string;
}

/** Amazon SQS in its JSON protocol: standard queues, and messages without attributes of their own. */
export const sqsService = ({ state, account, endpoint }: SqsOptions): Service => {
  const store = new QueueStore(state, account, endpoint);
  return {
    name: 'sqs',
    actionPrefix: 'sqs',
    signingNames: ['sqs'],
    model: serviceModel(sdk, sdk.SQSClient),
    operations: { ...queueOperations(store), ...messageOperations(store, state) },
  };
};
