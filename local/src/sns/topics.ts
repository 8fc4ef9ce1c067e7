import type * as sdk from '@aws-sdk/client-sns';
import { NotImplementedError } from '../errors.ts';
import { pageOf } from '../paging.ts';
import { checkResourcePolicy } from '../policy/resource-policy.ts';
import type { Operations } from '../service.ts';
import { tagList, tagsOf, withoutTags } from '../tags.ts';
import { defaultTopicPolicy } from './topic-policy.ts';
import { type Topic, type TopicStore, invalid } from './topic-store.ts';

/** API Reference, ListTopics and ListSubscriptionsByTopic. */
export const PAGE = 100;

function checkAttribute(name: string, value: string): void {
  if (name === 'Policy') checkResourcePolicy(value, 'InvalidParameterException');
  else if (name !== 'DisplayName') throw new NotImplementedError(`the attribute ${name} of an SNS topic`);
}

export function topicOperations(store: TopicStore): Operations<typeof sdk> {
  const change = (topic: Topic, changed: Partial<Topic>) => store.topics.set(topic.name, { ...topic, ...changed });
  return {
    CreateTopic: {
      takes: ['Name', 'Attributes', 'Tags'],
      resource: ({ Name = '' }) => store.arn(Name),
      handle: ({ Name: name = '', Attributes: attributes = {}, Tags }) => {
        if (name.endsWith('.fifo')) throw new NotImplementedError('a FIFO topic');
        if (!/^[A-Za-z0-9_-]{1,256}$/.test(name)) throw invalid('Topic Name');
        for (const [attribute, value] of Object.entries(attributes)) checkAttribute(attribute, value);
        const [TopicArn, tags, existing] = [store.arn(name), tagsOf(Tags), store.topics.get(name)];
        const differs = (given: object, has: Readonly<Record<string, string>> = {}): boolean =>
          Object.entries(given).some(([key, value]) => has[key] !== value);
        if (existing && differs(attributes, existing.attributes))
          throw invalid('Attributes Reason: Topic already exists with different attributes');
        if (existing && differs(tags, existing.tags))
          throw invalid('Tags Reason: Topic already exists with different tags');
        if (!existing)
          store.topics.set(name, { name, attributes: { Policy: defaultTopicPolicy(TopicArn), ...attributes }, tags });
        return { TopicArn };
      },
    },
    GetTopicAttributes: store.operation({
      takes: ['TopicArn'],
      handle: (topic, { TopicArn = '' }, { id }) => {
        const SubscriptionsConfirmed = `${store.subscriptionsOf(topic).length}`;
        const counts = { SubscriptionsConfirmed, SubscriptionsPending: '0', SubscriptionsDeleted: '0' };
        return { Attributes: { TopicArn, Owner: id, DisplayName: '', ...topic.attributes, ...counts } };
      },
    }),
    SetTopicAttributes: store.operation({
      takes: ['TopicArn', 'AttributeName', 'AttributeValue'],
      handle: (topic, { AttributeName: name = '', AttributeValue: value = '' }) => {
        checkAttribute(name, value);
        return change(topic, { attributes: { ...topic.attributes, [name]: value } });
      },
    }),
    ListTopics: {
      takes: ['NextToken'],
      resource: () => '*',
      handle: ({ NextToken: token }) => {
        const { items, next } = pageOf(store.topics.values(), ({ name }) => name, { limit: PAGE, token });
        return { Topics: items.map(({ name }) => ({ TopicArn: store.arn(name) })), NextToken: next };
      },
    },
    DeleteTopic: {
      takes: ['TopicArn'],
      ...store.access,
      // No error for a topic that is not there (API Reference, DeleteTopic).
      handle: ({ TopicArn = '' }) => {
        const topic = store.get(TopicArn);
        if (!topic) return;
        for (const { SubscriptionArn } of store.subscriptionsOf(topic)) store.subscriptions.delete(SubscriptionArn);
        store.topics.delete(topic.name);
      },
    },
    TagResource: store.operation({
      takes: ['ResourceArn', 'Tags'],
      handle: (topic, { Tags }) => change(topic, { tags: { ...topic.tags, ...tagsOf(Tags) } }),
    }),
    UntagResource: store.operation({
      takes: ['ResourceArn', 'TagKeys'],
      handle: (topic, { TagKeys }) => change(topic, { tags: withoutTags(topic.tags, TagKeys) }),
    }),
    ListTagsForResource: store.operation({
      takes: ['ResourceArn'],
      handle: ({ tags }) => ({ Tags: tagList(tags) }),
    }),
  };
}
