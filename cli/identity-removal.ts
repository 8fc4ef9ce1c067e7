import { thingName } from '../lib/fleet/names.ts';
import { deactivate, deleteCertificate, detach } from './aws/certificate-removal.ts';
import { type Certificate, shortId } from './aws/certificates.ts';
import { endConnection } from './aws/connection.ts';
import { deleteRecord, type Slot } from './aws/identity-records.ts';

type Done = (step: string) => Promise<void>;

/** An identity that is to go. */
export interface Obsolete {
  readonly site: string;
  readonly device: string;
  readonly slot: Slot;
  /** Undefined when it is gone already. */
  readonly certificate: Certificate | undefined;
}

/**
 * Takes a certificate away: it cannot connect any more, the session of the device ends (with another identity it connects
 * again by itself), and the certificate is deleted. Every step can be repeated.
 *
 * @param done told what has been done, step by step
 */
export async function removeCertificate(certificate: Certificate, device: string, done: Done): Promise<void> {
  const name = `certificate ${shortId(certificate)}`;
  await deactivate(certificate);
  await detach(certificate, device);
  await done(`${name} cannot connect any more: not ACTIVE, and detached from ${device}`);
  // Once that is seen, nobody slips back in with it.
  await endConnection(thingName(device));
  await done(`the session of ${device} has ended`);
  await deleteCertificate(certificate);
  await done(`${name} is deleted`);
}

/**
 * Takes an identity away: first its certificate, and last the record, by which a repetition knows what is left to do.
 *
 * @param done told what has been done, step by step
 */
export async function removeIdentity({ site, device, slot, certificate }: Obsolete, done: Done): Promise<void> {
  if (certificate !== undefined) await removeCertificate(certificate, device, done);
  await deleteRecord(site, device, slot);
  await done(`its record "${slot}" is deleted`);
}
