import type { ImageTagMutability } from '@aws-sdk/client-ecr';
import { NotImplementedError } from '../../errors.ts';
import { type Invoke, jsonText, provider, unlessGone } from './provider.ts';

interface RepositoryProperties {
  readonly RepositoryName?: string;
  readonly ImageTagMutability?: ImageTagMutability;
  readonly LifecyclePolicy?: { readonly LifecyclePolicyText?: string; readonly RegistryId?: string };
  readonly RepositoryPolicyText?: object | string;
}

/** A repository without images, as CDK's bootstrap template has one. */
export const repository = provider<RepositoryProperties>({
  properties: ['RepositoryName', 'ImageTagMutability', 'LifecyclePolicy', 'RepositoryPolicyText'],
  async create({ properties, invoke, name, created }) {
    const repositoryName = properties.RepositoryName ?? name({ max: 256, lowerCase: true });
    const { repository: made } = await invoke('ecr', 'CreateRepository', {
      repositoryName,
      imageTagMutability: properties.ImageTagMutability,
    });
    const attributes = created({
      RepositoryName: repositoryName,
      Arn: made?.repositoryArn ?? '',
      RepositoryUri: made?.repositoryUri ?? '',
    });
    await putPolicies(invoke, repositoryName, properties);
    return attributes;
  },
  async update({ properties, old, invoke, attributes }) {
    const repositoryName = attributes.RepositoryName ?? '';
    if (old.LifecyclePolicy && !properties.LifecyclePolicy)
      throw new NotImplementedError('taking the LifecyclePolicy away from an AWS::ECR::Repository');
    await invoke('ecr', 'PutImageTagMutability', {
      repositoryName,
      imageTagMutability: properties.ImageTagMutability ?? 'MUTABLE',
    });
    await putPolicies(invoke, repositoryName, properties);
    if (old.RepositoryPolicyText !== undefined && properties.RepositoryPolicyText === undefined)
      await invoke('ecr', 'DeleteRepositoryPolicy', { repositoryName });
  },
  async delete({ invoke, attributes }) {
    const deletion = invoke('ecr', 'DeleteRepository', { repositoryName: attributes.RepositoryName });
    await unlessGone(deletion, 'RepositoryNotFoundException');
  },
});

async function putPolicies(
  invoke: Invoke,
  repositoryName: string,
  { LifecyclePolicy, RepositoryPolicyText }: RepositoryProperties,
): Promise<void> {
  if (LifecyclePolicy?.RegistryId !== undefined)
    throw new NotImplementedError('property LifecyclePolicy.RegistryId of AWS::ECR::Repository');
  if (LifecyclePolicy)
    await invoke('ecr', 'PutLifecyclePolicy', {
      repositoryName,
      lifecyclePolicyText: LifecyclePolicy.LifecyclePolicyText,
    });
  if (RepositoryPolicyText !== undefined)
    await invoke('ecr', 'SetRepositoryPolicy', { repositoryName, policyText: jsonText(RepositoryPolicyText) });
}
