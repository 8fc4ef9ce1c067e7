import type * as sdk from '@aws-sdk/client-lambda';
import { AwsError } from '../errors.ts';
import type { Operations } from '../service.ts';
import type { FunctionStore, LambdaFunction, PermissionStatement } from './function-store.ts';
import { invalid } from './function-settings.ts';

function statement(fn: LambdaFunction, input: sdk.AddPermissionRequest): PermissionStatement {
  const { StatementId: Sid = '', Action = '', Principal = '', SourceArn, SourceAccount } = input;
  if (!/^[a-zA-Z0-9-_]{1,100}$/.test(Sid)) throw invalid(`The StatementId ${Sid} is not valid.`);
  if (!/^lambda:(?:\*|[a-zA-Z]+)$/.test(Action)) throw invalid(`The Action ${Action} is not one of Lambda.`);
  const isAccount = /^\d{12}$/.test(Principal);
  if (Principal !== '*' && !isAccount && !/^arn:aws:(?:iam|sts)::|^[a-z0-9.-]+\.amazonaws\.com$/.test(Principal))
    throw invalid(`The provided principal was invalid. Please check the principal and try again: ${Principal}`);
  return {
    Sid,
    Effect: 'Allow',
    Principal:
      Principal === '*'
        ? '*'
        : Principal.endsWith('.amazonaws.com')
          ? { Service: Principal }
          : { AWS: isAccount ? `arn:aws:iam::${Principal}:root` : Principal },
    Action,
    Resource: fn.arn,
    ...((SourceAccount !== undefined || SourceArn !== undefined) && {
      Condition: {
        ...(SourceAccount !== undefined && { StringEquals: { 'AWS:SourceAccount': SourceAccount } }),
        ...(SourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': SourceArn } }),
      },
    }),
  };
}

export function permissionOperations(store: FunctionStore): Operations<typeof sdk> {
  const resource = ({ FunctionName }: { FunctionName?: string | undefined }): string => store.arn(FunctionName);
  return {
    AddPermission: {
      takes: ['FunctionName', 'StatementId', 'Action', 'Principal', 'SourceArn', 'SourceAccount', 'Qualifier'],
      resource,
      handle: (input) => {
        const fn = store.find(input.FunctionName, input.Qualifier);
        const added = statement(fn, input);
        const statements = store.permissions.get(fn.name) ?? [];
        if (statements.some(({ Sid }) => Sid === added.Sid))
          throw new AwsError(
            'ResourceConflictException',
            `The statement id (${added.Sid}) provided already exists.`,
            409,
          );
        store.permissions.set(fn.name, [...statements, added]);
        return { Statement: JSON.stringify(added) };
      },
    },
    RemovePermission: {
      takes: ['FunctionName', 'StatementId', 'Qualifier'],
      resource,
      handle: ({ FunctionName, StatementId, Qualifier }) => {
        const fn = store.find(FunctionName, Qualifier);
        const statements = store.permissions.get(fn.name) ?? [];
        const left = statements.filter(({ Sid }) => Sid !== StatementId);
        if (left.length === statements.length)
          throw new AwsError(
            'ResourceNotFoundException',
            `Statement ${StatementId} is not found in resource policy.`,
            404,
          );
        if (left.length === 0) store.permissions.delete(fn.name);
        else store.permissions.set(fn.name, left);
      },
    },
    GetPolicy: {
      takes: ['FunctionName', 'Qualifier'],
      resource,
      handle: ({ FunctionName, Qualifier }) => {
        const fn = store.find(FunctionName, Qualifier);
        const Policy = store.policyText(fn);
        if (Policy === undefined)
          throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.', 404);
        return { Policy, RevisionId: fn.revision };
      },
    },
  };
}
