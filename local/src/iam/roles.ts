import type * as sdk from '@aws-sdk/client-iam';
import { randomBytes } from 'node:crypto';
import { AwsError } from '../errors.ts';
import type { Call, Operations } from '../service.ts';
import type { IamStore, Role } from './iam-store.ts';

/** Ids and access keys: a prefix that tells the kind, and 16 characters. */
export const uniqueId = (prefix: string): string => prefix + randomBytes(10).toString('hex').toUpperCase().slice(0, 16);

const describe = (role: Role): sdk.Role => ({
  RoleName: role.name,
  RoleId: role.id,
  Arn: role.arn,
  Path: role.path,
  CreateDate: role.created,
  AssumeRolePolicyDocument: encodeURIComponent(role.trust),
  Description: role.description,
  MaxSessionDuration: role.maxSessionSeconds,
  Tags: role.tags,
});

export function roleOperations(store: IamStore): Operations<typeof sdk> {
  const resource = (input: { RoleName?: string }, call: Call): string =>
    store.roles.get(input.RoleName ?? '')?.arn ?? `arn:aws:iam::${call.id}:role/${input.RoleName}`;
  const change = (name: string | undefined, edit: (role: Role) => void): void => {
    const before = store.role(name ?? '');
    const role = structuredClone(before);
    edit(role);
    store.saveRole(role, before);
  };
  return {
    CreateRole: {
      resource: (input, call) => `arn:aws:iam::${call.id}:role${input.Path ?? '/'}${input.RoleName}`,
      handle: (input, call) => {
        const name = input.RoleName ?? '';
        if (!/^[\w+=,.@-]{1,64}$/.test(name))
          throw new AwsError('ValidationError', `The role name ${name} is not valid.`);
        if (store.roles.has(name))
          throw new AwsError('EntityAlreadyExistsException', `Role with name ${name} already exists.`, 409);
        store.parse(input.AssumeRolePolicyDocument ?? '');
        const role: Role = {
          name,
          id: uniqueId('AROA'),
          arn: `arn:aws:iam::${call.id}:role${input.Path ?? '/'}${name}`,
          path: input.Path ?? '/',
          created: new Date(),
          description: input.Description,
          maxSessionSeconds: input.MaxSessionDuration ?? 3600,
          trust: input.AssumeRolePolicyDocument ?? '',
          inline: {},
          attached: [],
          tags: (input.Tags ?? []).map(({ Key = '', Value = '' }) => ({ Key, Value })),
        };
        store.saveRole(role, undefined);
        return { Role: describe(role) };
      },
    },
    GetRole: {
      resource,
      handle: (input) => ({ Role: describe(store.role(input.RoleName ?? '')) }),
    },
    UpdateRole: {
      resource,
      handle: (input) =>
        change(input.RoleName, (role) => {
          role.description = input.Description;
          role.maxSessionSeconds = input.MaxSessionDuration ?? role.maxSessionSeconds;
        }),
    },
    UpdateAssumeRolePolicy: {
      resource,
      handle: (input) => {
        store.parse(input.PolicyDocument ?? '');
        return change(input.RoleName, (role) => (role.trust = input.PolicyDocument ?? ''));
      },
    },
    TagRole: {
      resource,
      handle: (input) =>
        change(input.RoleName, (role) => {
          const added = (input.Tags ?? []).map(({ Key = '', Value = '' }) => ({ Key, Value }));
          role.tags = [...role.tags.filter((tag) => added.every(({ Key }) => Key !== tag.Key)), ...added];
        }),
    },
    UntagRole: {
      resource,
      handle: (input) =>
        change(input.RoleName, (role) => (role.tags = role.tags.filter((tag) => !input.TagKeys?.includes(tag.Key)))),
    },
    DeleteRole: {
      resource,
      handle: (input) => {
        const role = store.role(input.RoleName ?? '');
        if (role.attached.length > 0 || Object.keys(role.inline).length > 0)
          throw new AwsError('DeleteConflictException', 'Cannot delete entity, must detach all policies first.', 409);
        store.deleteRole(role);
      },
    },
    PutRolePolicy: {
      resource,
      handle: (input) => {
        store.parse(input.PolicyDocument ?? '');
        return change(input.RoleName, (role) => (role.inline[input.PolicyName ?? ''] = input.PolicyDocument ?? ''));
      },
    },
    GetRolePolicy: {
      resource,
      handle: (input) => {
        const document = store.role(input.RoleName ?? '').inline[input.PolicyName ?? ''];
        if (document === undefined) throw noSuchPolicy(input.PolicyName);
        return {
          RoleName: input.RoleName,
          PolicyName: input.PolicyName,
          PolicyDocument: encodeURIComponent(document),
        };
      },
    },
    DeleteRolePolicy: {
      resource,
      handle: (input) => {
        if (store.role(input.RoleName ?? '').inline[input.PolicyName ?? ''] === undefined)
          throw noSuchPolicy(input.PolicyName);
        return change(input.RoleName, (role) => delete role.inline[input.PolicyName ?? '']);
      },
    },
    ListRolePolicies: {
      resource,
      handle: (input) => ({ PolicyNames: Object.keys(store.role(input.RoleName ?? '').inline), IsTruncated: false }),
    },
    AttachRolePolicy: {
      resource,
      handle: (input) => {
        const arn = input.PolicyArn ?? '';
        if (!store.isPolicy(arn))
          throw new AwsError('NoSuchEntityException', `Policy ${arn} does not exist or is not attachable.`, 404);
        return change(input.RoleName, (role) => (role.attached = [...new Set([...role.attached, arn])]));
      },
    },
    DetachRolePolicy: {
      resource,
      handle: (input) => {
        if (!store.role(input.RoleName ?? '').attached.includes(input.PolicyArn ?? ''))
          throw noSuchPolicy(input.PolicyArn);
        return change(
          input.RoleName,
          (role) => (role.attached = role.attached.filter((arn) => arn !== input.PolicyArn)),
        );
      },
    },
    ListAttachedRolePolicies: {
      resource,
      handle: (input) => ({
        AttachedPolicies: store
          .role(input.RoleName ?? '')
          .attached.map((arn) => ({ PolicyArn: arn, PolicyName: arn.split('/').at(-1) })),
        IsTruncated: false,
      }),
    },
  };
}

const noSuchPolicy = (name: string | undefined): AwsError =>
  new AwsError('NoSuchEntityException', `The role policy with name ${name} cannot be found.`, 404);
