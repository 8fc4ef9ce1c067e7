import type * as sdk from '@aws-sdk/client-iam';
import { AwsError } from '../errors.ts';
import type { Operations } from '../service.ts';
import type { IamStore, ManagedPolicy } from './iam-store.ts';
import { uniqueId } from './roles.ts';

/** Versions of one managed policy that IAM keeps. */
const MAX_VERSIONS = 5;

export function managedPolicyOperations(store: IamStore): Operations<typeof sdk> {
  const resource = (input: { PolicyArn?: string }): string => input.PolicyArn ?? '*';
  const attachedTo = (arn: string): number =>
    [...store.roles.values()].filter((role) => role.attached.includes(arn)).length;
  const describe = (policy: ManagedPolicy): sdk.Policy => ({
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersion,
    AttachmentCount: attachedTo(policy.arn),
    IsAttachable: true,
    Description: policy.description,
    CreateDate: policy.created,
  });
  return {
    CreatePolicy: {
      resource: (input, call) => `arn:aws:iam::${call.id}:policy${input.Path ?? '/'}${input.PolicyName}`,
      handle: (input, call) => {
        const arn = `arn:aws:iam::${call.id}:policy${input.Path ?? '/'}${input.PolicyName}`;
        if (store.policies.has(arn))
          throw new AwsError(
            'EntityAlreadyExistsException',
            `A policy called ${input.PolicyName} already exists.`,
            409,
          );
        store.parse(input.PolicyDocument ?? '');
        const policy: ManagedPolicy = {
          name: input.PolicyName ?? '',
          arn,
          id: uniqueId('ANPA'),
          path: input.Path ?? '/',
          created: new Date(),
          description: input.Description,
          versions: { v1: input.PolicyDocument ?? '' },
          defaultVersion: 'v1',
        };
        store.savePolicy(policy, undefined);
        return { Policy: describe(policy) };
      },
    },
    GetPolicy: {
      resource,
      handle: (input) => ({ Policy: describe(store.policy(input.PolicyArn ?? '')) }),
    },
    GetPolicyVersion: {
      resource,
      handle: (input) => {
        const policy = store.policy(input.PolicyArn ?? '');
        return { PolicyVersion: version(policy, input.VersionId ?? '') };
      },
    },
    ListPolicyVersions: {
      resource,
      handle: (input) => {
        const policy = store.policy(input.PolicyArn ?? '');
        return { Versions: Object.keys(policy.versions).map((id) => version(policy, id)), IsTruncated: false };
      },
    },
    CreatePolicyVersion: {
      resource,
      handle: (input) => {
        const before = store.policy(input.PolicyArn ?? '');
        const policy = structuredClone(before);
        store.parse(input.PolicyDocument ?? '');
        const ids = Object.keys(policy.versions).map((id) => Number(id.slice(1)));
        if (ids.length >= MAX_VERSIONS)
          throw new AwsError(
            'LimitExceededException',
            `A managed policy can have up to ${MAX_VERSIONS} versions.`,
            409,
          );
        const id = `v${Math.max(...ids) + 1}`;
        policy.versions[id] = input.PolicyDocument ?? '';
        if (input.SetAsDefault) policy.defaultVersion = id;
        store.savePolicy(policy, before);
        return { PolicyVersion: version(policy, id) };
      },
    },
    DeletePolicyVersion: {
      resource,
      handle: (input) => {
        const policy = store.policy(input.PolicyArn ?? '');
        if (input.VersionId === policy.defaultVersion)
          throw new AwsError('DeleteConflictException', 'Cannot delete the default version of a policy.', 409);
        version(policy, input.VersionId ?? '');
        delete policy.versions[input.VersionId ?? ''];
        store.policies.set(policy.arn, policy);
      },
    },
    DeletePolicy: {
      resource,
      handle: (input) => {
        const policy = store.policy(input.PolicyArn ?? '');
        if (attachedTo(policy.arn) > 0)
          throw new AwsError('DeleteConflictException', 'Cannot delete a policy attached to entities.', 409);
        store.policies.delete(policy.arn);
      },
    },
  };
}

function version(
  policy: ManagedPolicy,
  id: string,
): { VersionId: string; IsDefaultVersion: boolean; Document: string } {
  const document = policy.versions[id];
  if (document === undefined)
    throw new AwsError('NoSuchEntityException', `sdk.Policy ${policy.arn} has no version ${id}.`, 404);
  return { VersionId: id, IsDefaultVersion: id === policy.defaultVersion, Document: encodeURIComponent(document) };
}
