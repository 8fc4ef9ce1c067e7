import {
  AttachThingPrincipalCommand,
  CertificateStateException,
  CreateCertificateFromCsrCommand,
  DeleteCertificateCommand,
  DeleteConflictException,
  DescribeCertificateCommand,
  DetachThingPrincipalCommand,
  paginateListCertificates,
  paginateListPrincipalThings,
  ResourceNotFoundException,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { iot } from './clients.ts';
import { listed, unlessGone } from './gone.ts';
import { attachPolicy, detachPolicy } from './policies.ts';
import { principalsOf } from './things.ts';
import { waitUntil } from './wait.ts';

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
  /** Whether somebody else than AWS IoT has issued it, and the account only registered it. */
  readonly isForeign: boolean;
}

/** What a certificate of a device is attached to: both bear the name of the device. */
export interface Holder {
  readonly thingName: string;
  readonly policyName: string;
}

/** How people see an id of 64 hexadecimal digits. */
export function shortId({ id }: Pick<Certificate, 'id'>): string {
  return id.slice(0, 8);
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
  if (certificateId === undefined || certificateArn === undefined || certificatePem === undefined) {
    throw new Error('AWS IoT answered without a value it always gives');
  }
  return { certificateId, certificateArn, certificatePem };
}

export async function findCertificate(certificateId: string): Promise<Certificate | undefined> {
  const answer = await unlessGone(iot.send(new DescribeCertificateCommand({ certificateId })));
  if (answer === undefined) return undefined;
  const { certificateDescription: described = {} } = answer;
  return {
    id: certificateId,
    arn: described.certificateArn ?? '',
    status: described.status ?? '',
    created: described.creationDate,
    expires: described.validity?.notAfter,
    pem: described.certificatePem ?? '',
    isForeign: described.caCertificateId !== undefined || described.certificateMode === 'SNI_ONLY',
  };
}

/** The certificates attached to a thing; undefined when there is no such thing. */
export async function certificatesOf(thingName: string): Promise<Certificate[] | undefined> {
  const attached = await unlessGone(principalsOf(thingName));
  if (attached === undefined) return undefined;
  const certificates: Certificate[] = [];
  for (const principal of attached) {
    const [, id] = /:cert\/([0-9a-f]+)$/.exec(principal) ?? [];
    const certificate = id === undefined ? undefined : await findCertificate(id);
    if (certificate !== undefined) certificates.push(certificate);
  }
  return certificates;
}

/**
 * Every certificate of the account, with no more than the list says.
 *
 * @param onProgress told how many there are so far
 */
export async function listCertificates(
  onProgress: (count: number) => void = () => undefined,
): Promise<Pick<Certificate, 'id' | 'arn' | 'status' | 'created'>[]> {
  const found: Pick<Certificate, 'id' | 'arn' | 'status' | 'created'>[] = [];
  for await (const { certificates = [] } of paginateListCertificates({ client: iot, pageSize: 250 }, {})) {
    for (const { certificateId: id = '', certificateArn: arn = '', status = '', creationDate: created } of certificates)
      found.push({ id, arn, status, created });
    onProgress(found.length);
  }
  return found;
}

/** The things a certificate is attached to. Attachment is exclusive, so for one of ours there is one at most. */
export async function thingsOf({ arn }: Pick<Certificate, 'arn'>): Promise<string[]> {
  const pages = paginateListPrincipalThings({ client: iot }, { principal: arn });
  return (await unlessGone(listed(pages, ({ things }) => things))) ?? []; // deleted in the meantime
}

/** Another thing that a certificate is attached to: then it is not ours to touch. */
export async function foreignThingOf(
  certificate: Pick<Certificate, 'arn'>,
  { thingName }: Pick<Holder, 'thingName'>,
): Promise<string | undefined> {
  return (await thingsOf(certificate)).find((thing) => thing !== thingName);
}

/** Attaches a certificate to a device's policy and, as the only thing it may ever have, to its thing. */
export async function attach({ arn }: Pick<Certificate, 'arn'>, { policyName, thingName }: Holder): Promise<void> {
  await attachPolicy(policyName, arn);
  await attachThing(thingName, arn);
}

