import { type Certificate, findCertificate, shortId } from '../../aws/certificates.ts';
import { thingStore } from '../../aws/enrolments.ts';
import { readCertificate } from '../../aws/identities.ts';
import { policyNamesOf } from '../../aws/policies.ts';
import { wantedOf } from '../../lib/fleet/enrolment.ts';
import type { FleetNames } from '../../lib/fleet/names.ts';
import { lastConnection } from '../aws/last-connection.ts';
import { type Finding, note, problem } from './finding.ts';
import type { Holding } from './holdings.ts';

/**
 * What is to be said about a device whose board makes its key: to have no certificate is right, until it has enrolled.
 *
 * @param table says by which certificate each device connected last; undefined where that is not known
 */
export async function enrolmentFindings(holding: Holding, table: string | undefined): Promise<Finding[]> {
  const { names, device, board, enrols, revoked, deployed, underWay, certificates } = holding;
  if (!enrols || board === undefined || !deployed || underWay) return [];
  const enrolment = await thingStore(names.thing(device)).read();
  if (enrolment === undefined) return []; // which is said already
  const wanted = wantedOf(holding);
  if (enrolment.wants !== wanted) {
    const now = enrolment.wants === undefined ? 'does not say that its board enrols' : `says ${enrolment.wants}`;
    return [note(device, `the thing of ${device} ${now}, its fleet file ${wanted}; run: npx cdk deploy --all`)];
  }
  if (revoked) return [];
  if (certificates.length === 0) {
    return [note(device, `${device} waits for its board; to let that enrol: bin/fleet enrol ${device}`)];
  }
  const { has } = enrolment;
  if (has === undefined || has.generation < Number(wanted)) {
    const text = 'is to have a new key, which its board makes when it starts, or at once';
    return [note(device, `${device} ${text}: bin/fleet rotate ${device}`)];
  }
  const others = certificates.filter(({ id, status }) => id !== has.certificateId && status !== 'PENDING_ACTIVATION');
  const last = table === undefined ? undefined : await lastConnection(table, names.thing(device));
  const isUnused = table !== undefined && last?.certificateId !== has.certificateId;
  return identityFindings(device, shortId({ id: has.certificateId }), others, isUnused).map((text) =>
    note(device, text),
  );
}

/**
 * What is to be said of a device that has the generation which is wanted.
 *
 * @param others its certificates beside the newest one
 * @param isUnused whether its board has not connected last by the newest one
 */
function identityFindings(device: string, newest: string, others: readonly Certificate[], isUnused: boolean): string[] {
  const working = others.filter(({ status }) => status === 'ACTIVE');
  const ended = others.filter((one) => !working.includes(one)).map((one) => `${shortId(one)} (${one.status})`);
  const said = working.map(
    ({ id }) =>
      `certificate ${shortId({ id })} of ${device} works beside its newest one, ${newest}; once its board ` +
      `has connected by that: aws iot update-certificate --certificate-id ${id} --new-status INACTIVE`,
  );
  // Then its older one is what the board works with, and must stay.
  const unused =
    `the board of ${device} has not connected yet by its newest certificate, ${newest}` +
    (working.length === 0
      ? `; if it stays away: bin/fleet enrol ${device}`
      : `, so ${working.map(shortId).join(' and ')} must stay; if it never does: bin/fleet rotate ${device}`);
  return [
    ...(isUnused ? [unused] : said),
    ...(ended.length > 0
      ? [
          `${device} has ended certificates, which the cloud deletes when its board uses another one: ${ended.join(', ')}`,
        ]
      : []),
  ];
}

/** What keeps boards from enrolling. @param isEnrolling whether any device is to be one whose board does */
export async function claimFindings(isEnrolling: boolean, names: FleetNames): Promise<Finding[]> {
  if (!isEnrolling) return [];
  const problems = (text: string) => [problem(undefined, `no board can enrol: ${text}`)];
  const recorded = await readCertificate(names.claimPath);
  if (recorded === undefined) {
    return problems(`${names.enrolmentStack} is not deployed, or its claim is lost; run: npx cdk deploy --all`);
  }
  const { certificateId: id, certificateArn } = recorded;
  const claim = await findCertificate(id);
  if (claim?.status !== 'ACTIVE') {
    const state = claim === undefined ? 'gone' : claim.status;
    return problems(
      `the certificate of its claim is ${state}` +
        (state === 'INACTIVE'
          ? `; to let boards enrol: aws iot update-certificate --certificate-id ${id} --new-status ACTIVE`
          : `; for a new one, delete ${names.enrolmentStack} and run: npx cdk deploy --all`),
    );
  }
  return (await policyNamesOf(certificateArn)).includes(names.claim)
    ? []
    : problems(`the policy ${names.claim} is not attached to the certificate of its claim`);
}
