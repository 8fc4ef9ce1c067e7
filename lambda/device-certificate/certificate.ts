import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateCertificateFromCsrCommand,
  DescribeCertificateCommand,
  DescribeEndpointCommand,
  ListPrincipalThingsCommand,
  ResourceNotFoundException,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { iot } from './clients.ts';
import type { DeviceProperties } from './event.ts';
import type { Identity, PendingIdentity } from './identity-store.ts';
import { certificateRequest } from './key.ts';

/** A certificate as AWS IoT has it. */
export interface Certificate {
  readonly certificateId: string;
  readonly certificateArn: string;
  /** ACTIVE, INACTIVE, REVOKED, … */
  readonly status: string;
}

export async function findCertificate(certificateId: string): Promise<Certificate | undefined> {
  try {
    const { certificateDescription } = await iot.send(new DescribeCertificateCommand({ certificateId }));
    return {
      certificateId,
      certificateArn: present(certificateDescription?.certificateArn),
      status: present(certificateDescription?.status),
    };
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** The things a certificate is attached to. Attachment is exclusive, so there is one at most. */
export async function thingsOf({ certificateArn }: Certificate): Promise<string[]> {
  const { things = [] } = await iot.send(new ListPrincipalThingsCommand({ principal: certificateArn }));
  return things;
}

/** The host of the broker whose certificate Amazon Trust Services signed; the default is a legacy endpoint. */
export async function brokerEndpoint(): Promise<string> {
  const { endpointAddress } = await iot.send(new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' }));
  return present(endpointAddress);
}

/** Has a stored key certified. INACTIVE: until it is recorded and attached, nobody connects with it. */
export async function certify(key: PendingIdentity, endpoint: string): Promise<Identity> {
  const { certificateId, certificateArn, certificatePem } = await iot.send(
    new CreateCertificateFromCsrCommand({
      certificateSigningRequest: await certificateRequest(key.privateKeyPem, key.thingName),
      setAsActive: false,
    }),
  );
  return {
    ...key,
    certificateId: present(certificateId),
    certificateArn: present(certificateArn),
    certificatePem: present(certificatePem),
    endpoint,
  };
}

/** Attaches a certificate to its policy and, as the only thing it may ever have, to its thing. */
export async function attach({ certificateArn }: Certificate, device: DeviceProperties): Promise<void> {
  await iot.send(new AttachPolicyCommand({ policyName: device.policyName, target: certificateArn }));
  await iot.send(
    new AttachThingPrincipalCommand({
      thingName: device.thingName,
      principal: certificateArn,
      thingPrincipalType: 'EXCLUSIVE_THING',
    }),
  );
}

export async function activate({ certificateId, status }: Certificate): Promise<void> {
  if (status === 'ACTIVE') return;
  await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'ACTIVE' }));
}

/** Final: AWS IoT never takes REVOKED back. */
export async function revoke({ certificateId, status }: Certificate): Promise<void> {
  if (status === 'REVOKED') return;
  await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'REVOKED' }));
}

/** The SDK types every member of a response as optional. */
function present(member: string | undefined): string {
  if (member === undefined) throw new Error('AWS IoT answered without a value it always gives');
  return member;
}
