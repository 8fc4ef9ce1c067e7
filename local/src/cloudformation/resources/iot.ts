import {
  type AttributePayload,
  type CreatePolicyRequest,
  type CreatePolicyVersionRequest,
  type CreateThingRequest,
  type CreateThingResponse,
  type CreateTopicRuleRequest,
  type DescribeThingResponse,
  type ListPolicyVersionsResponse,
  type TopicRulePayload,
  TopicRulePayload$,
  type UpdateThingRequest,
} from '@aws-sdk/client-iot';
import { AwsError } from '../../errors.ts';
import type { Value } from '../template/value.ts';
import { ifThere, type Invoke, jsonText, provider, unlessGone } from './provider.ts';
import { sdkShape } from './sdk-shape.ts';
import { type Tag, tagChanges, tagMap } from './tag-changes.ts';

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
    // CreateThing succeeds for a thing that is there with the same attributes, and its deletion would come with the stack's.
    const adopts = readings['existing-thing'] === 'adopted';
    if (!adopts && (await ifThere(invoke('iot', 'DescribeThing', { thingName }), GONE)) !== undefined)
      throw new AwsError(
        'AlreadyExists',
        `Resource of type 'AWS::IoT::Thing' with identifier '${thingName}' already exists.`,
      );
    const request: CreateThingRequest = { thingName, attributePayload: attributePayload(properties) };
    const { thingArn = '', thingId = '' } = await invoke<CreateThingResponse>('iot', 'CreateThing', request);
    return created({ ThingName: thingName, Arn: thingArn, Id: thingId });
  },
  async update({ properties, old, invoke, attributes, readings }) {
    const { attributes: wanted } = attributePayload(properties);
    const merge = readings['thing-update'] === 'merged';
    // Merged, what is to go has to be named; an empty value takes it away.
    const gone = Object.keys(merge ? (attributePayload(old).attributes ?? {}) : {}).map((name) => [name, ''] as const);
    const request: UpdateThingRequest = {
      thingName: attributes.ThingName,
      attributePayload: { attributes: { ...Object.fromEntries(gone), ...wanted }, merge },
    };
    await invoke('iot', 'UpdateThing', request);
    return attributes;
  },
  async find({ invoke, identifier: { ThingName = '' } }) {
    const found = await ifThere(invoke<DescribeThingResponse>('iot', 'DescribeThing', { thingName: ThingName }), GONE);
    return found && { ThingName, Arn: found.thingArn ?? '', Id: found.thingId ?? '' };
  },
  async delete({ invoke, attributes }) {
    await unlessGone(invoke('iot', 'DeleteThing', { thingName: attributes.ThingName }), GONE);
  },
});

interface PolicyProperties {
  readonly PolicyName?: string;
  readonly PolicyDocument: object | string;
  readonly Tags?: readonly Tag[];
}

/** Versions that AWS IoT keeps of one policy. */
const MAX_VERSIONS = 5;

/** A new document becomes a new default version of the same policy, so that attachments stay. */
export const policy = provider<PolicyProperties>({
  properties: ['PolicyName', 'PolicyDocument', 'Tags'],
  async create({ properties, invoke, name, created, id, region }) {
    const policyName = properties.PolicyName ?? name({ max: 128 });
    const request: CreatePolicyRequest = {
      policyName,
      policyDocument: jsonText(properties.PolicyDocument),
      tags: properties.Tags?.map((tag) => ({ ...tag })),
    };
    await invoke('iot', 'CreatePolicy', request);
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
      const request: CreatePolicyVersionRequest = { policyName, policyDocument, setAsDefault: true };
      await invoke('iot', 'CreatePolicyVersion', request);
    }
    await changeTags(invoke, attributes.Arn, old.Tags, properties.Tags);
    return attributes;
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
  const { policyVersions = [] } = await invoke<ListPolicyVersionsResponse>('iot', 'ListPolicyVersions', { policyName });
  return policyVersions.filter(({ isDefaultVersion }) => !isDefaultVersion).map(({ versionId = '' }) => versionId);
}

interface TopicRuleProperties {
  readonly RuleName?: string;
  readonly TopicRulePayload: Value;
  readonly Tags?: readonly Tag[];
}

const rulePayload = ({ TopicRulePayload }: TopicRuleProperties): TopicRulePayload =>
  sdkShape(TopicRulePayload$, TopicRulePayload, 'TopicRulePayload');

export const topicRule = provider<TopicRuleProperties>({
  properties: ['RuleName', 'TopicRulePayload', 'Tags'],
  async create({ properties, invoke, name, created, id, region }) {
    // Names of rules know no hyphen.
    const ruleName = properties.RuleName ?? name({ max: 128, separator: '_' });
    const request: CreateTopicRuleRequest = {
      ruleName,
      topicRulePayload: rulePayload(properties),
      tags: new URLSearchParams(tagMap(properties.Tags)).toString() || undefined,
    };
    await invoke('iot', 'CreateTopicRule', request);
    return created({ RuleName: ruleName, Arn: `arn:aws:iot:${region}:${id}:rule/${ruleName}` });
  },
  async update({ properties, old, invoke, attributes }) {
    await invoke('iot', 'ReplaceTopicRule', {
      ruleName: attributes.RuleName,
      topicRulePayload: rulePayload(properties),
    });
    await changeTags(invoke, attributes.Arn, old.Tags, properties.Tags);
    return attributes;
  },
  async delete({ invoke, attributes }) {
    // For a rule that does not exist, AWS IoT says that access to it is denied.
    await unlessGone(invoke('iot', 'DeleteTopicRule', { ruleName: attributes.RuleName }), 'UnauthorizedException');
  },
});

/** Of a resource of AWS IoT that has tags. */
export async function changeTags(
  invoke: Invoke,
  resourceArn: string | undefined,
  old: readonly Tag[] | undefined,
  now: readonly Tag[] | undefined,
): Promise<void> {
  const { set, remove } = tagChanges(old, now);
  if (remove.length > 0) await invoke('iot', 'UntagResource', { resourceArn, tagKeys: remove });
  if (set.length > 0) await invoke('iot', 'TagResource', { resourceArn, tags: set });
}
