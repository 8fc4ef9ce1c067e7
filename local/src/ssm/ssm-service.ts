import * as sdk from '@aws-sdk/client-ssm';
import type { Account, Operations, Service } from '../service.ts';
import type { State } from '../state/state.ts';
import { serviceModel } from '../wire/model.ts';
import { getParameterOperations } from './get-parameters.ts';
import { ParameterStore } from './parameter-store.ts';
import { parameterTagOperations } from './parameter-tags.ts';
import { putParameterOperation } from './put-parameter.ts';

/** The Parameter Store of AWS Systems Manager: Standard tier. */
export const ssmService = ({
  state,
  account,
}: {
  readonly state: State;
  readonly account: Account;
}): Service<Operations<typeof sdk>> => {
  const store = new ParameterStore(state, account);
  return {
    name: 'ssm',
    model: serviceModel(sdk, sdk.SSMClient),
    operations: {
      PutParameter: putParameterOperation(store),
      ...getParameterOperations(store),
      DeleteParameter: {
        resource: ({ Name }) => store.arn(Name),
        handle: ({ Name }) => store.delete(store.find(Name)),
      },
      ...parameterTagOperations(store),
    },
  };
};
