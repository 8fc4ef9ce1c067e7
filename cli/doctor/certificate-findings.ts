import { attachThing, type Certificate, shortId, thingsOf } from '../../aws/certificates.ts';
import { attachPolicy, policyNamesOf } from '../../aws/policies.ts';
import { formatDay } from '../terminal/time.ts';
import type { Unknowns } from '../fleet/unknowns.ts';
import { type Finding, problem } from './finding.ts';
import type { Holding } from './holdings.ts';
import { removeCertificate } from './leftover-findings.ts';

const DAY_MS = 86_400_000;

/** Long enough to flash every board of a fleet. */
const EXPIRES_SOON_MS = 30 * DAY_MS;

/** What is to be said about the certificates of a device that are ACTIVE. */
export async function certificateFindings(holding: Holding, unknowns: Unknowns): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const certificate of holding.certificates.filter(({ status }) => status === 'ACTIVE')) {
    for (const check of [attachmentFinding, strangerFinding, expiryFinding]) {
      const what = 'what certificates are attached to';
      const found = await unknowns.found(what, async () => [await check(certificate, holding)]);
      findings.push(...found.filter((finding) => finding !== undefined));
    }
  }
  return findings;
}

async function attachmentFinding(certificate: Certificate, holding: Holding): Promise<Finding | undefined> {
  const { names, device, board, deployed, revoked, policyTargets } = holding;
  const [things, policies] = await Promise.all([thingsOf(certificate), policyNamesOf(certificate.arn)]);
  const label = `certificate ${shortId(certificate)} of ${device}`;
  const foreign = things.find((thing) => thing !== names.thing(device));
  if (foreign !== undefined) {
    return problem(device, `${label} is attached to the thing "${foreign}"; detach or revoke it there`);
  }
  const hasPolicy = policies.includes(names.policy(device));
  const missing = [...(things.length === 0 ? ['its thing'] : []), ...(hasPolicy ? [] : ['its policy'])].join(' and ');
  if (missing === '') return undefined;
  // Otherwise something else is said about it.
  const belongs =
    board !== undefined &&
    deployed &&
    !revoked &&
    policyTargets !== undefined &&
    (holding.enrols === true || isRecorded(certificate, holding));
  if (!belongs) return undefined;
  return problem(device, `${label} is ACTIVE, but not attached to ${missing}`, {
    text: `attach ${label} to ${missing}`,
    apply: async () => {
      if (!hasPolicy) await attachPolicy(names.policy(device), certificate.arn);
      if (things.length === 0) await attachThing(names.thing(device), certificate.arn);
    },
  });
}

/** Attached by someone, or left behind when the record of its identity was deleted. */
function strangerFinding(certificate: Certificate, holding: Holding): Finding | undefined {
  const { device, identities, deployedCertificateIds, enrols, abandoned } = holding;
  // Of one that is deployed, it is the record that is missing, which is said as well.
  const isOurs = isRecorded(certificate, holding) || deployedCertificateIds.includes(certificate.id);
  if (identities.length === 0 || isOurs) return undefined;
  // What was made since then is somebody else's: a device whose board makes no key is admitted none.
  if (!enrols && (certificate.created?.getTime() ?? Infinity) < (abandoned.enrolment ?? 0)) {
    const label = `certificate ${shortId(certificate)} of ${device}`;
    const text = `${label} is left of its enrolment, and its board is to make no key any more`;
    const apply = () => removeCertificate(certificate, holding, undefined);
    return problem(device, text, { text: `delete ${label}`, apply });
  }
  return problem(
    device,
    `certificate ${shortId(certificate)} is ACTIVE and attached to ${device}, but in none of its identities; ` +
      `unless you know who uses it: aws iot update-certificate --certificate-id ${certificate.id} --new-status INACTIVE`,
  );
}

function expiryFinding(certificate: Certificate, { device, enrols }: Holding): Finding | undefined {
  const expires = certificate.expires?.getTime() ?? Infinity;
  if (expires > Date.now() + EXPIRES_SOON_MS) return undefined;
  const expiry = `${expires > Date.now() ? 'expires' : 'has expired'} on ${formatDay(expires)}`;
  const way = `bin/fleet ${enrols ? 'enrol' : 'rotate'} ${device}`;
  return problem(device, `certificate ${shortId(certificate)} of ${device} ${expiry}; for a new one: ${way}`);
}

function isRecorded({ id }: Certificate, { identities }: Holding): boolean {
  return identities.some(({ certificate }) => certificate?.certificateId === id);
}
