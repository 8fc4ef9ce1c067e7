import { type Invoke, jsonText, provider, unlessGone } from './provider.ts';

const GONE = 'NoSuchEntityException';

interface PolicyProperties {
  readonly PolicyName: string;
  readonly PolicyDocument: object | string;
  readonly Roles?: readonly string[];
}

/** AWS::IAM::Policy: a policy inside each of its roles. There are no users and groups here. */
export const inlinePolicy = provider<PolicyProperties>({
  properties: ['PolicyName', 'PolicyDocument', 'Roles'],
  async create({ properties, invoke, name, created }) {
    const attributes = created({ Id: name({ max: 128 }) });
    await put(invoke, properties);
    return attributes;
  },
  async update({ properties, old, invoke }) {
    await put(invoke, properties);
    const { PolicyName, Roles = [] } = properties;
    const left = (old.Roles ?? []).filter((role) => PolicyName !== old.PolicyName || !Roles.includes(role));
    await remove(invoke, old.PolicyName, left);
  },
  async delete({ properties, invoke }) {
    await remove(invoke, properties.PolicyName, properties.Roles);
  },
});

async function put(invoke: Invoke, { PolicyName, PolicyDocument, Roles = [] }: PolicyProperties): Promise<void> {
  for (const RoleName of Roles)
    await invoke('iam', 'PutRolePolicy', { RoleName, PolicyName, PolicyDocument: jsonText(PolicyDocument) });
}

async function remove(invoke: Invoke, PolicyName: string, roles: readonly string[] = []): Promise<void> {
  for (const RoleName of roles) await unlessGone(invoke('iam', 'DeleteRolePolicy', { RoleName, PolicyName }), GONE);
}

interface ManagedPolicyProperties {
  readonly ManagedPolicyName?: string;
  readonly Path?: string;
  readonly Description?: string;
  readonly PolicyDocument: object | string;
  readonly Roles?: readonly string[];
}

/** Versions that IAM keeps of one managed policy. */
const MAX_VERSIONS = 5;

export const managedPolicy = provider<ManagedPolicyProperties>({
  properties: ['ManagedPolicyName', 'Path', 'Description', 'PolicyDocument', 'Roles'],
  async create({ properties, invoke, name, created }) {
    const { ManagedPolicyName, Path, Description } = properties;
    const PolicyName = ManagedPolicyName ?? name({ max: 128 });
    const PolicyDocument = jsonText(properties.PolicyDocument);
    const { Policy } = await invoke('iam', 'CreatePolicy', { PolicyName, Path, Description, PolicyDocument });
    const attributes = created({ PolicyArn: Policy?.Arn ?? '', PolicyId: Policy?.PolicyId ?? '' });
    await changeRoles(invoke, attributes.PolicyArn, [], properties.Roles);
    return attributes;
  },
  async update({ properties, old, invoke, attributes }) {
    const PolicyArn = attributes.PolicyArn ?? '';
    const PolicyDocument = jsonText(properties.PolicyDocument);
    if (PolicyDocument !== jsonText(old.PolicyDocument)) {
      const others = await otherVersions(invoke, PolicyArn);
      const [oldest] = others.sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
      if (others.length + 1 >= MAX_VERSIONS)
        await invoke('iam', 'DeletePolicyVersion', { PolicyArn, VersionId: oldest });
      await invoke('iam', 'CreatePolicyVersion', { PolicyArn, PolicyDocument, SetAsDefault: true });
    }
    await changeRoles(invoke, PolicyArn, old.Roles, properties.Roles);
  },
  async delete({ properties, invoke, attributes }) {
    const PolicyArn = attributes.PolicyArn ?? '';
    const remove = async (): Promise<void> => {
      for (const VersionId of await otherVersions(invoke, PolicyArn))
        await invoke('iam', 'DeletePolicyVersion', { PolicyArn, VersionId });
      await invoke('iam', 'DeletePolicy', { PolicyArn });
    };
    await changeRoles(invoke, PolicyArn, properties.Roles, []);
    await unlessGone(remove(), GONE);
  },
});

async function otherVersions(invoke: Invoke, PolicyArn: string): Promise<string[]> {
  const { Versions = [] } = await invoke('iam', 'ListPolicyVersions', { PolicyArn });
  return Versions.filter(({ IsDefaultVersion }) => !IsDefaultVersion).map(({ VersionId = '' }) => VersionId);
}

async function changeRoles(
  invoke: Invoke,
  PolicyArn: string,
  old: readonly string[] = [],
  now: readonly string[] = [],
): Promise<void> {
  for (const RoleName of now.filter((role) => !old.includes(role)))
    await invoke('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
  for (const RoleName of old.filter((role) => !now.includes(role)))
    await unlessGone(invoke('iam', 'DetachRolePolicy', { RoleName, PolicyArn }), GONE);
}
