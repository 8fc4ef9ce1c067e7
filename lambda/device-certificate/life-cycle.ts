import {
  activate,
  attach,
  type Certificate,
  brokerEndpoint,
  certify,
  findCertificate,
  revoke,
  thingsOf,
} from './certificate.ts';
import { removeCertificate } from './certificate-removal.ts';
import { type DeviceProperties, isCertificateId } from './event.ts';
import {
  deleteIdentity,
  type Identity,
  isIssued,
  type PendingIdentity,
  readIdentity,
  recordIdentity,
  storeKey,
} from './identity-store.ts';
import { newPrivateKey } from './key.ts';

/** What CloudFormation is told: ids only. */
export interface Result {
  readonly physicalId: string;
  /** None when the device has no certificate. */
  readonly certificateArn?: string;
}

/** Told the id of a certificate as soon as there is one, so that a failure can report what is to be cleaned up. */
export type OnCertificate = (certificateId: string) => void;

/**
 * Gives a device its identity, or goes on where an earlier attempt stopped: key stored, certificate made, recorded,
 * attached, activated. Each step finds what the steps before it left.
 */
export async function create(device: DeviceProperties, onCertificate: OnCertificate): Promise<Result> {
  const { parameterName, thingName, revoked } = device;
  const stored = await readIdentity(parameterName);
  if (revoked) return createRevoked(device, stored);

  const identity = stored ?? (await storeKey(parameterName, { thingName, privateKeyPem: newPrivateKey() }));
  const found = isIssued(identity) ? await findCertificate(identity.certificateId) : undefined;
  const certificate = found ?? (await issue(identity, parameterName, onCertificate));
  onCertificate(certificate.certificateId);
  if (certificate.status === 'REVOKED') {
    throw new Error(
      `the certificate recorded in ${parameterName} is REVOKED, which is final; ` +
        'once this deployment is rolled back it is gone, and the next one makes a new certificate',
    );
  }
  await attach(certificate, device);
  await activate(certificate);
  return resultFor(certificate);
}

async function issue(key: PendingIdentity, parameterName: string, onCertificate: OnCertificate): Promise<Certificate> {
  const identity = await certify(key, await brokerEndpoint());
  onCertificate(identity.certificateId);
  await recordIdentity(parameterName, identity);
  return { ...identity, status: 'INACTIVE' };
}

/** A device that starts out revoked gets no identity; what an earlier attempt left of one is revoked or discarded. */
async function createRevoked(
  device: DeviceProperties,
  stored: Identity | PendingIdentity | undefined,
): Promise<Result> {
  if (stored !== undefined && isIssued(stored)) return revokeCertificate(stored.certificateId, device);
  if (stored !== undefined) await deleteIdentity(device.parameterName);
  return { physicalId: `revoked-${device.device}` };
}

/**
 * Brings an existing resource to what the fleet file says now. A rollback is an update as well, so what is REVOKED
 * stays so, whichever way `revoked` turns. The physical id changes only when there was no certificate or it is gone.
 */
export async function update(
  physicalId: string,
  device: DeviceProperties,
  onCertificate: OnCertificate,
): Promise<Result> {
  if (!isCertificateId(physicalId)) return create(device, onCertificate);
  if (device.revoked) return revokeCertificate(physicalId, device);
  const certificate = await findCertificate(physicalId);
  return certificate?.status === 'REVOKED' ? resultFor(certificate) : create(device, onCertificate);
}

async function revokeCertificate(certificateId: string, { thingName }: DeviceProperties): Promise<Result> {
  const certificate = await findCertificate(certificateId);
  if (certificate === undefined) return { physicalId: certificateId };
  const foreign = (await thingsOf(certificate)).find((thing) => thing !== thingName);
  if (foreign !== undefined) {
    throw new Error(`certificate ${certificateId} belongs to the thing "${foreign}", not to "${thingName}"`);
  }
  await revoke(certificate);
  return resultFor(certificate);
}

function resultFor({ certificateId, certificateArn }: Certificate): Result {
  return { physicalId: certificateId, certificateArn };
}

/**
 * Removes a certificate and its identity. One that another thing has is left alone, and so is an identity that belongs
 * to another certificate.
 *
 * @param deadline when to give up waiting for AWS IoT, in milliseconds since 1970
 */
export async function remove(certificateId: string, device: DeviceProperties, deadline: number): Promise<void> {
  const certificate = await findCertificate(certificateId);
  if (certificate !== undefined) {
    const things = await thingsOf(certificate);
    if (things.some((thing) => thing !== device.thingName)) return;
    await removeCertificate(certificate, device, deadline);
  }
  const identity = await readIdentity(device.parameterName);
  if (identity !== undefined && isIssued(identity) && identity.certificateId === certificateId) {
    await deleteIdentity(device.parameterName);
  }
}
