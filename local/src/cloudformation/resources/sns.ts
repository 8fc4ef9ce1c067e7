import { defaultTopicPolicy } from '../../sns/topic-policy.ts';
import { policyOfSeveral } from './policy-of-several.ts';
import { type Invoke, provider, refuseExisting, unlessGone } from './provider.ts';
import { changeTags, type Tag } from './tag-changes.ts';

const GONE = 'NotFoundException';

interface TopicProperties {
  readonly TopicName?: string;
  readonly DisplayName?: string;
  readonly Tags?: Tag[];
}

export const topic = provider<TopicProperties>({
  properties: ['TopicName', 'DisplayName', 'Tags'],
  async create({ properties: { TopicName, DisplayName, Tags }, invoke, name, created, id, region }) {
    const Name = TopicName ?? name({ max: 256 });
    const arn = `arn:aws:sns:${region}:${id}:${Name}`;
    // CreateTopic succeeds for a topic that is there.
    await refuseExisting('AWS::SNS::Topic', arn, invoke('sns', 'GetTopicAttributes', { TopicArn: arn }), GONE);
    const Attributes = DisplayName === undefined ? undefined : { DisplayName };
    const { TopicArn = '' } = await invoke('sns', 'CreateTopic', { Name, Attributes, Tags });
    return created({ TopicArn, TopicName: Name });
  },
  async update({ properties, old, invoke, attributes }) {
    const { TopicArn } = attributes;
    if (properties.DisplayName !== old.DisplayName)
      await setAttribute(invoke, TopicArn, 'DisplayName', properties.DisplayName ?? '');
    await changeTags(
      old.Tags,
      properties.Tags,
      (Tags) => invoke('sns', 'TagResource', { ResourceArn: TopicArn, Tags }),
      (TagKeys) => invoke('sns', 'UntagResource', { ResourceArn: TopicArn, TagKeys }),
    );
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
    const { SubscriptionArn = '' } = await invoke('sns', 'Subscribe', request);
    return created({ Arn: SubscriptionArn });
  },
  async update({ properties, invoke, attributes }) {
    const raw = { AttributeName: 'RawMessageDelivery', AttributeValue: rawText(properties) };
    await invoke('sns', 'SetSubscriptionAttributes', { SubscriptionArn: attributes.Arn, ...raw });
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
