import type { GetParameterHistoryRequest, GetParameterHistoryResult } from '@aws-sdk/client-ssm';
import { AwsError } from '../errors.ts';
import { pageOf } from '../paging.ts';
import { type AnyOperation, operation } from '../service.ts';
import type { ParameterStore } from './parameter-store.ts';

const MOST = 50;

export const getParameterHistoryOperation = (store: ParameterStore): AnyOperation =>
  operation<GetParameterHistoryRequest, GetParameterHistoryResult>({
    takes: ['Name', 'WithDecryption', 'MaxResults', 'NextToken'],
    resource: ({ Name }) => store.arn(Name),
    handle: ({ Name = '', WithDecryption, MaxResults: limit = MOST, NextToken: token }) => {
      if (limit < 1 || limit > MOST) throw new AwsError('ValidationException', `MaxResults must be 1 to ${MOST}.`);
      const versions = store.versions(store.find(Name));
      // Padded, so that text sorts as the numbers do.
      const { items, next } = pageOf(versions, ({ version }) => String(version).padStart(12, '0'), { limit, token });
      return {
        Parameters: items.map((parameter) => {
          const { Name, Type, Value, Version, LastModifiedDate, DataType } = store.describe(parameter, WithDecryption);
          return {
            Name,
            Type,
            ...(Type === 'SecureString' && { KeyId: 'alias/aws/ssm' }),
            LastModifiedDate,
            LastModifiedUser: parameter.modifiedBy,
            Description: parameter.description,
            Value,
            AllowedPattern: parameter.allowedPattern,
            Version,
            Labels: store.labels(parameter),
            Tier: 'Standard' as const,
            Policies: [],
            DataType,
          };
        }),
        NextToken: next,
      };
    },
  });
