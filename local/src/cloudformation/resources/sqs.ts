import type { CreateQueueResult } from '@aws-sdk/client-sqs';
import { AwsError } from '../../errors.ts';
import { policyOfSeveral } from './policy-of-several.ts';
import { type Invoke, provider, unlessGone } from './provider.ts';
import { type Tag, tagChanges, tagMap } from './tag-changes.ts';

const GONE = ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'];

/** Properties that are attributes of the queue, under the same name. A service that has no such attribute refuses it. */
const ATTRIBUTES = [
  'DelaySeconds',
  'KmsDataKeyReusePeriodSeconds',
  'KmsMasterKeyId',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'SqsManagedSseEnabled',
  'VisibilityTimeout',
] as const;

type QueueProperties = Readonly<Partial<Record<(typeof ATTRIBUTES)[number], string | number | boolean | object>>> & {
  readonly QueueName?: string;
  readonly Tags?: readonly Tag[];
};

/** What a template no longer says goes back to these (SQS API Reference, CreateQueue); the others are taken away by an empty text. */
const DEFAULTS: Readonly<Record<string, string>> = {
  DelaySeconds: '0',
  KmsDataKeyReusePeriodSeconds: '300',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  SqsManagedSseEnabled: 'true',
  VisibilityTimeout: '30',
};

export const queue = provider<QueueProperties>({
  properties: [...ATTRIBUTES, 'QueueName', 'Tags'],
  async create({ properties, invoke, name, created, id, region }) {
    const QueueName = properties.QueueName ?? name({ max: 80 });
    // CreateQueue succeeds for a queue that is there with the same attributes, and its deletion would come with the stack's.
    if (await exists(invoke, QueueName))
      throw new AwsError(
        'AlreadyExists',
        `Resource of type 'AWS::SQS::Queue' with identifier '${QueueName}' already exists.`,
      );
    const { QueueUrl = '' } = await invoke<CreateQueueResult>('sqs', 'CreateQueue', {
      QueueName,
      Attributes: queueAttributes(properties),
      tags: properties.Tags && tagMap(properties.Tags),
    });
    return created({ QueueUrl, QueueName, Arn: `arn:aws:sqs:${region}:${id}:${QueueName}` });
  },
  async update({ properties, old, invoke, attributes }) {
    const { QueueUrl } = attributes;
    const now = queueAttributes(properties);
    const gone = Object.keys(queueAttributes(old)).filter((name) => !(name in now));
    const reset = Object.fromEntries(gone.map((name) => [name, DEFAULTS[name] ?? '']));
    await invoke('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { ...now, ...reset } });
    const { set, remove } = tagChanges(old.Tags, properties.Tags);
    if (remove.length > 0) await invoke('sqs', 'UntagQueue', { QueueUrl, TagKeys: remove });
    if (set.length > 0) await invoke('sqs', 'TagQueue', { QueueUrl, Tags: tagMap(set) });
    return attributes;
  },
  async delete({ invoke, attributes }) {
    await unlessGone(invoke('sqs', 'DeleteQueue', { QueueUrl: attributes.QueueUrl }), ...GONE);
  },
});

/** SQS takes every attribute as text. */
const queueAttributes = (properties: QueueProperties): Record<string, string> =>
  Object.fromEntries(
    ATTRIBUTES.flatMap((name): [string, string][] => {
      const value = properties[name];
      return value === undefined ? [] : [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]];
    }),
  );

async function exists(invoke: Invoke, QueueName: string): Promise<boolean> {
  try {
    await invoke('sqs', 'GetQueueUrl', { QueueName });
    return true;
  } catch (error) {
    if (error instanceof AwsError && GONE.includes(error.code)) return false;
    throw error;
  }
}

const setPolicy = (invoke: Invoke, QueueUrl: string, Policy: string) =>
  invoke('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { Policy } });

export const queuePolicy = policyOfSeveral('Queues', setPolicy, (invoke, url) =>
  unlessGone(setPolicy(invoke, url, ''), ...GONE),
);
