import { type Certificate, findCertificate } from '../../aws/certificates.ts';
import type { StoredIdentity } from '../../aws/identities.ts';
import type { Generation } from '../../lib/fleet/generations.ts';

/** These certificates, and those that a device's stored identities name beside them. */
export async function withRecorded(
  attached: readonly Certificate[],
  identities: readonly StoredIdentity[],
): Promise<Certificate[]> {
  const certificates = [...attached];
  for (const { certificate: recorded } of identities) {
    if (recorded === undefined || certificates.some(({ id }) => id === recorded.certificateId)) continue;
    const certificate = await findCertificate(recorded.certificateId);
    if (certificate !== undefined) certificates.push(certificate);
  }
  return certificates;
}

/** What is known of the identities of a device that is deployed. */
export interface Identities {
  /** Of the fleet file. */
  readonly generations: readonly Pick<Generation, 'number'>[];
  readonly identities: readonly StoredIdentity[];
  /** Attached to its thing, and what is stored. */
  readonly certificates: readonly Certificate[];
  /** The certificates that the stack of its site has. */
  readonly deployedCertificateIds: readonly string[];
}

/** Certificates of the device that the stack has, but of which nothing is stored (any more). */
export function forgotten({ identities, certificates, deployedCertificateIds }: Identities): Certificate[] {
  const isRecorded = (id: string) => identities.some(({ certificate }) => certificate?.certificateId === id);
  return certificates.filter(({ id }) => deployedCertificateIds.includes(id) && !isRecorded(id));
}

/** Whether a generation is in the fleet file alone. One that is stored nowhere may also have lost its record. */
export function isUndeployed({ number }: Pick<Generation, 'number'>, device: Identities): boolean {
  const { generations, identities, certificates, deployedCertificateIds } = device;
  const recorded = identities.filter(({ certificate }) => certificate !== undefined);
  if (recorded.some(({ generation }) => generation === number)) return false;
  if (recorded.length > 0) return forgotten(device).length === 0;
  const deployed = certificates.filter(({ id }) => deployedCertificateIds.includes(id));
  return generations.length > 1 && number === generations.at(-1)?.number && deployed.length < generations.length;
}
