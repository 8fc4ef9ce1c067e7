import { type Invoke, jsonText, provider, unlessGone } from './provider.ts';
import { changeTags, type Tag } from './tag-changes.ts';

interface RoleProperties {
  readonly RoleName?: string;
  readonly Path?: string;
  readonly Description?: string;
  readonly MaxSessionDuration?: number;
  readonly AssumeRolePolicyDocument: object | string;
  readonly ManagedPolicyArns?: readonly string[];
  readonly Policies?: readonly InlinePolicy[];
  readonly Tags?: Tag[];
}

interface InlinePolicy {
  readonly PolicyName: string;
  readonly PolicyDocument: object | string;
}

const GONE = 'NoSuchEntityException';

export const role = provider<RoleProperties>({
  properties: [
    ...(['RoleName', 'Path', 'Description', 'MaxSessionDuration', 'AssumeRolePolicyDocument'] as const),
    ...(['ManagedPolicyArns', 'Policies', 'Tags'] as const),
  ],
  async create({ properties, invoke, name, created }) {
    const RoleName = properties.RoleName ?? name({ max: 64 });
    const { Path, Description, MaxSessionDuration, Tags } = properties;
    const AssumeRolePolicyDocument = jsonText(properties.AssumeRolePolicyDocument);
    const settings = { Path, Description, MaxSessionDuration, Tags, AssumeRolePolicyDocument };
    const { Role } = await invoke('iam', 'CreateRole', { RoleName, ...settings });
    const attributes = created({ RoleName, Arn: Role?.Arn ?? '', RoleId: Role?.RoleId ?? '' });
    await changePolicies(invoke, RoleName, {}, properties);
    return attributes;
  },
  async update({ properties, old, invoke, attributes }) {
    const RoleName = attributes.RoleName ?? '';
    const trust = jsonText(properties.AssumeRolePolicyDocument);
    if (trust !== jsonText(old.AssumeRolePolicyDocument))
      await invoke('iam', 'UpdateAssumeRolePolicy', { RoleName, PolicyDocument: trust });
    const { Description, MaxSessionDuration = 3600 } = properties;
    if (Description !== old.Description || MaxSessionDuration !== (old.MaxSessionDuration ?? 3600))
      await invoke('iam', 'UpdateRole', { RoleName, Description, MaxSessionDuration });
    await changePolicies(invoke, RoleName, old, properties);
    await changeTags(
      old.Tags,
      properties.Tags,
      (Tags) => invoke('iam', 'TagRole', { RoleName, Tags }),
      (TagKeys) => invoke('iam', 'UntagRole', { RoleName, TagKeys }),
    );
  },
  async delete({ properties, invoke, attributes }) {
    const RoleName = attributes.RoleName ?? '';
    await changePolicies(invoke, RoleName, properties, {});
    await unlessGone(invoke('iam', 'DeleteRole', { RoleName }), GONE);
  },
});

/** The new ones first: a role that is in use never has fewer rights than before and after. */
async function changePolicies(
  invoke: Invoke,
  RoleName: string,
  old: Pick<RoleProperties, 'Policies' | 'ManagedPolicyArns'>,
  now: Pick<RoleProperties, 'Policies' | 'ManagedPolicyArns'>,
): Promise<void> {
  const { Policies: oldInline = [], ManagedPolicyArns: oldManaged = [] } = old;
  const { Policies: inline = [], ManagedPolicyArns: managed = [] } = now;
  for (const { PolicyName, PolicyDocument } of inline)
    await invoke('iam', 'PutRolePolicy', { RoleName, PolicyName, PolicyDocument: jsonText(PolicyDocument) });
  for (const PolicyArn of managed.filter((arn) => !oldManaged.includes(arn)))
    await invoke('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
  for (const { PolicyName } of oldInline)
    if (!inline.some((policy) => policy.PolicyName === PolicyName))
      await unlessGone(invoke('iam', 'DeleteRolePolicy', { RoleName, PolicyName }), GONE);
  for (const PolicyArn of oldManaged.filter((arn) => !managed.includes(arn)))
    await unlessGone(invoke('iam', 'DetachRolePolicy', { RoleName, PolicyArn }), GONE);
}
