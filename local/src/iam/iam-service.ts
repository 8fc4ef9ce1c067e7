import * as sdk from '@aws-sdk/client-iam';
import type { Service } from '../service.ts';
import { serviceModel } from '../wire/model.ts';
import type { IamStore } from './iam-store.ts';
import { managedPolicyOperations } from './managed-policies.ts';
import { oidcProviderOperations } from './oidc-providers.ts';
import { roleOperations } from './roles.ts';

export const iamService = (store: IamStore): Service => ({
  name: 'iam',
  model: serviceModel(sdk, sdk.IAMClient),
  operations: { ...roleOperations(store), ...managedPolicyOperations(store), ...oidcProviderOperations(store) },
});