/** As the only thing that it may ever have. AWS IoT refuses it for one that is attached in the common way. */
export async function attachThing(thingName: string, principal: string): Promise<void> {
  await iot.send(new AttachThingPrincipalCommand({ thingName, principal, thingPrincipalType: 'EXCLUSIVE_THING' }));
}

/** Lets a certificate connect. AWS IoT refuses it for a REVOKED one. */
export async function activate({ id }: Pick<Certificate, 'id'>): Promise<void> {
  await iot.send(new UpdateCertificateCommand({ certificateId: id, newStatus: 'ACTIVE' }));
}

/** AWS IoT refuses new connections with it from now on; live ones go on for minutes. It can become ACTIVE again. */
export async function deactivate({ id, status }: Pick<Certificate, 'id' | 'status'>): Promise<void> {
  if (status !== 'ACTIVE') return;
  await unlessGone(iot.send(new UpdateCertificateCommand({ certificateId: id, newStatus: 'INACTIVE' })));
}

/** Final: AWS IoT never takes REVOKED back. New connections are refused from now on; live ones go on for minutes. */
export async function revoke({ id, status }: Pick<Certificate, 'id' | 'status'>): Promise<void> {
  if (status === 'REVOKED') return;
  try {
    await iot.send(new UpdateCertificateCommand({ certificateId: id, newStatus: 'REVOKED' }));
  } catch (error) {
    // Somebody else may have been first.
    if (!(error instanceof CertificateStateException || error instanceof ResourceNotFoundException)) throw error;
    const now = await findCertificate(id);
    if (now !== undefined && now.status !== 'REVOKED') throw error;
  }
}

/** Lets a certificate connect no more, and takes its policy and its thing away, which AWS IoT shows within seconds. */
export async function detach(
  certificate: Pick<Certificate, 'id' | 'arn' | 'status'>,
  { thingName, policyName }: Holder,
): Promise<void> {
  await deactivate(certificate);
  await detachPolicy(policyName, certificate.arn);
  await unlessGone(iot.send(new DetachThingPrincipalCommand({ thingName, principal: certificate.arn })));
}

/**
 * Takes a certificate away from a device: it cannot connect any more, is detached, seen to be detached, and deleted. Every
 * step can be repeated, and is, where somebody undoes it meanwhile.
 *
 * @param between called once it cannot connect any more and is detached, each time before its deletion is tried
 * @param deadline in milliseconds since 1970
 * @throws {Error} when AWS IoT still sees something attached to it then: it shows a change within seconds
 */
export async function removeCertificate(
  { id, arn, status }: Pick<Certificate, 'id' | 'arn' | 'status'>,
  holder: Holder,
  deadline: number,
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { thingName } = holder;
  let now = status;
  await waitUntil(`certificate ${shortId({ id })} is deleted`, deadline, async () => {
    await detach({ id, arn, status: now }, holder);
    await waitUntil(`certificate ${shortId({ id })} is detached from ${thingName}`, deadline, async () => {
      return !(await thingsOf({ arn })).includes(thingName);
    });
    await between();
    const refusal = await deletion(id);
    if (refusal === 'ACTIVE') now = refusal; // somebody has let it in again
    return refusal === undefined;
  });
}

/**
 * Deletes a certificate that is INACTIVE or REVOKED and attached to nothing.
 *
 * @param deadline in milliseconds since 1970
 * @throws {Error} when something is still attached to it then
 */
export async function deleteCertificate({ id }: Pick<Certificate, 'id'>, deadline: number): Promise<void> {
  const what = `certificate ${shortId({ id })} is deleted, being attached to nothing`;
  await waitUntil(what, deadline, async () => (await deletion(id)) === undefined);
}

/** @returns why AWS IoT does not delete it now; undefined once it is gone */
async function deletion(certificateId: string): Promise<'ACTIVE' | 'attached' | undefined> {
  try {
    await unlessGone(iot.send(new DeleteCertificateCommand({ certificateId })));
    return undefined;
  } catch (error) {
    if (error instanceof CertificateStateException) return 'ACTIVE';
    // It may see an attachment that the lists do not show any more.
    if (error instanceof DeleteConflictException) return 'attached';
    throw error;
  }
}
