import type * as sdk from '@aws-sdk/client-ecr';
import { AwsError, NotImplementedError } from '../errors.ts';
import { pageOf } from '../paging.ts';
import { checkResourcePolicy } from '../policy/resource-policy.ts';
import type { Call, Operations } from '../service.ts';
import { tagsOf } from '../tags.ts';
import type { Repository, RepositoryStore } from './repository-store.ts';

const MOST = 100;
const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message);

function mutable(mutability: string): Repository['mutability'] {
  if (mutability !== 'MUTABLE' && mutability !== 'IMMUTABLE')
    throw new NotImplementedError(`imageTagMutability ${mutability} of an ECR repository`);
  return mutability;
}

function policyOf({ name, policy }: Repository): string {
  if (policy === undefined)
    throw new AwsError('RepositoryPolicyNotFoundException', `Repository policy does not exist for '${name}'`);
  return policy;
}

export function repositoryOperations(store: RepositoryStore): Operations<typeof sdk> {
  const change = <O extends object>(repository: Repository, changed: Partial<Repository>, output: O): O => {
    store.repositories.set(repository.name, { ...repository, ...changed });
    return output;
  };
  const describe = ({ name, created, mutability, scanning }: Repository, { id, region }: Call): sdk.Repository => ({
    repositoryArn: store.arn(name),
    registryId: id,
    repositoryName: name,
    repositoryUri: `${id}.dkr.ecr.${region}.amazonaws.com/${name}`,
    createdAt: created,
    imageTagMutability: mutability,
    imageScanningConfiguration: scanning,
    encryptionConfiguration: { encryptionType: 'AES256' },
  });
  return {
    CreateRepository: {
      takes: ['repositoryName', 'tags', 'imageTagMutability', 'imageScanningConfiguration', 'encryptionConfiguration'],
      resource: ({ repositoryName }) => store.arn(repositoryName),
      handle: (input, call) => {
        const { repositoryName: name = '', encryptionConfiguration: encryption } = input;
        if (encryption && encryption.encryptionType !== 'AES256')
          throw new NotImplementedError(`encryptionType ${encryption.encryptionType} of ecr:CreateRepository`);
        if (!/^(?=.{2,256}$)[a-z0-9]+(?:[._/-][a-z0-9]+)*$/.test(name))
          throw invalid(`The repository name ${name} is not valid.`);
        if (store.repositories.has(name))
          throw new AwsError('RepositoryAlreadyExistsException', `The repository with name '${name}' already exists`);
        const repository: Repository = {
          name,
          created: new Date(),
          mutability: mutable(input.imageTagMutability ?? 'MUTABLE'),
          scanning: { scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false },
          policy: undefined,
          lifecycle: undefined,
          tags: tagsOf(input.tags),
        };
        store.repositories.set(name, repository);
        return { repository: describe(repository, call) };
      },
    },
    DescribeRepositories: {
      takes: ['registryId', 'repositoryNames', 'maxResults', 'nextToken'],
      resource: ({ repositoryNames }) => store.arn(repositoryNames?.[0]),
      handle: ({ registryId, repositoryNames, maxResults: limit = MOST, nextToken: token }, call) => {
        for (const name of repositoryNames?.slice(1) ?? []) call.authorize('ecr:DescribeRepositories', store.arn(name));
        const found = repositoryNames?.map((name) => store.find(name, registryId)) ?? store.repositories.values();
        const { items, next } = pageOf(found, ({ name }) => name, { limit, token });
        return { repositories: items.map((repository) => describe(repository, call)), nextToken: next };
      },
    },
    // No image can be pushed here, so that every repository is empty and needs no force.
    DeleteRepository: store.operation({
      takes: ['force'],
      handle: (repository, _input, call) => {
        store.repositories.delete(repository.name);
        return { repository: describe(repository, call) };
      },
    }),
    SetRepositoryPolicy: store.operation({
      takes: ['policyText', 'force'],
      handle: (repository, { policyText = '' }) => {
        // The resource of every statement is the repository.
        checkResourcePolicy(policyText, 'InvalidParameterException', false);
        return change(repository, { policy: policyText }, { policyText });
      },
    }),
    GetRepositoryPolicy: store.operation({
      takes: [],
      handle: (repository) => ({ policyText: policyOf(repository) }),
    }),
    DeleteRepositoryPolicy: store.operation({
      takes: [],
      handle: (repository) => change(repository, { policy: undefined }, { policyText: policyOf(repository) }),
    }),
    PutLifecyclePolicy: store.operation({
      takes: ['lifecyclePolicyText'],
      handle: (repository, { lifecyclePolicyText = '' }) => {
        try {
          JSON.parse(lifecyclePolicyText);
        } catch {
          throw invalid('The lifecycle policy is not JSON.');
        }
        return change(repository, { lifecycle: lifecyclePolicyText }, { lifecyclePolicyText });
      },
    }),
    PutImageScanningConfiguration: store.operation({
      takes: ['imageScanningConfiguration'],
      handle: (repository, { imageScanningConfiguration }) => {
        const scanning = { scanOnPush: imageScanningConfiguration?.scanOnPush ?? false };
        return change(repository, { scanning }, { imageScanningConfiguration: scanning });
      },
    }),
    PutImageTagMutability: store.operation({
      takes: ['imageTagMutability'],
      handle: (repository, { imageTagMutability = '' }) => {
        const mutability = mutable(imageTagMutability);
        return change(repository, { mutability }, { imageTagMutability: mutability });
      },
    }),
  };
}
