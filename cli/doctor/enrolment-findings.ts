import { findCertificate, shortId } from '../../aws/certificates.ts';
import { enrolmentOf } from '../../aws/enrolments.ts';
import { readCertificate } from '../../aws/identities.ts';
import { policyNamesOf } from '../../aws/policies.ts';
import { wantedOf } from '../../lib/fleet/enrolment.ts';
import type { FleetNames } from '../../lib/fleet/names.ts';
import type { Finding } from './finding.ts';
import type { Holding } from './holdings.ts';

/** What is to be said about a device whose board makes its key: to have no certificate is right, until it has enrolled. */
export async function enrolmentFindings(holding: Holding): Promise<Finding[]> {
  const { names, device, board, enrols, revoked, deployed, underWay, certificates } = holding;
  if (!enrols || board === undefined || !deployed || underWay) return [];
  const note = (text: string): Finding => ({ device, kind: 'note', text });
  const enrolment = await enrolmentOf(names.thing(device));
  if (enrolment === undefined) return []; // which is said already
  const wanted = wantedOf(holding);
  if (enrolment.wants !== wanted) {
    const now = enrolment.wants === undefined ? 'does not say that its board enrols' : `says ${enrolment.wants}`;
    return [note(`the thing of ${device} ${now}, its fleet file ${wanted}; run: npx cdk deploy --all`)];
  }
  if (revoked) return [];
  const newest = enrolment.has?.certificateId;
  const others = certificates.filter(({ id, status }) => status === 'ACTIVE' && newest !== undefined && id !== newest);
  if (certificates.length > 0 && (enrolment.has?.generation ?? 0) < Number(wanted)) {
    const text = `${device} is to have a new key, which its board makes when it starts, or at once: bin/fleet rotate ${device}`;
    return [note(text)];
  }
  if (certificates.length > 0) {
    return others.map(({ id }) =>
      note(
        `certificate ${shortId({ id })} of ${device} works beside its newest one, ${shortId({ id: newest ?? '' })}; once its board ` +
          `has connected by that: aws iot update-certificate --certificate-id ${id} --new-status INACTIVE`,
      ),
    );
  }
  return [note(`${device} waits for its board; to let that enrol: bin/fleet enrol ${device}`)];
}

/** What keeps boards from enrolling. @param holdings of all devices */
export async function claimFindings(holdings: readonly Holding[], names: FleetNames): Promise<Finding[]> {
  if (!holdings.some(({ enrols, deployed }) => enrols && deployed)) return [];
  const problem = (text: string): Finding[] => [{ kind: 'problem', text: `no board can enrol: ${text}` }];
  const recorded = await readCertificate(names.claimPath);
  if (recorded === undefined) {
    return problem(`${names.enrolmentStack} is not deployed, or its claim is lost; run: npx cdk deploy --all`);
  }
  const { certificateId: id, certificateArn } = recorded;
  const claim = await findCertificate(id);
  if (claim?.status !== 'ACTIVE') {
    const state = claim === undefined ? 'gone' : claim.status;
    return problem(
      `the certificate of its claim is ${state}` +
        (state === 'INACTIVE'
          ? `; to let boards enrol: aws iot update-certificate --certificate-id ${id} --new-status ACTIVE`
          : `; for a new one, delete ${names.enrolmentStack} and run: npx cdk deploy --all`),
    );
  }
  return (await policyNamesOf(certificateArn)).includes(names.claim)
    ? []
    : problem(`the policy ${names.claim} is not attached to the certificate of its claim`);
}
