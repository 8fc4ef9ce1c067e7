import type { FleetNames } from '../../lib/fleet/names.ts';
import type { Site } from '../../lib/fleet/read.ts';
import { withoutFleetFile } from '../fleet/disagreements.ts';
import { isDeleted, isUnderWay, type SiteStack } from '../../aws/stacks.ts';
import { stackProblem } from '../fleet/stack-problem.ts';
import { type Finding, note, problem } from './finding.ts';

/** What is to be said about the stacks of the sites themselves. */
export function stackFindings(stacks: readonly SiteStack[], sites: readonly Site[], names: FleetNames): Finding[] {
  const alive = stacks.filter((stack) => !isDeleted(stack));
  const fileless = alive.filter(({ site }) => !sites.some(({ name }) => name === site));
  return [
    ...alive.map((stack) => statusFinding(stack, names)).filter((finding) => finding !== undefined),
    ...fileless.map(({ site }) => problem(undefined, withoutFleetFile(site, names))),
  ];
}

function statusFinding(stack: SiteStack, names: FleetNames): Finding | undefined {
  const { site, status } = stack;
  const name = names.siteStack(site);
  if (isUnderWay(stack))
    return note(undefined, `${name} is being deployed (${status}), so some of this may be on its way`);
  const text = stackProblem(name, status);
  return text === undefined ? undefined : problem(undefined, text);
}
