import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  DescribeCertificateCommand,
  paginateListCertificates,
  paginateListPrincipalThings,
  paginateListThingPrincipals,
  ResourceNotFoundException,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { policyName, thingName } from '../../lib/fleet/names.ts';
import { iot } from './iot-client.ts';

/** A certificate as AWS IoT has it. */
export interface Certificate {
  readonly id: string;
  readonly arn: string;
  /** ACTIVE, INACTIVE, REVOKED, … */
  readonly status: string;
  readonly created: Date | undefined;
  /** When it stops to be valid. */
  readonly expires: Date | undefined;
  readonly pem: string;
}

/** How people see an id of 64 hexadecimal digits. */
export function shortId({ id }: Pick<Certificate, 'id'>): string {
  return id.slice(0, 8);
}

/** The certificates attached to a thing; undefined when there is no such thing. */
export async function certificatesOf(thingName: string): Promise<Certificate[] | undefined> {
  const certificates: Certificate[] = [];
  try {
    for await (const { principals = [] } of paginateListThingPrincipals({ client: iot }, { thingName })) {
      for (const principal of principals) {
        const [, id] = /:cert\/([0-9a-f]+)$/.exec(principal) ?? [];
        const certificate = id === undefined ? undefined : await findCertificate(id);
        if (certificate !== undefined) certificates.push(certificate);
      }
    }
    return certificates;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

export async function findCertificate(certificateId: string): Promise<Certificate | undefined> {
  try {
    const { certificateDescription } = await iot.send(new DescribeCertificateCommand({ certificateId }));
    const {
      certificateArn = '',
      certificatePem = '',
      status = '',
      creationDate,
      validity,
    } = certificateDescription ?? {};
    return {
      id: certificateId,
      arn: certificateArn,
      status,
      created: creationDate,
      expires: validity?.notAfter,
      pem: certificatePem,
    };
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Every certificate of the account, with no more than the list says. */
export async function listCertificates(): Promise<Pick<Certificate, 'id' | 'status'>[]> {
  const found: Pick<Certificate, 'id' | 'status'>[] = [];
  for await (const { certificates = [] } of paginateListCertificates({ client: iot, pageSize: 250 }, {})) {
    for (const { certificateId: id = '', status = '' } of certificates) found.push({ id, status });
  }
  return found;
}

/** Attaches a certificate to a device's policy and, as the only thing it may ever have, to its thing. */
export async function attach({ arn }: Certificate, device: string): Promise<void> {
  await iot.send(new AttachPolicyCommand({ policyName: policyName(device), target: arn }));
  await iot.send(
    new AttachThingPrincipalCommand({
      thingName: thingName(device),
      principal: arn,
      thingPrincipalType: 'EXCLUSIVE_THING',
    }),
  );
}

/** The things a certificate is attached to. */
export async function thingsOf({ arn }: Pick<Certificate, 'arn'>): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const { things = [] } of paginateListPrincipalThings({ client: iot }, { principal: arn })) {
      found.push(...things);
    }
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error; // deleted in the meantime
  }
  return found;
}

/** Final: AWS IoT never takes REVOKED back. New connections are refused from now on; live ones go on for minutes. */
export async function revokeCertificate({ id }: Certificate): Promise<void> {
  await iot.send(new UpdateCertificateCommand({ certificateId: id, newStatus: 'REVOKED' }));
}
