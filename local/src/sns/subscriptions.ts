import type * as sdk from '@aws-sdk/client-sns';
import { randomUUID } from 'node:crypto';
import { AwsError, NotImplementedError } from '../errors.ts';
import { pageOf } from '../paging.ts';
import type { Operations } from '../service.ts';
import { type TopicStore, invalid } from './topic-store.ts';
import { PAGE } from './topics.ts';

function rawOf(protocol: string, attributes: Readonly<Record<string, string>>): boolean {
  const other = Object.keys(attributes).find((name) => name !== 'RawMessageDelivery');
  if (other !== undefined) throw new NotImplementedError(`the attribute ${other} of an SNS subscription`);
  const { RawMessageDelivery: raw = 'false' } = attributes;
  if (raw !== 'true' && raw !== 'false') throw invalid(`Attributes Reason: RawMessageDelivery: ${raw}`);
  if (raw === 'true' && protocol !== 'sqs')
    throw invalid(`Attributes Reason: Delivery protocol [${protocol}] does not support raw message delivery.`);
  return raw === 'true';
}

export const subscriptionOperations = (store: TopicStore): Operations<typeof sdk> => ({
  Subscribe: store.operation({
    // In its own account a subscription is confirmed at once, and its ARN is returned either way.
    takes: ['TopicArn', 'Protocol', 'Endpoint', 'Attributes', 'ReturnSubscriptionArn'],
    handle: (topic, { TopicArn = '', Protocol = '', Endpoint = '', Attributes = {} }, { region, id }) => {
      if (Protocol !== 'sqs' && Protocol !== 'lambda')
        throw new NotImplementedError(`the protocol ${Protocol} of an SNS subscription (there are sqs and lambda)`);
      const form = `arn:aws:${Protocol}:${region}:${id}:${Protocol === 'lambda' ? 'function:' : ''}`;
      if (!Endpoint.startsWith(form) || !/^[\w-]+$/.test(Endpoint.slice(form.length)))
        throw invalid(`Endpoint Reason: ${Endpoint} is not ${form}NAME`);
      const raw = rawOf(Protocol, Attributes);
      const same = store.subscriptionsOf(topic).find((each) => each.Endpoint === Endpoint);
      if (same && same.raw !== raw)
        throw invalid('Attributes Reason: Subscription already exists with different attributes');
      const SubscriptionArn = same?.SubscriptionArn ?? `${TopicArn}:${randomUUID()}`;
      store.subscriptions.set(SubscriptionArn, { SubscriptionArn, TopicArn, Protocol, Endpoint, raw });
      return { SubscriptionArn };
    },
  }),
  SetSubscriptionAttributes: {
    takes: ['SubscriptionArn', 'AttributeName', 'AttributeValue'],
    resource: () => '*',
    handle: ({ SubscriptionArn = '', AttributeName = '', AttributeValue = '' }) => {
      const subscription = store.subscriptions.get(SubscriptionArn);
      if (!subscription) throw new AwsError('NotFoundException', 'Subscription does not exist', 404);
      const raw = rawOf(subscription.Protocol, { [AttributeName]: AttributeValue });
      store.subscriptions.set(SubscriptionArn, { ...subscription, raw });
    },
  },
  Unsubscribe: {
    takes: ['SubscriptionArn'],
    resource: () => '*',
    handle: ({ SubscriptionArn = '' }) => void store.subscriptions.delete(SubscriptionArn),
  },
  ListSubscriptionsByTopic: store.operation({
    takes: ['TopicArn', 'NextToken'],
    handle: (topic, { NextToken: token }, { id: Owner }) => {
      const { items, next } = pageOf(store.subscriptionsOf(topic), ({ SubscriptionArn }) => SubscriptionArn, {
        limit: PAGE,
        token,
      });
      const Subscriptions = items.map(({ SubscriptionArn, TopicArn, Protocol, Endpoint }) => {
        return { SubscriptionArn, TopicArn, Protocol, Endpoint, Owner };
      });
      return { Subscriptions, NextToken: next };
    },
  }),
});
