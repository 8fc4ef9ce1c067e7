import { deletePolicy, policyNames } from '../../aws/policies.ts';
import { isUnderWay, type SiteStack } from '../../aws/stacks.ts';
import { inSixMinutes } from '../../aws/wait.ts';
import { NAME_PATTERN, STAND_IN_SUFFIX } from '../../lib/fleet/names.ts';
import type { Finding } from './finding.ts';

/** Policies that a deletion has left which never came to its end; they deny everything, and nothing is attached to them. */
export async function standInFindings(stacks: readonly SiteStack[]): Promise<Finding[]> {
  if (stacks.some(isUnderWay)) return [];
  const left = (await policyNames()).filter(
    (name) => name.endsWith(STAND_IN_SUFFIX) && NAME_PATTERN.test(name.slice(0, -STAND_IN_SUFFIX.length)),
  );
  return left.map((name): Finding => {
    const device = name.slice(0, -STAND_IN_SUFFIX.length);
    return {
      device,
      kind: 'problem',
      text: `the policy ${name} is left of a deletion of ${device} that did not come to its end`,
      fix: { text: `delete the policy ${name}`, apply: () => deletePolicy(name, inSixMinutes()) },
    };
  });
}
