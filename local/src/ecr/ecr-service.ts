import * as sdk from '@aws-sdk/client-ecr';
import type { Account, Service } from '../service.ts';
import type { State } from '../state/state.ts';
import { serviceModel } from '../wire/model.ts';
import { repositoryOperations } from './repositories.ts';
import { RepositoryStore } from './repository-store.ts';

/** Amazon ECR as far as CDK's bootstrap stack has a repository. No image can be pushed: that is refused by name. */
export const ecrService = ({ state, account }: { readonly state: State; readonly account: Account }): Service => ({
  name: 'ecr',
  model: serviceModel(sdk, sdk.ECRClient),
  operations: repositoryOperations(new RepositoryStore(state, account)),
});
