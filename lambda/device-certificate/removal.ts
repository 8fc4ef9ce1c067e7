import { type Certificate, findCertificate, foreignThingOf } from './certificate.ts';
import { removeCertificate } from './certificate-removal.ts';
import { type Identity, isIssued, type PendingIdentity } from './identity.ts';
import type { Slot } from './identity-store.ts';
import type { Run } from './run.ts';

/**
 * Removes an identity: first its certificate, then the record, by which a later attempt finds what is left to do. What
 * someone gave to another thing stays as it is.
 */
export async function removeIdentity(slot: Slot, identity: Identity | PendingIdentity, run: Run): Promise<void> {
  const certificate = isIssued(identity) ? await findCertificate(identity.certificateId) : undefined;
  if (certificate === undefined || (await removeOwnCertificate(certificate, run))) await run.store.delete(slot);
}

/** @returns false when the certificate is another thing's, and stays */
export async function removeOwnCertificate(certificate: Certificate, { device, deadline }: Run): Promise<boolean> {
  if ((await foreignThingOf(certificate, device.thingName)) !== undefined) return false;
  await removeCertificate(certificate, device, deadline);
  return true;
}
