import {
  DescribeCertificateCommand,
  paginateListThingPrincipals,
  ResourceNotFoundException,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { iot } from './iot-client.ts';

/** A certificate as AWS IoT has it. */
export interface Certificate {
  readonly id: string;
  readonly arn: string;
  /** ACTIVE, INACTIVE, REVOKED, … */
  readonly status: string;
  readonly created: Date | undefined;
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
    const { certificateArn = '', status = '', creationDate } = certificateDescription ?? {};
    return { id: certificateId, arn: certificateArn, status, created: creationDate };
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Final: AWS IoT never takes REVOKED back. New connections are refused from now on; live ones go on for minutes. */
export async function revokeCertificate({ id }: Certificate): Promise<void> {
  await iot.send(new UpdateCertificateCommand({ certificateId: id, newStatus: 'REVOKED' }));
}
