import { findCertificate, foreignThingOf, revoke } from './certificate.ts';
import type { DeviceProperties } from './event.ts';
import { isIssued } from './identity.ts';
import type { Recorded } from './run.ts';

/**
 * Sets every certificate of a device REVOKED, whichever of them its board has.
 *
 * @throws {Error} when one of them is another thing's, after the others are REVOKED
 */
export async function revokeAll(
  { identity, previous, draft }: Recorded,
  { thingName }: DeviceProperties,
): Promise<void> {
  const problems: string[] = [];
  for (const recorded of [identity, previous, draft?.identity]) {
    if (recorded === undefined || !isIssued(recorded)) continue;
    const certificate = await findCertificate(recorded.certificateId);
    const foreign = certificate && (await foreignThingOf(certificate, thingName));
    if (foreign !== undefined) {
      problems.push(`certificate ${recorded.certificateId} belongs to the thing "${foreign}", not to "${thingName}"`);
    } else if (certificate !== undefined) {
      await revoke(certificate);
    }
  }
  if (problems.length > 0) throw new Error(problems.join('; '));
}
