import type * as sdk from '@aws-sdk/client-sqs';
import { AwsError, NotImplementedError } from '../errors.ts';
import { pageOf } from '../paging.ts';
import type { Operations } from '../service.ts';
import { withoutTags } from '../tags.ts';
import { DEFAULT_ATTRIBUTES, checkAttributes } from './queue-attributes.ts';
import type { Queue, QueueStore } from './queue-store.ts';

const MOST = 1000;
const PURGE_MS = 60_000;
const seconds = (milliseconds: number): string => String(Math.floor(milliseconds / 1000));

export function queueOperations(store: QueueStore): Operations<typeof sdk> {
  /** When each queue was purged last. */
  const purges = new Map<string, number>();
  const change = (queue: Queue, changed: Partial<Queue>) => store.queues.set(queue.name, { ...queue, ...changed });
  return {
    CreateQueue: {
      takes: ['QueueName', 'Attributes', 'tags'],
      resource: ({ QueueName = '' }) => store.arn(QueueName),
      handle: ({ QueueName: name = '', Attributes: attributes = {}, tags = {} }) => {
        if (name.endsWith('.fifo')) throw new NotImplementedError('a FIFO queue');
        if (!/^[A-Za-z0-9_-]{1,80}$/.test(name))
          throw new AwsError(
            'InvalidParameterValue',
            `The queue name ${name} must be 1 to 80 letters, digits, - and _.`,
          );
        checkAttributes(attributes);
        const existing = store.queues.get(name);
        const other = Object.entries(attributes).find(
          ([attribute, value]) => existing && existing.attributes[attribute as sdk.QueueAttributeName] !== value,
        );
        if (other)
          throw new AwsError(
            'QueueNameExists',
            `A queue already exists with the same name and a different value for attribute ${other[0]}`,
          );
        const now = Date.now();
        const made = { name, created: now, modified: now, attributes: { ...DEFAULT_ATTRIBUTES, ...attributes }, tags };
        if (!existing) store.queues.set(name, made);
        return { QueueUrl: store.url(existing ?? made) };
      },
    },
    GetQueueUrl: {
      takes: ['QueueName', 'QueueOwnerAWSAccountId'],
      resource: ({ QueueName = '' }) => store.arn(QueueName),
      handle: ({ QueueName = '', QueueOwnerAWSAccountId: owner }, { id }) => ({
        QueueUrl: store.url(store.find(owner === undefined || owner === id ? QueueName : '')),
      }),
    },
    GetQueueAttributes: store.operation({
      takes: ['AttributeNames'],
      handle: (queue, { AttributeNames = [] }) => {
        const count = store.messages(queue).count(Number(queue.attributes.MessageRetentionPeriod));
        const all = {
          ...queue.attributes,
          QueueArn: store.arn(queue.name),
          CreatedTimestamp: seconds(queue.created),
          LastModifiedTimestamp: seconds(queue.modified),
          ApproximateNumberOfMessages: String(count.visible),
          ApproximateNumberOfMessagesDelayed: String(count.delayed),
          ApproximateNumberOfMessagesNotVisible: String(count.inFlight),
        };
        const wanted = Object.entries(all).filter(
          ([name, value]) => value !== '' && AttributeNames.some((asked) => asked === 'All' || asked === name),
        );
        return { Attributes: Object.fromEntries(wanted) };
      },
    }),
    SetQueueAttributes: store.operation({
      takes: ['Attributes'],
      handle: (queue, { Attributes = {} }) => {
        checkAttributes(Attributes);
        return change(queue, { attributes: { ...queue.attributes, ...Attributes }, modified: Date.now() });
      },
    }),
    DeleteQueue: store.operation({
      takes: [],
      handle: (queue) => {
        purges.delete(queue.name);
        store.delete(queue);
      },
    }),
    PurgeQueue: store.operation({
      takes: [],
      handle: (queue) => {
        // API Reference, PurgeQueue: it takes up to 60 seconds, and another one is refused as long.
        if (Date.now() - (purges.get(queue.name) ?? -Infinity) < PURGE_MS)
          throw new AwsError(
            'PurgeQueueInProgress',
            `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
            403,
          );
        purges.set(queue.name, Date.now());
        store.messages(queue).purge();
      },
    }),
    ListQueues: {
      takes: ['QueueNamePrefix', 'MaxResults', 'NextToken'],
      resource: () => '*',
      handle: ({ QueueNamePrefix = '', MaxResults, NextToken: token }) => {
        const limit = MaxResults ?? MOST;
        if (limit < 1 || limit > MOST)
          throw new AwsError('InvalidParameterValue', `MaxResults is ${limit}; allowed: 1 to ${MOST}.`);
        const found = [...store.queues.values()].filter(({ name }) => name.startsWith(QueueNamePrefix));
        const { items, next } = pageOf(found, ({ name }) => name, { limit, token });
        return {
          QueueUrls: items.map((queue) => store.url(queue)),
          // Only who asked for pages is told that there is another (API Reference, ListQueues).
          ...(MaxResults !== undefined && { NextToken: next }),
        };
      },
    },
    TagQueue: store.operation({
      takes: ['Tags'],
      handle: (queue, { Tags }) => change(queue, { tags: { ...queue.tags, ...Tags } }),
    }),
    UntagQueue: store.operation({
      takes: ['TagKeys'],
      handle: (queue, { TagKeys }) => change(queue, { tags: withoutTags(queue.tags, TagKeys) }),
    }),
    ListQueueTags: store.operation({
      takes: [],
      handle: ({ tags }) => ({ Tags: tags }),
    }),
  };
}
