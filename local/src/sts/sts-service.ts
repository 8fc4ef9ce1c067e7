import * as sdk from '@aws-sdk/client-sts';
import { AwsError } from '../errors.ts';
import type { IamStore } from '../iam/iam-store.ts';
import type { Operations, Service } from '../service.ts';
import { serviceModel } from '../wire/model.ts';
import type { Sessions } from './sessions.ts';

export const stsService = (iam: IamStore, sessions: Sessions): Service<Operations<typeof sdk>> => ({
  name: 'sts',
  model: serviceModel(sdk, sdk.STSClient),
  operations: {
    GetCallerIdentity: {
      resource: () => '*',
      needsNoPermission: true,
      handle: (_, { principal }) => ({ Account: principal.account, Arn: principal.arn, UserId: principal.userId }),
    },
    AssumeRole: {
      resource: (input) => input.RoleArn ?? '',
      resourcePolicy: (input) => {
        const role = iam.roleByArn(input.RoleArn ?? '');
        return role && iam.parse(role.trust);
      },
      handle: (input, { principal }) => {
        const role = iam.roleByArn(input.RoleArn ?? '');
        // The caller's own policy is not enough: the role has to trust the caller, too.
        if (!role || !iam.trusts(role, principal))
          throw new AwsError(
            'AccessDenied',
            `User: ${principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${input.RoleArn}: the role does not trust it`,
            403,
          );
        const sessionName = input.RoleSessionName ?? '';
        const seconds = Math.min(input.DurationSeconds ?? 3600, role.maxSessionSeconds);
        const session = iam.session(role, sessionName);
        return {
          Credentials: sessions.open(role, sessionName, seconds),
          AssumedRoleUser: { Arn: session.arn, AssumedRoleId: session.userId },
        };
      },
    },
  },
});
