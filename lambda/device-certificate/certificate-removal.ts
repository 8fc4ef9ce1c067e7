import {
  DeleteCertificateCommand,
  DeleteConflictException,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  paginateListTargetsForPolicy,
  ResourceNotFoundException,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { type Certificate, thingsOf } from './certificate.ts';
import { iot } from './clients.ts';
import type { DeviceProperties } from './event.ts';
import { waitUntil } from './wait.ts';

/**
 * Detaches a certificate, waits until that is seen, and deletes it. CloudFormation deletes the thing and the policy
 * next, which AWS IoT refuses while it still sees something attached to them.
 *
 * @param deadline when to give up waiting, in milliseconds since 1970
 */
export async function removeCertificate(
  certificate: Certificate,
  device: DeviceProperties,
  deadline: number,
): Promise<void> {
  const { certificateId, certificateArn, status } = certificate;
  await unlessGone(iot.send(new DetachPolicyCommand({ policyName: device.policyName, target: certificateArn })));
  await unlessGone(
    iot.send(new DetachThingPrincipalCommand({ thingName: device.thingName, principal: certificateArn })),
  );
  await waitUntil('the certificate is detached from its thing', deadline, async () => {
    return (await thingsOf(certificate)).length === 0;
  });
  await waitUntil('the certificate is detached from its policy', deadline, async () => {
    return !(await isTargetOf(device.policyName, certificateArn));
  });

  // Only an ACTIVE certificate cannot be deleted. A REVOKED one keeps that status to its end.
  if (status === 'ACTIVE') {
    await unlessGone(iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' })));
  }
  await waitUntil('the certificate can be deleted', deadline, async () => {
    try {
      await unlessGone(iot.send(new DeleteCertificateCommand({ certificateId })));
      return true;
    } catch (error) {
      // DeleteCertificate may see an attachment that the lists do not show any more.
      if (error instanceof DeleteConflictException) return false;
      throw error;
    }
  });
}

async function isTargetOf(policyName: string, certificateArn: string): Promise<boolean> {
  try {
    for await (const { targets = [] } of paginateListTargetsForPolicy({ client: iot }, { policyName })) {
      if (targets.includes(certificateArn)) return true;
    }
    return false;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false;
    throw error;
  }
}

/** What is gone already needs no second removal. */
async function unlessGone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
}
