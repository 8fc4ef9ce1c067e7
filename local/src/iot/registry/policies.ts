import type * as sdk from '@aws-sdk/client-iot';
import { AwsError } from '../../errors.ts';
import type { Operations } from '../../service.ts';
import { alreadyExists, checkName, iotArn } from '../names.ts';
import { page } from '../paging.ts';
import { parsePolicyDocument } from './policy-document.ts';
import type { Policy, Registry } from './registry.ts';
import { toTags } from './tags.ts';

export function policyOperations(registry: Registry): Operations<typeof sdk> {
  const { policies, account } = registry;
  const arn = (name: string): string => iotArn(account, `policy/${name}`);
  const resource = (input: { policyName?: string }): string => arn(input.policyName ?? '');
  return {
    CreatePolicy: {
      resource,
      handle: (input) => {
        const name = checkName('policyName', input.policyName);
        const document = input.policyDocument ?? '';
        const tags = toTags(input.tags);
        // Unlike CreateThing, the same call again fails.
        if (policies.has(name)) throw alreadyExists(`Policy cannot be created - name already exists (name=${name})`);
        parsePolicyDocument(document);
        const created = new Date();
        const policy: Policy = {
          name,
          created,
          modified: created,
          versions: { 1: { document, created } },
          defaultVersion: '1',
          lastVersion: 1,
        };
        policies.set(name, policy);
        if (tags.length > 0) registry.tags.set(arn(name), tags);
        return { policyName: name, policyArn: arn(name), policyDocument: document, policyVersionId: '1' };
      },
    },
    GetPolicy: {
      resource,
      handle: (input) => {
        const policy = registry.policy(checkName('policyName', input.policyName));
        return {
          policyName: policy.name,
          policyArn: arn(policy.name),
          policyDocument: policy.versions[policy.defaultVersion]?.document,
          defaultVersionId: policy.defaultVersion,
          creationDate: policy.created,
          lastModifiedDate: policy.modified,
        };
      },
    },
    ListPolicies: {
      resource: () => '*',
      handle: ({ pageSize, marker, ascendingOrder }) => {
        const { items, next } = page(policies.values(), ({ created, name }) => `${created.toISOString()} ${name}`, {
          size: pageSize,
          token: marker,
          descending: ascendingOrder === false,
        });
        return {
          policies: items.map(({ name }) => ({ policyName: name, policyArn: arn(name) })),
          nextMarker: next,
        };
      },
    },
    DeletePolicy: {
      resource,
      handle: (input) => {
        const policy = registry.policy(checkName('policyName', input.policyName));
        const { name, versions } = policy;
        if (registry.policyAttachmentsOf({ policyName: name }).length > 0 || registry.isDetaching(policy))
          throw new AwsError(
            'DeleteConflictException',
            `The policy cannot be deleted as the policy is attached to one or more principals (name=${name})`,
            409,
          );
        if (Object.keys(versions).length > 1)
          throw new AwsError(
            'DeleteConflictException',
            `The policy cannot be deleted as versions other than the default version exist (name=${name})`,
            409,
          );
        policies.delete(name);
        registry.tags.delete(arn(name));
      },
    },
  };
}
