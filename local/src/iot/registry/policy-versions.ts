import type * as sdk from '@aws-sdk/client-iot';
import { AwsError } from '../../errors.ts';
import type { Operations } from '../../service.ts';
import { checkName, iotArn, notFound } from '../names.ts';
import { parsePolicyDocument } from './policy-document.ts';
import type { Policy, PolicyVersion, Registry } from './registry.ts';

/** Versions that one policy keeps (API Reference, CreatePolicyVersion). */
const MAX_VERSIONS = 5;

export function policyVersionOperations(registry: Registry): Operations<typeof sdk> {
  const { account } = registry;
  const resource = (input: { policyName?: string }): string => iotArn(account, `policy/${input.policyName}`);
  const find = (input: { policyName?: string; policyVersionId?: string }): [Policy, string, PolicyVersion] => {
    const policy = registry.policy(checkName('policyName', input.policyName));
    const id = input.policyVersionId ?? '';
    const version = policy.versions[id];
    if (!version) throw notFound(`Policy version not found (name=${policy.name}, version=${id})`);
    return [policy, id, version];
  };
  // A change reaches live connections at once; AWS takes six to eight minutes.
  const store = (policy: Policy): void => registry.policies.set(policy.name, { ...policy, modified: new Date() });
  return {
    CreatePolicyVersion: {
      resource,
      handle: (input) => {
        const policy = registry.policy(checkName('policyName', input.policyName));
        const document = input.policyDocument ?? '';
        parsePolicyDocument(document);
        if (Object.keys(policy.versions).length >= MAX_VERSIONS)
          throw new AwsError(
            'VersionsLimitExceededException',
            `The policy ${policy.name} already has the maximum number of versions (${MAX_VERSIONS})`,
            409,
          );
        const lastVersion = policy.lastVersion + 1;
        const id = String(lastVersion);
        const isDefaultVersion = input.setAsDefault === true;
        store({
          ...policy,
          lastVersion,
          versions: { ...policy.versions, [id]: { document, created: new Date() } },
          defaultVersion: isDefaultVersion ? id : policy.defaultVersion,
        });
        return { policyArn: resource(input), policyDocument: document, policyVersionId: id, isDefaultVersion };
      },
    },
    GetPolicyVersion: {
      resource,
      handle: (input) => {
        const [policy, id, { document, created }] = find(input);
        return {
          policyArn: resource(input),
          policyName: policy.name,
          policyDocument: document,
          policyVersionId: id,
          isDefaultVersion: id === policy.defaultVersion,
          creationDate: created,
          lastModifiedDate: created,
        };
      },
    },
    ListPolicyVersions: {
      resource,
      handle: (input) => {
        const { versions, defaultVersion } = registry.policy(checkName('policyName', input.policyName));
        return {
          policyVersions: Object.entries(versions).map(([versionId, { created }]) => ({
            versionId,
            isDefaultVersion: versionId === defaultVersion,
            createDate: created,
          })),
        };
      },
    },
    DeletePolicyVersion: {
      resource,
      handle: (input) => {
        const [policy, id] = find(input);
        if (id === policy.defaultVersion)
          throw new AwsError(
            'DeleteConflictException',
            `Cannot delete the default version of a policy (name=${policy.name}, version=${id})`,
            409,
          );
        const versions = { ...policy.versions };
        delete versions[id];
        store({ ...policy, versions });
      },
    },
  };
}
