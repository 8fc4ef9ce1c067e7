import type { CloudFormationCustomResourceDeleteEvent } from 'aws-lambda';
import { giveBack } from '../../aws/adoption.ts';
import { findCertificate, foreignThingOf, removeCertificate } from '../../aws/certificates.ts';
import { deletePart, type Part, PARTS, readCertificate, UnreadableError } from '../../aws/identities.ts';
import { deleteStandIn, passStandIn } from '../../aws/stand-in.ts';
import { removeEnrolled } from './enrolled.ts';
import { type CertificateProperties, isCertificateId, propertiesOf } from './event.ts';
import { isUnderWay } from '../custom-resource/wanted.ts';
import { unlessItThrows } from '../../lib/fleet/unless-it-throws.ts';

/** Removes the identity of a generation. @param deadline in milliseconds since 1970 */
export async function remove(event: CloudFormationCustomResourceDeleteEvent, deadline: number): Promise<void> {
  const { PhysicalResourceId: id } = event;
  if (isCertificateId(id)) return removeIdentity(id, propertiesOf(event), deadline);
  const properties = unlessItThrows(() => propertiesOf(event)); // otherwise the creation has failed at them, and made nothing
  if (properties === undefined || !(await isUnderWay(event))) return;
  await (properties.enrols ? removeEnrolled : removeAbandoned)(properties, deadline);
}

/**
 * Removes a certificate, and then what is recorded of it, by which a repetition knows what is left to do. What is recorded of
 * another certificate stays, and so does what someone gave to another thing. A certificate that was there before is given
 * back, and never deleted.
 *
 * @param parts of what is recorded; by default all
 *
 * @throws {Error} when AWS IoT still sees the certificate attached at the deadline: CloudFormation deletes the thing and the
 * policy next, which AWS IoT refuses until then
 */
export async function removeIdentity(
  id: string,
  properties: CertificateProperties,
  deadline: number,
  parts: readonly Part[] = PARTS,
): Promise<void> {
  const { parameterPath, certificateId: existing } = properties;
  const recorded = await readCertificate(parameterPath).catch((error: unknown) => {
    if (!(error instanceof UnreadableError)) throw error; // that is for `fleet doctor`
    return undefined;
  });
  const isAdopted = id === existing || (recorded?.certificateId === id && recorded.policies !== undefined);
  const certificate = await findCertificate(id);
  const { policyName } = properties;
  if (certificate !== undefined && isAdopted) {
    const gone = await giveBack(certificate, recorded, properties, deadline);
    if (gone.length > 0) console.log(JSON.stringify({ certificate: id, couldNotGiveBack: gone }));
    await passStandIn(certificate, policyName, deadline);
  } else if (certificate !== undefined) {
    if ((await foreignThingOf(certificate, properties)) !== undefined) return;
    await removeCertificate(certificate, properties, deadline, () => passStandIn(certificate, policyName, deadline));
  }
  await deleteStandIn(policyName, deadline);
  if (recorded?.certificateId !== id) return;
  for (const part of parts) await deletePart(parameterPath, part);
}

/**
 * A creation that CloudFormation has given up is deleted under an id that no certificate gave: what it has recorded goes. It
 * sees that itself before it attaches anything, see create.ts.
 */
async function removeAbandoned(properties: CertificateProperties, deadline: number): Promise<void> {
  const recorded = await readCertificate(properties.parameterPath);
  if (recorded !== undefined) await removeIdentity(recorded.certificateId, properties, deadline);
  else await deletePart(properties.parameterPath, 'key');
}
