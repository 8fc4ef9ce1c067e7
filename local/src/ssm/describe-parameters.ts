import type { DescribeParametersRequest, DescribeParametersResult, ParameterStringFilter } from '@aws-sdk/client-ssm';
import { AwsError, NotImplementedError } from '../errors.ts';
import { pageOf } from '../paging.ts';
import { type AnyOperation, operation } from '../service.ts';
import type { Parameter, ParameterStore } from './parameter-store.ts';

const MOST = 50;

const COMPARE: Readonly<Record<string, (actual: string, wanted: string) => boolean>> = {
  Equals: (actual, wanted) => actual === wanted,
  BeginsWith: (actual, wanted) => actual.startsWith(wanted),
  Contains: (actual, wanted) => actual.includes(wanted),
};

function passes(parameter: Parameter, { Key, Option = 'Equals', Values = [] }: ParameterStringFilter): boolean {
  const compare = COMPARE[Option];
  if ((Key !== 'Name' && Key !== 'Type') || !compare)
    throw new NotImplementedError(`the filter ${Key} ${Option} of ssm:DescribeParameters`);
  const actual = Key === 'Name' ? parameter.name : parameter.type;
  return Values.some((wanted) => compare(actual, wanted));
}

export const describeParametersOperation = (store: ParameterStore): AnyOperation =>
  operation<DescribeParametersRequest, DescribeParametersResult>({
    takes: ['ParameterFilters', 'MaxResults', 'NextToken'],
    resource: () => '*',
    handle: ({ ParameterFilters = [], MaxResults: limit = MOST, NextToken: token }) => {
      if (limit < 1 || limit > MOST) throw new AwsError('ValidationException', `MaxResults must be 1 to ${MOST}.`);
      const found = [...store.parameters.values()].filter((parameter) =>
        ParameterFilters.every((filter) => passes(parameter, filter)),
      );
      const { items, next } = pageOf(found, ({ name }) => name, { limit, token });
      return {
        Parameters: items.map((parameter) => ({
          Name: parameter.name,
          ARN: parameter.arn,
          Type: parameter.type,
          ...(parameter.type === 'SecureString' && { KeyId: 'alias/aws/ssm' }),
          Version: parameter.version,
          LastModifiedDate: parameter.modified,
          LastModifiedUser: parameter.modifiedBy,
          Description: parameter.description,
          AllowedPattern: parameter.allowedPattern,
          Tier: 'Standard' as const,
          DataType: 'text',
          Policies: [],
        })),
        NextToken: next,
      };
    },
  });
