import { deletePolicy, policyNames } from '../../aws/policies.ts';
import { isUnderWay, type SiteStack } from '../../aws/stacks.ts';
import { inSixMinutes } from '../../aws/wait.ts';
import { type FleetNames, NAME_PATTERN, standInName, STAND_IN_SUFFIX } from '../../lib/fleet/names.ts';
import { type Finding, problem } from './finding.ts';

/** Policies that a deletion has left which never came to its end; they deny everything, and nothing is attached to them. */
export async function standInFindings(stacks: readonly SiteStack[], names: FleetNames): Promise<Finding[]> {
  if (stacks.some(isUnderWay)) return [];
  const deviceOf = (name: string) => names.deviceOf(name.slice(0, -STAND_IN_SUFFIX.length));
  const isStandIn = (name: string) =>
    NAME_PATTERN.test(deviceOf(name)) && name === standInName(names.policy(deviceOf(name)));
  return (await policyNames()).filter(isStandIn).map((name) => {
    const text = `the policy ${name} is left of a deletion of ${deviceOf(name)} that did not come to its end`;
    const apply = () => deletePolicy(name, inSixMinutes());
    return problem(deviceOf(name), text, { text: `delete the policy ${name}`, apply });
  });
}
