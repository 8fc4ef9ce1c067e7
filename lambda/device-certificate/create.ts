import type { CloudFormationCustomResourceCreateEvent } from 'aws-lambda';
import { createPrivateKey } from 'node:crypto';
import { settlePolicies } from '../../aws/adoption.ts';
import {
  activate,
  attach,
  type Certificate,
  certify,
  deleteCertificate,
  findCertificate,
  foreignThingOf,
  type IssuedCertificate,
  revoke,
  shortId,
  thingsOf,
} from '../../aws/certificates.ts';
import {
  parameterName,
  readCertificate,
  type RecordedCertificate,
  storeCertificate,
  storeKey,
} from '../../aws/identities.ts';
import { certificateRequest, newPrivateKey } from '../../aws/new-key.ts';
import { policyNamesOf } from '../../aws/policies.ts';
import { enrolmentId } from '../../aws/stacks.ts';
import { type CertificateProperties, propertiesOf } from './event.ts';
import { standInName } from '../../lib/fleet/names.ts';
import { type PublicKey, publicKeyIn, publicKeyOf } from './key.ts';
import { removeIdentity } from './remove.ts';
import { persistently } from '../custom-resource/retry.ts';
import { ensureWanted, isTakenOver } from '../custom-resource/wanted.ts';

/** A certificate on its way. */
interface Draft extends Pick<Certificate, 'id' | 'arn' | 'status'> {
  /** This run has made and recorded it, and not an earlier one of the same event. */
  readonly isNew: boolean;
  /** Of a certificate that was there before: the policies that it had. */
  readonly found?: readonly string[];
}

/**
 * Makes the identity of a generation, or goes on where an earlier run of the same event stopped: key stored, certificate
 * made, recorded, attached, and only then activated.
 *
 * @param deadline when to give up waiting for AWS, in milliseconds since 1970
 * @param onCertificate told the id of the certificate once it is recorded, so that a failed creation can be cleaned up by it
 * @returns the id of the certificate, or of nothing for a device that enrols; undefined for a revoked one that never had one
 */
export async function create(
  event: CloudFormationCustomResourceCreateEvent,
  deadline: number,
  onCertificate: (certificateId: string) => void,
): Promise<string | undefined> {
  const properties = propertiesOf(event);
  if (properties.enrols) return enrolmentId(properties.device, event.RequestId); // made by nobody before the board asks
  await ensureWanted(event);
  if (properties.revoked) return revokeRecorded(properties);

  const { certificateId, policies: kept } = properties;
  const draft = await (certificateId === undefined
    ? recorded(properties, deadline)
    : takenOver(certificateId, properties, deadline));
  onCertificate(draft.id);
  // From now on a deletion finds what is recorded.
  await ensureWanted(event).catch(async (error: unknown) => {
    // The key is left to that deletion, or to a later creation, which may have it already.
    if (draft.isNew && !(await isTakenOver(event, draft.id)))
      await removeIdentity(draft.id, properties, deadline, ['certificate']);
    throw error;
  });
  if (draft.found !== undefined) {
    await settlePolicies(draft, properties, { found: draft.found, kept }, deadline);
    return draft.id;
  }
  await attach(draft, properties);
  if (draft.status !== 'ACTIVE') await activate(draft);
  return draft.id;
}

/** The certificate of the generation, once it is recorded. */
async function recorded(properties: CertificateProperties, deadline: number): Promise<Draft> {
  const { parameterPath, keyType, thingName, csr } = properties;
  if (csr !== undefined) {
    const earlier = await readCertificate(parameterPath);
    const publicKey = publicKeyIn(csr);
    return earlier ? adopt(earlier, publicKey, properties) : issue(csr, publicKey, properties, deadline);
  }
  const ours = newPrivateKey(keyType);
  const key = await storeKey(parameterPath, ours, deadline);
  const publicKey = publicKeyOf(key);
  const earlier = key === ours ? undefined : await readCertificate(parameterPath);
  if (earlier !== undefined) return adopt(earlier, publicKey, properties);
  if (createPrivateKey(key).asymmetricKeyType !== keyType) {
    throw new Error(
      `${parameterName(parameterPath, 'key')} has a key of another kind, which an earlier attempt has left; ` +
        'once this deployment is rolled back it is gone, so deploy again',
    );
  }
  return issue(await certificateRequest(key, thingName), publicKey, properties, deadline);
}

/**
 * A certificate that the board has already, once it is recorded what that had: from then on it can be given back.
 *
 * @throws {Error} when it is not the certificate of this device alone, or the broker refuses it
 */
