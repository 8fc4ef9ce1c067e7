import { siteStackName } from '../../lib/fleet/names.ts';
import type { Site } from '../../lib/fleet/read.ts';
import { withoutFleetFile } from '../disagreements.ts';
import { isDeleted, isUnderWay, type SiteStack } from '../../aws/stacks.ts';
import { liftingProtection } from '../stack-deletion.ts';
import type { Finding } from './finding.ts';

/** What is to be said about the stacks of the sites themselves. */
export function stackFindings(stacks: readonly SiteStack[], sites: readonly Site[]): Finding[] {
  const alive = stacks.filter((stack) => !isDeleted(stack));
  const fileless = alive.filter(({ site }) => !sites.some(({ name }) => name === site));
  return [
    ...alive.map(statusFinding).filter((finding) => finding !== undefined),
    ...fileless.map(({ site }): Finding => ({ kind: 'problem', text: withoutFleetFile(site) })),
  ];
}

function statusFinding(stack: SiteStack): Finding | undefined {
  const { site, status } = stack;
  const name = siteStackName(site);
  if (isUnderWay(stack)) {
    return { kind: 'note', text: `${name} is being deployed (${status}), so some of this may be on its way` };
  }
  if (status === 'ROLLBACK_COMPLETE') {
    // The CDK CLI deletes it before it makes it anew, and CloudFormation refuses that.
    const why = `${name} is ROLLBACK_COMPLETE: its first deployment failed, and its protection is in the way of the next one`;
    return { kind: 'problem', text: `${why}; run: ${liftingProtection(name)} && npx cdk deploy --all` };
  }
  if (!status.endsWith('_FAILED')) return undefined;
  // Of a stack that never came to life, and of one that is to go, nothing can be taken back.
  const way = /^(DELETE|ROLLBACK)_FAILED$/.test(status) ? 'destroy' : 'rollback';
  return { kind: 'problem', text: `${name} is ${status}; run: npx cdk ${way} ${name}` };
}
