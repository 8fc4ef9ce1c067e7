import type { CloudFormationCustomResourceUpdateEvent } from 'aws-lambda';
import { findCertificate, foreignThingOf, revoke } from '../../aws/certificates.ts';
import { isCertificateId, propertiesOf } from './event.ts';
import { isAsked } from './key.ts';

/**
 * Revokes, and changes nothing else. A rollback is an update as well, so what is REVOKED stays so, whichever way `revoked`
 * turns.
 *
 * @throws {Error} when another key is asked for: that is another generation
 */
export async function update(event: CloudFormationCustomResourceUpdateEvent): Promise<void> {
  const { PhysicalResourceId: id, ResourceProperties: now, OldResourceProperties: before } = event;
  const properties = propertiesOf(event);
  const asksForKey = ['keyType', 'csr'].some((name) => now[name] !== before[name]);
  if (!isCertificateId(id) || !(properties.revoked || asksForKey)) return;

  const certificate = await findCertificate(id);
  if (certificate === undefined) return; // gone is as good as REVOKED
  if (!properties.revoked) {
    if (isAsked(certificate.pem, properties)) return; // such as a rollback
    throw new Error(
      `the certificate of ${properties.device} is for another key, and a certificate never changes; take the change back ` +
        `and give it to a new generation: bin/fleet rotate ${properties.device}`,
    );
  }
  const foreign = await foreignThingOf(certificate, properties);
  if (foreign !== undefined) {
    throw new Error(`certificate ${id} belongs to the thing "${foreign}", not to "${properties.thingName}"`);
  }
  await revoke(certificate);
}
