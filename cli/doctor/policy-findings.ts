import { isDeepStrictEqual } from 'node:util';
import { type Certificate, shortId } from '../../aws/certificates.ts';
import {
  type DeployedPolicy,
  effectivePolicies,
  policyNamesOf,
  replaceDocument,
  targetsOf,
} from '../../aws/policies.ts';
import { policyDocumentsIn, resolved } from '../aws/deployed-policies.ts';
import { concurrently } from '../../aws/concurrently.ts';
import { devicePolicy, grantOf } from '../policy/device-policies.ts';
import type { Unknowns } from '../fleet/unknowns.ts';
import { type Finding, note, problem } from './finding.ts';
import type { Holding } from './holdings.ts';

/**
 * What is to be said about what the certificates of these devices may do, compared with the templates that were deployed.
 * CloudFormation itself does not see that somebody has edited a policy: its next deployment changes nothing.
 */
export async function policyFindings(holdings: readonly Holding[], unknowns: Unknowns): Promise<Finding[]> {
  // While CloudFormation is at work, template and policies may differ for a moment.
  const settled = holdings.filter(({ deployed, underWay }) => deployed && !underWay);
  const what = 'whether policies of devices are as they were deployed';
  const documents = new Map(
    await concurrently([...new Set(settled.map(({ site, names }) => names.siteStack(site)))], async (stack) => {
      return [stack, await unknowns.orUndefined(what, policyDocumentsIn(stack))] as const;
    }),
  );
  const found = await concurrently(settled, async (holding) => {
    const findings: Finding[] = [];
    const { site, names, device } = holding;
    for (const certificate of holding.certificates.filter(({ status }) => status !== 'REVOKED')) {
      const thing = holding.hasThing ? names.thing(device) : undefined;
      const policies = (await unknowns.orUndefined(what, effectivePolicies(certificate.arn, thing))) ?? [];
      const own = policies.find(({ name }) => name === names.policy(device));
      const described = documents.get(names.siteStack(site));
      if (own !== undefined && described !== undefined) {
        const wanted = described.get(own.name);
        findings.push(...ownFindings(own, wanted && resolved(wanted, certificate.arn), holding));
      }
      for (const policy of policies.filter((one) => one !== own)) {
        const finding = await unknowns.orUndefined(what, otherFinding(policy, certificate, holding));
        if (finding !== undefined) findings.push(finding);
      }
    }
    // Two certificates of a device have the same policy.
    return findings.filter(({ text }, index) => findings.findIndex((one) => one.text === text) === index);
  });
  return found.flat();
}

/** What is to be said about a policy that is not what was deployed. @param wanted that; undefined when the template does not say it */
export function ownFindings(
  own: DeployedPolicy,
  wanted: unknown,
  { device, site, names }: Pick<Holding, 'device' | 'site' | 'names'>,
): Finding[] {
  const stack = names.siteStack(site);
  if (wanted === undefined) {
    const text = `the template of ${stack} does not say by itself what the policy "${own.name}" of ${device} allows`;
    return [note(device, `whether it was changed by hand is not known: ${text}`)];
  }
  if (isDeepStrictEqual(JSON.parse(own.document), wanted)) return [];
  const document = JSON.stringify(wanted);
  // Sid or number of a statement grant nothing.
  const statementsOf = (policy: DeployedPolicy) => devicePolicy(policy).document.statements;
  const known = statementsOf({ name: own.name, document }).map((statement) => ({ ...statement, label: '' }));
  const added = statementsOf(own).filter(
    (statement) => !known.some((one) => isDeepStrictEqual(one, { ...statement, label: '' })),
  );
  const grants = added.map((statement) => {
    const grant = grantOf(statement);
    if (grant === undefined) return `statement ${statement.label} of it is unlike any that was deployed`;
    return `it ${statement.effect === 'Allow' ? 'allows' : 'denies'} ${grant}`;
  });
  const text = [`the policy "${own.name}" of ${device} is not what ${stack} deployed`, ...grants].join('; ');
  const fix = `give the policy of ${device} back the document that ${stack} deployed`;
  return [problem(device, text, { text: fix, apply: () => replaceDocument(own.name, document) })];
}

async function otherFinding({ name }: DeployedPolicy, certificate: Certificate, holding: Holding): Promise<Finding> {
  const { device, site, generations } = holding;
  const label = `certificate ${shortId(certificate)} of ${device}`;
  const existing = generations.find(({ certificateId }) => certificateId === certificate.id);
  if (existing?.policies?.includes(name)) {
    const text =
      `${label} keeps the policy "${name}" besides its own, as ${site}.yaml says; once its board lives without, take it ` +
      'out of policies there, see what goes (bin/fleet review), and run: npx cdk deploy --all';
    return note(device, text);
  }
  const isDirect = (await policyNamesOf(certificate.arn)).includes(name);
  const targets = isDirect
    ? [certificate.arn]
    : ((await targetsOf(name)) ?? []).filter((target) => target.includes(':thinggroup/'));
  const way = isDirect ? '' : ` by a group of its thing`;
  const commands = targets.map((target) => `aws iot detach-policy --policy-name ${name} --target ${target}`);
  return problem(
    device,
    `${label} has the policy "${name}" besides its own${way}; unless you know what it is for: ` +
      (commands.join(' or ') || `aws iot list-targets-for-policy --policy-name ${name}`),
  );
}
