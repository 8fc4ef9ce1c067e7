import { AwsError } from '../../errors.ts';
import type { Template } from './template.ts';

/** Properties by which a resource of IAM gets a name of the author's choice. AWS::IAM::Policy is inline: its name counts for nothing. */
const NAMES = ['RoleName', 'ManagedPolicyName', 'UserName', 'GroupName', 'InstanceProfileName'];

/** What a caller has to acknowledge before the template is deployed, and the resource types that are the reason. */
export function requiredCapability(
  template: Template,
): { readonly capability: 'CAPABILITY_IAM' | 'CAPABILITY_NAMED_IAM'; readonly types: readonly string[] } | undefined {
  const iam = Object.values(template.resources).filter(({ type }) => type.startsWith('AWS::IAM::'));
  if (iam.length === 0) return undefined;
  const named = iam.some(({ properties }) => NAMES.some((name) => name in properties));
  const types = [...new Set(iam.map(({ type }) => type))];
  return { capability: named ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM', types };
}

/** Throws InsufficientCapabilities unless the caller has acknowledged that the template makes identities. */
export function checkCapabilities(template: Template, acknowledged: readonly string[]): void {
  const required = requiredCapability(template)?.capability;
  if (required === undefined || acknowledged.includes('CAPABILITY_NAMED_IAM') || acknowledged.includes(required))
    return;
  throw new AwsError('InsufficientCapabilitiesException', `Requires capabilities : [${required}]`);
}
