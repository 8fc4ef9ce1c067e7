import type * as sdk from '@aws-sdk/client-iot';
import { AwsError } from '../../errors.ts';
import type { Operations } from '../../service.ts';
import { certificateIdIn, checkName, iotArn } from '../names.ts';
import { page } from '../paging.ts';
import { type Registry, attachmentKey } from './registry.ts';

/** Policies attached to one certificate (AWS IoT Core quotas). */
const MAX_POLICIES = 10;

/** Policies on certificates, the only kind of target here: thing groups and Cognito identities are refused as targets. */
export function policyAttachmentOperations(registry: Registry): Operations<typeof sdk> {
  const { account, policyAttachments } = registry;
  // AttachPolicy and DetachPolicy cannot be limited to one policy (Service Authorization Reference).
  const target = (input: { target?: string }): string => input.target ?? '*';
  const principal = (input: { principal?: string }): string => input.principal ?? '*';
  const attach = (policyName: string | undefined, arn: string | undefined): void => {
    const { name } = registry.policy(checkName('policyName', policyName));
    const { id } = registry.certificate(certificateIdIn(account, arn));
    const key = attachmentKey(name, id);
    if (policyAttachments.has(key)) return;
    if (registry.policyAttachmentsOf({ certificateId: id }).length >= MAX_POLICIES)
      throw new AwsError('LimitExceededException', `${arn} already has ${MAX_POLICIES} policies`, 410);
    policyAttachments.set(key, { policyName: name, certificateId: id });
  };
  // The API Reference lists no ResourceNotFound for what is not attached: it counts as detached.
  const detach = (policyName: string | undefined, arn: string | undefined): void => {
    registry.detachPolicy(checkName('policyName', policyName), certificateIdIn(account, arn));
  };
  return {
    AttachPolicy: {
      resource: target,
      handle: (input) => attach(input.policyName, input.target),
    },
    DetachPolicy: {
      resource: target,
      handle: (input) => detach(input.policyName, input.target),
    },
    // Deprecated, and what older code calls.
    AttachPrincipalPolicy: {
      resource: principal,
      handle: (input) => attach(input.policyName, input.principal),
    },
    DetachPrincipalPolicy: {
      resource: principal,
      handle: (input) => detach(input.policyName, input.principal),
    },
    ListAttachedPolicies: {
      resource: () => '*',
      // `recursive` would add the policies of the target's thing groups, and there are none.
      handle: ({ target: arn, pageSize, marker }) => {
        const { id } = registry.certificate(certificateIdIn(account, arn));
        const attached = registry.policyAttachmentsOf({ certificateId: id }).map(({ policyName }) => policyName);
        const { items, next } = page(attached, (name) => name, { size: pageSize, token: marker });
        return {
          policies: items.map((name) => ({ policyName: name, policyArn: iotArn(account, `policy/${name}`) })),
          nextMarker: next,
        };
      },
    },
    // Those of the thing's groups would count as well, and there are none.
    GetEffectivePolicies: {
      takes: ['principal', 'thingName'],
      resource: ({ principal }) => principal ?? '*',
      handle: ({ principal, thingName }) => {
        const { id } = registry.certificate(certificateIdIn(account, principal));
        if (thingName !== undefined) registry.thing(checkName('thingName', thingName));
        return {
          effectivePolicies: registry.policyAttachmentsOf({ certificateId: id }).map(({ policyName }) => {
            const { versions, defaultVersion } = registry.policy(policyName);
            const policyDocument = versions[defaultVersion]?.document;
            return { policyName, policyArn: iotArn(account, `policy/${policyName}`), policyDocument };
          }),
        };
      },
    },
    ListTargetsForPolicy: {
      resource: (input) => iotArn(account, `policy/${input.policyName}`),
      handle: ({ policyName, pageSize, marker }) => {
        const { name } = registry.policy(checkName('policyName', policyName));
        const targets = registry
          .policyAttachmentsOf({ policyName: name })
          .map(({ certificateId }) => iotArn(account, `cert/${certificateId}`));
        const { items, next } = page(targets, (arn) => arn, { size: pageSize, token: marker });
        return { targets: items, nextMarker: next };
      },
    },
  };
}
