import { type Certificate, findCertificate } from './aws/certificates.ts';
import { type IdentityRecords, issuedIn } from './aws/identity-records.ts';

/** These certificates, and those that a device's identities name beside them. */
export async function withRecorded(attached: readonly Certificate[], records: IdentityRecords): Promise<Certificate[]> {
  const certificates = [...attached];
  for (const { certificateId } of issuedIn(records)) {
    if (certificates.some(({ id }) => id === certificateId)) continue;
    const certificate = await findCertificate(certificateId);
    if (certificate !== undefined) certificates.push(certificate);
  }
  return certificates;
}
