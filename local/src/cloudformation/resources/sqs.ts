import { policyOfSeveral } from './policy-of-several.ts';
import { type Invoke, provider, refuseExisting, unlessGone } from './provider.ts';
import { changeTags, type Tag, tagMap } from './tag-changes.ts';

const GONE = ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'];

/** Properties that are attributes of the queue, under the same name. A service that has no such attribute refuses it. */
const ATTRIBUTES = [
  ...(['DelaySeconds', 'KmsDataKeyReusePeriodSeconds', 'KmsMasterKeyId', 'MaximumMessageSize'] as const),
  ...(['MessageRetentionPeriod', 'ReceiveMessageWaitTimeSeconds', 'RedriveAllowPolicy', 'RedrivePolicy'] as const),
  ...(['SqsManagedSseEnabled', 'VisibilityTimeout'] as const),
];

type QueueProperties = Readonly<Partial<Record<(typeof ATTRIBUTES)[number], string | number | boolean | object>>> & {
  readonly QueueName?: string;
  readonly Tags?: Tag[];
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
    // CreateQueue succeeds for a queue that is there with the same attributes.
    await refuseExisting('AWS::SQS::Queue', QueueName, invoke('sqs', 'GetQueueUrl', { QueueName }), ...GONE);
    const { QueueUrl = '' } = await invoke('sqs', 'CreateQueue', {
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
    await changeTags(
      old.Tags,
      properties.Tags,
      (tags) => invoke('sqs', 'TagQueue', { QueueUrl, Tags: tagMap(tags) }),
      (TagKeys) => invoke('sqs', 'UntagQueue', { QueueUrl, TagKeys }),
    );
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

const setPolicy = (invoke: Invoke, QueueUrl: string, Policy: string) =>
  invoke('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { Policy } });

export const queuePolicy = policyOfSeveral('Queues', setPolicy, (invoke, url) =>
  unlessGone(setPolicy(invoke, url, ''), ...GONE),
);
