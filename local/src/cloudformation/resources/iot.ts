import { type AttributePayload, type TopicRulePayload, TopicRulePayload$ } from '@aws-sdk/client-iot';
import type { Value } from '../template/value.ts';
import { ifThere, type Invoke, jsonText, provider, refuseExisting, unlessGone } from './provider.ts';
import { sdkShape } from './sdk-shape.ts';
import { changeTags, type Tag, tagMap } from './tag-changes.ts';

const GONE = 'ResourceNotFoundException';

interface ThingProperties {
  readonly ThingName?: string;
  readonly AttributePayload?: { readonly Attributes?: Record<string, string> };
}

const attributePayload = ({ AttributePayload }: ThingProperties): AttributePayload => ({
  attributes: AttributePayload?.Attributes ?? {},
});

export const thing = provider<ThingProperties>({
  properties: ['ThingName', 'AttributePayload'],
  async create({ properties, invoke, name, created, readings }) {
    const thingName = properties.ThingName ?? name({ max: 128 });
    // CreateThing succeeds for a thing that is there with the same attributes.
    if (readings['existing-thing'] !== 'adopted')
      await refuseExisting('AWS::IoT::Thing', thingName, invoke('iot', 'DescribeThing', { thingName }), GONE);
    const request = { thingName, attributePayload: attributePayload(properties) };
    const { thingArn = '', thingId = '' } = await invoke('iot', 'CreateThing', request);
    return created({ ThingName: thingName, Arn: thingArn, Id: thingId });
  },
  async update({ properties, old, invoke, attributes, readings }) {
    const { attributes: wanted } = attributePayload(properties);
    const merge = readings['thing-update'] === 'merged';
    // Merged, what is to go has to be named; an empty value takes it away.
    const gone = Object.keys(merge ? (attributePayload(old).attributes ?? {}) : {}).map((name) => [name, ''] as const);
    const payload = { attributes: { ...Object.fromEntries(gone), ...wanted }, merge };
    await invoke('iot', 'UpdateThing', { thingName: attributes.ThingName, attributePayload: payload });
  },
  async find({ invoke, identifier: { ThingName = '' } }) {
    const found = await ifThere(invoke('iot', 'DescribeThing', { thingName: ThingName }), GONE);
    return found && { ThingName, Arn: found.thingArn ?? '', Id: found.thingId ?? '' };
  },
  async delete({ invoke, attributes }) {
    await unlessGone(invoke('iot', 'DeleteThing', { thingName: attributes.ThingName }), GONE);
  },
});

interface PolicyProperties {
  readonly PolicyName?: string;
  readonly PolicyDocument: object | string;
  readonly Tags?: Tag[];
}

/** Versions that AWS IoT keeps of one policy. */
const MAX_VERSIONS = 5;

/** A new document becomes a new default version of the same policy, so that attachments stay. */
export const policy = provider<PolicyProperties>({
  properties: ['PolicyName', 'PolicyDocument', 'Tags'],
  async create({ properties, invoke, name, created, id, region }) {
    const policyName = properties.PolicyName ?? name({ max: 128 });
    const policyDocument = jsonText(properties.PolicyDocument);
    await invoke('iot', 'CreatePolicy', { policyName, policyDocument, tags: properties.Tags });
    return created({ PolicyName: policyName, Id: policyName, Arn: `arn:aws:iot:${region}:${id}:policy/${policyName}` });
  },
  async update({ properties, old, invoke, attributes }) {
    const policyName = attributes.PolicyName ?? '';
    const policyDocument = jsonText(properties.PolicyDocument);
    if (policyDocument !== jsonText(old.PolicyDocument)) {
      const others = await otherVersions(invoke, policyName);
      const [oldest] = others.sort((a, b) => Number(a) - Number(b));
      if (others.length + 1 >= MAX_VERSIONS)
        await invoke('iot', 'DeletePolicyVersion', { policyName, policyVersionId: oldest });
      await invoke('iot', 'CreatePolicyVersion', { policyName, policyDocument, setAsDefault: true });
    }
    await changeIotTags(invoke, attributes.Arn, old.Tags, properties.Tags);
  },
  async delete({ invoke, attributes }) {
    const policyName = attributes.PolicyName ?? '';
    const remove = async (): Promise<void> => {
      for (const policyVersionId of await otherVersions(invoke, policyName))
        await invoke('iot', 'DeletePolicyVersion', { policyName, policyVersionId });
      await invoke('iot', 'DeletePolicy', { policyName });
    };
    await unlessGone(remove(), GONE);
  },
});

async function otherVersions(invoke: Invoke, policyName: string): Promise<string[]> {
  const { policyVersions = [] } = await invoke('iot', 'ListPolicyVersions', { policyName });
  return policyVersions.filter(({ isDefaultVersion }) => !isDefaultVersion).map(({ versionId = '' }) => versionId);
}

interface TopicRuleProperties {
  readonly RuleName?: string;
  readonly TopicRulePayload: Value;
  readonly Tags?: Tag[];
}

const rulePayload = ({ TopicRulePayload }: TopicRuleProperties): TopicRulePayload =>
  sdkShape(TopicRulePayload$, TopicRulePayload, 'TopicRulePayload');

export const topicRule = provider<TopicRuleProperties>({
  properties: ['RuleName', 'TopicRulePayload', 'Tags'],
  async create({ properties, invoke, name, created, id, region }) {
    // Names of rules know no hyphen.
    const ruleName = properties.RuleName ?? name({ max: 128, separator: '_' });
    await invoke('iot', 'CreateTopicRule', {
      ruleName,
      topicRulePayload: rulePayload(properties),
      tags: new URLSearchParams(tagMap(properties.Tags)).toString() || undefined,
    });
    return created({ RuleName: ruleName, Arn: `arn:aws:iot:${region}:${id}:rule/${ruleName}` });
  },
  async update({ properties, old, invoke, attributes }) {
    await invoke('iot', 'ReplaceTopicRule', {
      ruleName: attributes.RuleName,
      topicRulePayload: rulePayload(properties),
    });
    await changeIotTags(invoke, attributes.Arn, old.Tags, properties.Tags);
  },
  async delete({ invoke, attributes }) {
    // For a rule that does not exist, AWS IoT says that access to it is denied.
    await unlessGone(invoke('iot', 'DeleteTopicRule', { ruleName: attributes.RuleName }), 'UnauthorizedException');
  },
});

/** Of a resource of AWS IoT that has tags. */
export const changeIotTags = (invoke: Invoke, resourceArn: string | undefined, old?: Tag[], now?: Tag[]) =>
  changeTags(
    old,
    now,
    (tags) => invoke('iot', 'TagResource', { resourceArn, tags }),
    (tagKeys) => invoke('iot', 'UntagResource', { resourceArn, tagKeys }),
  );
