import {
  activate,
  attach,
  brokerEndpoint,
  type Certificate,
  certify,
  discard,
  findCertificate,
} from './certificate.ts';
import { certificateRequest } from './certificate-request.ts';
import type { DeviceProperties } from './event.ts';
import { type Identity, isIssued, isUnused, nextSerial, type PendingIdentity } from './identity.ts';
import type { Draft } from './identity-store.ts';
import { newPrivateKey } from './key.ts';
import { Overtaken } from './overtaken.ts';
import { removeIdentity, removeOwnCertificate } from './removal.ts';
import { ensureUnchanged, type Recorded, type Run } from './run.ts';
import { generationOf } from './specification.ts';

/** What an event found, and what it wants instead. */
export interface Succession extends Recorded {
  /** The certificate of the current identity; undefined when it is gone. */
  readonly current: Certificate | undefined;
  /** What the new identity shall be, see specification.ts. */
  readonly spec: string;
  /** What is wanted has been the current identity before, and can be that again. */
  readonly canReturn: boolean;
}

/**
 * Puts another identity in the place of the current one: key stored, certificate made, recorded, attached, activated, and
 * only then is it the current one. The one before stays, and works on, in the slot `previous`.
 */
export async function succeed(succession: Succession, run: Run): Promise<Certificate> {
  const { identity, current, previous } = succession;
  const { device, store } = run;
  const draft = await draftOf(succession, run);
  const { heir, certificate } = (await issuedIn(draft)) ?? (await issue(draft, run));
  run.onCertificate(heir.certificateId);
  await enable(certificate, device);
  const gives = identity !== undefined && current !== undefined && identity.certificateId !== heir.certificateId;
  if (gives) await store.write('previous', identity);
  await store.write('identity', heir);
  await store.delete('next');
  if (!gives) {
    if (previous?.certificateId === heir.certificateId) await store.delete('previous');
  } else if (isUnused(identity, heir)) {
    // A rollback: what the failed deployment made goes.
    await removeIdentity('previous', identity, run);
  }
  return certificate;
}

/** Attaches and activates a certificate, unless it is REVOKED: that is final. */
export async function enable(certificate: Certificate, device: DeviceProperties): Promise<void> {
  if (certificate.status === 'REVOKED') return;
  await attach(certificate, device);
  await activate(certificate);
}

/**
 * Takes care of what an attempt left in the slot `next` that is not wanted now: nobody has it, or it was on its way back
 * from the slot `previous`.
 *
 * @returns what is in the slot `previous` afterwards
 */
export async function setAside(left: Identity | PendingIdentity, recorded: Recorded, run: Run) {
  const { identity, previous } = recorded;
  if (!isIssued(left) || left.certificateId === identity?.certificateId) return previous;
  if (!isUnused(left, identity)) {
    await run.store.write('previous', left);
    return left;
  }
  const certificate = await findCertificate(left.certificateId);
  if (certificate !== undefined) await removeOwnCertificate(certificate, run);
  return previous;
}

/** The draft of what is wanted: as an earlier attempt left it, or a new one. */
async function draftOf(succession: Succession, run: Run): Promise<Draft> {
  const { draft, spec } = succession;
  if (draft?.identity.spec === spec) return draft;
  const previous = draft ? await setAside(draft.identity, succession, run) : succession.previous;
  const written = await run.store.writeDraft(await heirOf({ ...succession, previous }, run), draft);
  // Another run may have got to its end, and have deleted its draft, since this one has looked.
  await ensureUnchanged(succession, run);
  return written;
}

async function heirOf(
  { identity, previous, canReturn, spec }: Succession,
  run: Run,
): Promise<Identity | PendingIdentity> {
  if (canReturn && previous?.spec === spec) return previous;
  // Its certificate is gone: the key gets another one.
  if (identity?.spec === spec) return identity;
  if (identity !== undefined) await makeRoom(previous, identity, run);
  const { thingName, csr, keyType } = run.device;
  return {
    thingName,
    spec,
    serial: nextSerial(identity, previous),
    ...(csr === undefined && { privateKeyPem: newPrivateKey(keyType) }),
  };
}

/** Frees the slot `previous`, except of an identity that a board may still be using. */
async function makeRoom(previous: Identity | undefined, identity: Identity, run: Run): Promise<void> {
  if (previous === undefined || previous.certificateId === identity.certificateId) return;
  const certificate = await findCertificate(previous.certificateId);
  if (certificate === undefined) return;
  if (certificate.status === 'ACTIVE' && !isUnused(previous, identity)) {
    const { device } = run.device;
    throw new Error(
      `${device} still has its identity of generation ${generationOf(previous.spec)} beside the current one; ` +
        `once its board uses the current one, run: npx fleet rotate ${device} --finish`,
    );
  }
  await removeOwnCertificate(certificate, run);
}

interface Issued {
  readonly heir: Identity;
  readonly certificate: Certificate;
}

async function issuedIn({ identity }: Draft): Promise<Issued | undefined> {
  const certificate = isIssued(identity) ? await findCertificate(identity.certificateId) : undefined;
  return isIssued(identity) && certificate ? { heir: identity, certificate } : undefined;
}

async function issue(draft: Draft, { device, store }: Run): Promise<Issued> {
  if (device.revoked) throw new Overtaken(); // by someone who has deleted the certificate
  const { thingName, privateKeyPem } = draft.identity;
  const request = privateKeyPem === undefined ? device.csr : await certificateRequest(privateKeyPem, thingName);
  if (request === undefined) throw new Error(`${device.parameterName} has no key; delete it and deploy again`);
  const endpoint = await brokerEndpoint();
  const issued = await certify(request);
  const heir = { ...draft.identity, ...issued, endpoint };
  try {
    await store.writeDraft(heir, draft);
  } catch (error) {
    // Nothing says whose it is. Should that fail as well, it stays behind INACTIVE and attached to nothing.
    await discard(issued).catch(() => undefined);
    throw error;
  }
  return { heir, certificate: { ...issued, status: 'INACTIVE' } };
}
