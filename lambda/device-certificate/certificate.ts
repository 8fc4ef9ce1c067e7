import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CertificateStateException,
  CreateCertificateFromCsrCommand,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  DescribeEndpointCommand,
  ListPrincipalThingsCommand,
  ResourceNotFoundException,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { iot } from './clients.ts';
import type { DeviceProperties } from './event.ts';

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

/** Another thing that a certificate is attached to: then it is not ours to touch. */
export async function foreignThingOf(certificate: Certificate, thingName: string): Promise<string | undefined> {
  return (await thingsOf(certificate)).find((thing) => thing !== thingName);
}

/** The things a certificate is attached to. Attachment is exclusive, so there is one at most. */
export async function thingsOf({ certificateArn }: Certificate): Promise<string[]> {
  try {
    const { things = [] } = await iot.send(new ListPrincipalThingsCommand({ principal: certificateArn }));
    return things;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return []; // another run has deleted it
    throw error;
  }
}

/** The host of the broker whose certificate Amazon Trust Services signed; the default is a legacy endpoint. */
export async function brokerEndpoint(): Promise<string> {
  const { endpointAddress } = await iot.send(new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' }));
  return present(endpointAddress);
}

/** What AWS IoT makes of a certificate signing request. */
export interface IssuedCertificate {
  readonly certificateId: string;
  readonly certificateArn: string;
  readonly certificatePem: string;
}

/** INACTIVE: until it is recorded and attached, nobody connects with it. The same request gives another one each time. */
export async function certify(certificateSigningRequest: string): Promise<IssuedCertificate> {
  const { certificateId, certificateArn, certificatePem } = await iot.send(
    new CreateCertificateFromCsrCommand({ certificateSigningRequest, setAsActive: false }),
  );
  return {
    certificateId: present(certificateId),
    certificateArn: present(certificateArn),
    certificatePem: present(certificatePem),
  };
}

/** Deletes a certificate that was made for nothing: INACTIVE and attached to nothing. */
export async function discard({ certificateId }: IssuedCertificate): Promise<void> {
  await iot.send(new DeleteCertificateCommand({ certificateId }));
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
  try {
    await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'REVOKED' }));
  } catch (error) {
    // Another run, or `fleet revoke`, may have been first.
    if (!(error instanceof CertificateStateException || error instanceof ResourceNotFoundException)) throw error;
    const now = await findCertificate(certificateId);
    if (now !== undefined && now.status !== 'REVOKED') throw error;
  }
}

/** The SDK types every member of a response as optional. */
function present(member: string | undefined): string {
  if (member === undefined) throw new Error('AWS IoT answered without a value it always gives');
  return member;
}
