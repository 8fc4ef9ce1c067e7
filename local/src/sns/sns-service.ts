import * as sdk from '@aws-sdk/client-sns';
import type { Account, Service } from '../service.ts';
import type { State } from '../state/state.ts';
import { serviceModel } from '../wire/model.ts';
import { type Delivery, publish } from './publish.ts';
import { subscriptionOperations } from './subscriptions.ts';
import { TopicStore } from './topic-store.ts';
import { topicOperations } from './topics.ts';

export interface SnsOptions extends Delivery {
  readonly state: State;
  readonly account: Account;
}

/** Amazon SNS: standard topics, delivered to queues and functions of the account. */
export const snsService = ({ state, account, ...delivery }: SnsOptions): Service => {
  const store = new TopicStore(state, account);
  return {
    name: 'sns',
    model: serviceModel(sdk, sdk.SNSClient),
    operations: {
      ...topicOperations(store),
      ...subscriptionOperations(store),
      Publish: publish(store, delivery),
    },
  };
};
