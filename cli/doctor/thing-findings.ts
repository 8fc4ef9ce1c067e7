import { WANTS, wantedOf } from '../../lib/fleet/enrolment.ts';
import { createThing } from '../../aws/things.ts';
import { type Finding, problem } from './finding.ts';
import type { Holding } from './holdings.ts';

/** What is to be said about the thing and the policy of a device that is deployed. */
export function thingFindings(holding: Holding): Finding[] {
  const { site, names, device, deployed, hasThing, policyTargets } = holding;
  if (!deployed) return [];
  const findings: Finding[] = [];
  const stack = names.siteStack(site);
  const attributes = holding.enrols ? { [WANTS]: wantedOf(holding) } : undefined;
  if (!hasThing) {
    const fix = { text: `make the thing ${device} again`, apply: () => createThing(names.thing(device), attributes) };
    findings.push(problem(device, `the thing of ${device} is gone, although ${stack} has it`, fix));
  }
  if (policyTargets === undefined) {
    const text =
      `the policy of ${device} is gone, although ${stack} has it; make it again (aws iot create-policy) with the ` +
      `document that stands in: aws cloudformation get-template --stack-name ${stack}`;
    findings.push(problem(device, text));
  }
  return findings;
}

/** What is to be said about who else has the policy of a device: neither attached to its thing nor one of its identities. */
export function targetFindings(holding: Holding): Finding[] {
  const { names, device, deployed, policyTargets, certificates, identities } = holding;
  if (!deployed) return [];
  const recorded = identities.map(({ certificate }) => certificate?.certificateArn);
  const own = [...certificates.map(({ arn }) => arn), ...recorded];
  const others = (policyTargets ?? []).filter((target) => !own.includes(target));
  return others.map((target) =>
    problem(
      device,
      `the policy of ${device} is attached to ${target}, which is not of ${device}; unless you know who uses it: ` +
        `aws iot detach-policy --policy-name ${names.policy(device)} --target ${target}`,
    ),
  );
}