async function takenOver(id: string, properties: CertificateProperties, deadline: number): Promise<Draft> {
  const { parameterPath, thingName, policies: kept } = properties;
  const refuse = (why: string) => new Error(`certificate ${shortId({ id })} ${why}; see: bin/fleet import`);
  const certificate = await findCertificate(id);
  if (certificate === undefined) throw refuse('does not exist in this account and region');
  if (certificate.status !== 'ACTIVE') throw refuse(`is ${certificate.status}`);
  const things = await thingsOf(certificate);
  if (!things.includes(thingName)) throw refuse(`is not attached to the thing "${thingName}"`);
  const foreign = things.find((thing) => thing !== thingName);
  if (foreign !== undefined) throw refuse(`is attached to the thing "${foreign}" as well`);

  const earlier = await readCertificate(parameterPath);
  const record = earlier ?? (await recordOf(certificate, properties));
  const unknown = kept.find((name) => !record.policies?.includes(name));
  if (unknown !== undefined) throw refuse(`has no policy "${unknown}" that it could keep`);
  const { certificateId, policies: found } = earlier ?? (await storeCertificate(parameterPath, record, deadline));
  if (certificateId !== id || found === undefined) {
    throw new Error(`${parameterName(parameterPath, 'certificate')} has another certificate; see: bin/fleet doctor`);
  }
  return { ...certificate, isNew: earlier === undefined, found };
}

/** What such a certificate is to get back. */
async function recordOf(
  { id, arn, pem }: Certificate,
  { policyName }: CertificateProperties,
): Promise<RecordedCertificate> {
  const ours = [policyName, standInName(policyName)];
  const policies = (await policyNamesOf(arn)).filter((name) => !ours.includes(name)).sort();
  return { certificateId: id, certificateArn: arn, certificatePem: pem, policies };
}

async function issue(
  request: string,
  publicKey: PublicKey,
  properties: CertificateProperties,
  deadline: number,
): Promise<Draft> {
  const issued = await certify(request);
  // Whoever began anew here, being throttled, would leave a certificate behind each time.
  const storing = persistently({ deadline }, () => storeCertificate(properties.parameterPath, issued, deadline));
  const counts = await storing.catch(async (error: unknown) => {
    // Nothing says whose it is. Should that fail as well, it stays behind INACTIVE and attached to nothing.
    await discard(issued, deadline).catch(() => undefined);
    throw error;
  });
  if (counts.certificateId === issued.certificateId) {
    return { id: issued.certificateId, arn: issued.certificateArn, status: 'INACTIVE', isNew: true };
  }
  await discard(issued, deadline); // another run was first
  return adopt(counts, publicKey, properties);
}

const discard = ({ certificateId }: IssuedCertificate, deadline: number): Promise<void> =>
  persistently({ deadline }, () => deleteCertificate({ id: certificateId }, deadline));

/** @throws {Error} when what an earlier run has recorded cannot become the identity of the device */
async function adopt(
  { certificateId }: IssuedCertificate,
  publicKey: PublicKey,
  properties: CertificateProperties,
): Promise<Draft> {
  const { parameterPath } = properties;
  const refuse = (why: string) =>
    new Error(
      `the certificate recorded in ${parameterName(parameterPath, 'certificate')} ${why}; ` +
        'once this deployment is rolled back it is gone, and the next one makes a new certificate',
    );
  const certificate = await findCertificate(certificateId);
  if (certificate === undefined) throw refuse('has been deleted');
  if (certificate.status === 'REVOKED') throw refuse('is REVOKED, which is final');
  const foreign = await foreignThingOf(certificate, properties);
  if (foreign !== undefined) throw refuse(`belongs to the thing "${foreign}"`);
  // A run of a creation that was given up can have recorded it after its key was deleted.
  if (Buffer.compare(publicKeyOf(certificate.pem), publicKey) !== 0) throw refuse('is for another key');
  return { ...certificate, isNew: false };
}

/** A revoked device gets no certificate; what it had before, or an earlier run has made of one, is REVOKED. */
async function revokeRecorded(properties: CertificateProperties): Promise<string | undefined> {
  const id = properties.certificateId ?? (await readCertificate(properties.parameterPath))?.certificateId;
  const certificate = id === undefined ? undefined : await findCertificate(id);
  if (certificate === undefined) return undefined;
  const foreign = await foreignThingOf(certificate, properties);
  if (foreign !== undefined)
    throw new Error(`certificate ${shortId(certificate)} belongs to the thing "${foreign}" as well`);
  await revoke(certificate);
  return certificate.id;
}
