import {
  DeleteCertificateCommand,
  DeleteConflictException,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  ResourceNotFoundException,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { policyName, thingName } from '../../lib/fleet/names.ts';
import { waitUntil } from '../wait-until.ts';
import { type Certificate, shortId, thingsOf } from './certificates.ts';
import { iot } from './iot-client.ts';
import { policyNamesOf } from './policies.ts';

/** AWS IoT refuses new connections with it from now on; live ones go on for minutes. It can become ACTIVE again. */
export async function deactivate({ id, status }: Certificate): Promise<void> {
  if (status !== 'ACTIVE') return;
  await unlessGone(iot.send(new UpdateCertificateCommand({ certificateId: id, newStatus: 'INACTIVE' })));
}

/**
 * Detaches a certificate from a device's policy and thing, and waits until AWS IoT shows it: that takes seconds.
 *
 * @throws {CliError} when it takes too long
 */
export async function detach(certificate: Certificate, device: string): Promise<void> {
  const { arn } = certificate;
  await unlessGone(iot.send(new DetachPolicyCommand({ policyName: policyName(device), target: arn })));
  await unlessGone(iot.send(new DetachThingPrincipalCommand({ thingName: thingName(device), principal: arn })));
  await waitUntil(`certificate ${shortId(certificate)} is detached from ${device}`, async () => {
    const [things, policies] = [await thingsOf(certificate), await policyNamesOf(arn)];
    return !things.includes(thingName(device)) && !policies.includes(policyName(device));
  });
}

/**
 * Deletes a certificate that is not ACTIVE and attached to nothing.
 *
 * @throws {CliError} when something is still attached to it after a while
 */
export async function deleteCertificate(certificate: Pick<Certificate, 'id'>): Promise<void> {
  await waitUntil(`certificate ${shortId(certificate)} is deleted, being attached to nothing`, async () => {
    try {
      await unlessGone(iot.send(new DeleteCertificateCommand({ certificateId: certificate.id })));
      return true;
    } catch (error) {
      // It may see an attachment that the lists do not show any more.
      if (error instanceof DeleteConflictException) return false;
      throw error;
    }
  });
}

/** What is gone already needs no second removal. */
async function unlessGone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
}
