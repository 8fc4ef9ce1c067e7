import { setTimeout } from 'node:timers/promises';
import { type Certificate, removeCertificate, revoke } from '../../aws/certificates.ts';
import {
  ADMITTED_MS,
  forgetEnrolment,
  noteAdmitted,
  ownCertificates,
  refuseEnrolments,
  thingStore,
} from '../../aws/enrolments.ts';
import { recordedCertificates } from '../../aws/identities.ts';
import { deleteStandIn, passStandIn } from '../../aws/stand-in.ts';
import { waitUntil } from '../../aws/wait.ts';
import type { CertificateProperties } from './event.ts';

/**
 * Revokes all that a device has got by enrolment, once nobody is admitted any more; and a moment later what has come of an
 * admission before that. When CloudFormation has updated the thing, nothing is written there any more of what was admitted.
 */
export async function revokeEnrolled(properties: CertificateProperties): Promise<void> {
  await refuseEnrolments(thingStore(properties.thingName));
  for (const certificate of await enrolled(properties)) await revoke(certificate);
  await setTimeout(ADMITTED_MS);
  for (const certificate of await enrolled(properties)) await revoke(certificate);
}

/**
 * Deletes all that a device has got by enrolment, once nobody is admitted any more: the device goes, or turns to another kind of
 * key. What a deployment has made for it stays.
 *
 * @param deadline in milliseconds since 1970
 * @throws {Error} when AWS IoT still sees a certificate attached then, see remove.ts
 */
export async function removeEnrolled(properties: CertificateProperties, deadline: number): Promise<void> {
  const { thingName, policyName } = properties;
  const store = thingStore(thingName);
  await refuseEnrolments(store);
  // Again until there is none: AWS IoT may still be attaching what was admitted before.
  await waitUntil(`what ${thingName} has got by enrolment is deleted`, deadline, async () => {
    const certificates = await enrolled(properties);
    for (const certificate of certificates) {
      // Once it is detached, only this tells a repetition that it is to be deleted. It is the first one of the list already.
      await noteAdmitted(store, certificate.id);
      await removeCertificate(certificate, properties, deadline, () => passStandIn(certificate, policyName, deadline));
    }
    return certificates.length === 0;
  });
  await deleteStandIn(policyName, deadline);
  await forgetEnrolment(thingName);
}

/** Of the certificates of a device those that no deployment has made. */
async function enrolled({ thingName, parameterPath }: CertificateProperties): Promise<Certificate[]> {
  const certificates = await ownCertificates(thingName, thingStore(thingName));
  if (certificates.length === 0) return [];
  const recorded = (await recordedCertificates(parameterPath)).map(({ certificateId }) => certificateId);
  return certificates.filter(({ id }) => !recorded.includes(id));
}
