import type { ImageScanningConfiguration, ImageTagMutability } from '@aws-sdk/client-ecr';
import { AwsError } from '../errors.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import { resourcePolicy } from '../policy/resource-policy.ts';
import type { Account, Call, Operation } from '../service.ts';
import type { Collection, State } from '../state/state.ts';
import type { Tags } from '../tags.ts';

export interface Repository {
  readonly name: string;
  readonly created: Date;
  readonly mutability: ImageTagMutability;
  readonly scanning: ImageScanningConfiguration;
  /** JSON of the repository policy. */
  readonly policy: string | undefined;
  /** JSON of the lifecycle policy. */
  readonly lifecycle: string | undefined;
  readonly tags: Tags;
}

interface RepositoryInput {
  repositoryName?: string | undefined;
  registryId?: string | undefined;
}

export class RepositoryStore {
  readonly repositories: Collection<Repository>;
  readonly #account: Account;

  constructor(state: State, account: Account) {
    this.repositories = state.collection('ecr.repositories');
    this.#account = account;
  }

  arn(name = '*'): string {
    return `arn:aws:ecr:${this.#account.region}:${this.#account.id}:repository/${name}`;
  }

  find(name = '', registry: string = this.#account.id): Repository {
    const repository = registry === this.#account.id ? this.repositories.get(name) : undefined;
    if (!repository)
      throw new AwsError(
        'RepositoryNotFoundException',
        `The repository with name '${name}' does not exist in the registry with id '${registry}'`,
      );
    return repository;
  }

  #policy(name = ''): PolicyDocument | undefined {
    const text = this.repositories.get(name)?.policy;
    return text === undefined ? undefined : resourcePolicy(text);
  }

  /** An operation on a repository that exists. The answer says which it was. */
  operation<I extends RepositoryInput, O extends object>(definition: {
    readonly takes: readonly (keyof I & string)[];
    readonly handle: (repository: Repository, input: I, call: Call) => O;
  }): Operation<I, O> {
    return {
      takes: ['repositoryName', 'registryId', ...definition.takes],
      resource: ({ repositoryName }) => this.arn(repositoryName),
      resourcePolicy: ({ repositoryName }) => this.#policy(repositoryName),
      handle: (input, call) => {
        const repository = this.find(input.repositoryName, input.registryId);
        const which = { registryId: call.id, repositoryName: repository.name };
        return { ...which, ...definition.handle(repository, input, call) };
      },
    };
  }
}
