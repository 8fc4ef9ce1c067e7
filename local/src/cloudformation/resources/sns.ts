import type { CreateTopicResponse, SubscribeResponse } from '@aws-sdk/client-sns';
import { AwsError } from '../../errors.ts';
import { defaultTopicPolicy } from '../../sns/topic-policy.ts';
import { policyOfSeveral } from './policy-of-several.ts';
import { type Invoke, ifThere, provider, unlessGone } from './provider.ts';
import { type Tag, tagChanges } from './tag-changes.ts';

const GONE = 'NotFoundException';

interface TopicProperties {
  readonly TopicName?: string;
  readonly DisplayName?: string;
  readonly Tags?: readonly Tag[];
}

export const topic = provider<TopicProperties>({
  properties: ['TopicName', 'DisplayName', 'Tags'],
  async create({ properties: { TopicName, DisplayName, Tags }, invoke, name, created, id, region }) {
    const Name = TopicName ?? name({ max: 256 });
    const arn = `arn:aws:sns:${region}:${id}:${Name}`;
    // CreateTopic succeeds for a topic that is there, and its deletion would come with the stack's.
    if (await ifThere(invoke('sns', 'GetTopicAttributes', { TopicArn: arn }), GONE))
      throw new AwsError(
        'AlreadyExists',
        `Resource of type 'AWS::SNS::Topic' with identifier '${arn}' already exists.`,
      );
    const Attributes = DisplayName === undefined ? undefined : { DisplayName };
    const { TopicArn = '' } = await invoke<CreateTopicResponse>('sns', 'CreateTopic', { Name, Attributes, Tags });
    return created({ TopicArn, TopicName: Name });
  },
  async update({ properties, old, invoke, attributes }) {
    const { TopicArn } = attributes;
    if (properties.DisplayName !== old.DisplayName)
      await setAttribute(invoke, TopicArn, 'DisplayName', properties.DisplayName ?? '');
    const { set, remove } = tagChanges(old.Tags, properties.Tags);
    if (remove.length > 0) await invoke('sns', 'UntagResource', { ResourceArn: TopicArn, TagKeys: remove });
    if (set.length > 0) await invoke('sns', 'TagResource', { ResourceArn: TopicArn, Tags: set });
    return attributes;
  },
  async delete({ invoke, attributes }) {
    await invoke('sns', 'DeleteTopic', { TopicArn: attributes.TopicArn });
  },
});

const setAttribute = (invoke: Invoke, TopicArn: string | undefined, AttributeName: string, AttributeValue: string) =>
  invoke('sns', 'SetTopicAttributes', { TopicArn, AttributeName, AttributeValue });

interface SubscriptionProperties {
  readonly TopicArn: string;
  readonly Protocol: string;
  readonly Endpoint?: string;
  readonly RawMessageDelivery?: boolean;
}

const rawText = ({ RawMessageDelivery = false }: SubscriptionProperties): string => String(RawMessageDelivery);

export const subscription = provider<SubscriptionProperties>({
  properties: ['TopicArn', 'Protocol', 'Endpoint', 'RawMessageDelivery'],
  async create({ properties, invoke, created }) {
    const { RawMessageDelivery, ...others } = properties;
    const Attributes = RawMessageDelivery === undefined ? undefined : { RawMessageDelivery: rawText(properties) };
    const request = { ...others, Attributes, ReturnSubscriptionArn: true };
    const { SubscriptionArn = '' } = await invoke<SubscribeResponse>('sns', 'Subscribe', request);
    return created({ Arn: SubscriptionArn });
  },
  async update({ properties, invoke, attributes }) {
    const raw = { AttributeName: 'RawMessageDelivery', AttributeValue: rawText(properties) };
    await invoke('sns', 'SetSubscriptionAttributes', { SubscriptionArn: attributes.Arn, ...raw });
    return attributes;
  },
  async delete({ invoke, attributes }) {
    await invoke('sns', 'Unsubscribe', { SubscriptionArn: attributes.Arn });
  },
});

/** A topic has a policy always: at the end the one that it had at first. */
export const topicPolicy = policyOfSeveral(
  'Topics',
  (invoke, arn, policy) => setAttribute(invoke, arn, 'Policy', policy),
  (invoke, arn) => unlessGone(setAttribute(invoke, arn, 'Policy', defaultTopicPolicy(arn)), GONE),
);
