import { type Certificate, findCertificate, revoke, thingsOf } from './certificate.ts';
import { type DeviceProperties, isCertificateId } from './event.ts';
import { type Identity, isIssued, isUnused, type PendingIdentity } from './identity.ts';
import { IdentityStore, type Slot } from './identity-store.ts';
import { untilNotOvertaken } from './overtaken.ts';
import { removeIdentity, removeOwnCertificate } from './removal.ts';
import { revokeAll } from './revocation.ts';
import { ensureUnchanged, readRecorded, type Recorded, type Run } from './run.ts';
import { specificationOf } from './specification.ts';
import { enable, setAside, succeed } from './succession.ts';

/** What CloudFormation is told: ids only. */
export interface Result {
  readonly physicalId: string;
  /** None when the device has no certificate. */
  readonly certificateArn?: string;
}

/**
 * Gives a device its identity, or goes on where an earlier attempt stopped.
 *
 * @param deadline when to give up waiting for AWS, in milliseconds since 1970
 * @param onCertificate told the id of the certificate once it is recorded
 */
export async function create(
  device: DeviceProperties,
  deadline: number,
  onCertificate: Run['onCertificate'],
): Promise<Result> {
  const certificate = await settle(device, deadline, onCertificate);
  if (certificate?.status === 'REVOKED' && !device.revoked) {
    throw new Error(
      `the certificate recorded in ${device.parameterName} is REVOKED, which is final; ` +
        'once this deployment is rolled back it is gone, and the next one makes a new certificate',
    );
  }
  return resultFor(certificate, `revoked-${device.device}`);
}

/**
 * Brings an existing resource to what the fleet file says now. A rollback is an update as well, so what is REVOKED stays
 * so, whichever way `revoked` turns. The physical id changes with the certificate, and with nothing else.
 */
export async function update(physicalId: string, device: DeviceProperties, deadline: number): Promise<Result> {
  return resultFor(await settle(device, deadline, () => undefined, physicalId), physicalId);
}

function resultFor(certificate: Certificate | undefined, withoutOne: string): Result {
  if (certificate === undefined) return { physicalId: withoutOne };
  const { certificateId, certificateArn } = certificate;
  return { physicalId: certificateId, certificateArn };
}

function settle(
  device: DeviceProperties,
  deadline: number,
  onCertificate: Run['onCertificate'],
  physicalId = '',
): Promise<Certificate | undefined> {
  const run = { device, deadline, onCertificate, store: new IdentityStore(device.parameterName) };
  return untilNotOvertaken(deadline, () => settleOnce(run, physicalId));
}

/** @returns the certificate of the device; undefined when it is revoked and never had one */
async function settleOnce(run: Run, physicalId: string): Promise<Certificate | undefined> {
  const { device } = run;
  const recorded = await readRecorded(run);
  const { identity, previous } = recorded;
  if (device.revoked) await revokeAll(recorded, device);
  if (identity === undefined) {
    // Someone has deleted the record.
    const known = await certificateOf(device, physicalId);
    if (known !== undefined && (device.revoked || known.status === 'REVOKED')) {
      await revoke(known);
      return known;
    }
    if (device.revoked) {
      if (recorded.draft) await removeIdentity('next', recorded.draft.identity, run);
      return undefined;
    }
  }

  const spec = await specificationOf(device);
  const current = identity && (await findCertificate(identity.certificateId));
  const isWanted = identity?.spec === spec && (current !== undefined || device.revoked);
  const former = isWanted ? undefined : [recorded.draft?.identity, previous].find((one) => one?.spec === spec);
  if (former !== undefined && former === previous) refuseStale(physicalId, recorded, device);
  const certificate = former && isIssued(former) ? await findCertificate(former.certificateId) : undefined;
  const canReturn = certificate?.status === 'ACTIVE' || certificate?.status === 'REVOKED';
  // A revoked device gets no new certificate.
  if (identity !== undefined && (isWanted || (device.revoked && !canReturn))) {
    if (!isWanted) await ensureUnchanged(recorded, run);
    run.onCertificate(identity.certificateId);
    if (current !== undefined) await enable(current, device);
    await tidy({ ...recorded, identity }, run);
    return current ?? { ...identity, status: 'REVOKED' }; // gone is as good as REVOKED
  }
  return succeed({ ...recorded, current, spec, canReturn }, run);
}

/**
 * Only a rollback, or a change of mind, goes back to the identity before, and CloudFormation then has one of the two. An
 * event that knows neither was delivered again, long after the deployments that followed it: what it wants would take the
 * identity away that the board has by now.
 */
function refuseStale(physicalId: string, { identity, previous }: Recorded, { device }: DeviceProperties): void {
  const known = [identity?.certificateId, previous?.certificateId];
  if (identity === undefined || known.includes(physicalId)) return;
  throw new Error(
    `${device} had this identity before its current one, which stays; for a new one, raise its generation and deploy again`,
  );
}

/** Removes what attempts left that were given up. */
async function tidy(recorded: Recorded & { readonly identity: Identity }, run: Run): Promise<void> {
  const { identity, draft } = recorded;
  let { previous } = recorded;
  if (draft !== undefined) {
    previous = await setAside(draft.identity, recorded, run);
    await run.store.delete('next');
  }
  if (previous?.certificateId === identity.certificateId) {
    await run.store.delete('previous');
  } else if (previous !== undefined && isUnused(previous, identity)) {
    await removeIdentity('previous', previous, run);
  }
}

/**
 * Removes the device with all its identities, or what is left of one that has been replaced. What is another thing's is
 * left alone.
 */
export async function remove(certificateId: string, device: DeviceProperties, deadline: number): Promise<void> {
  const store = new IdentityStore(device.parameterName);
  const run = { device, deadline, store, onCertificate: () => undefined };
  const { identity, previous, draft } = await readRecorded(run);
  const has = (one: Identity | PendingIdentity | undefined): one is Identity =>
    one !== undefined && isIssued(one) && one.certificateId === certificateId;

  if (has(identity)) {
    if (draft !== undefined) await removeIdentity('next', draft.identity, run);
    if (previous !== undefined) await removeIdentity('previous', previous, run);
    // The last, by which a later attempt knows that it is about the whole device.
    await removeIdentity('identity', identity, run);
  } else if (has(previous)) {
    await removeReplaced('previous', previous, identity, run);
  } else if (has(draft?.identity)) {
    await removeReplaced('next', draft.identity, identity, run);
  } else {
    const certificate = await certificateOf(device, certificateId);
    if (certificate !== undefined) await removeOwnCertificate(certificate, run);
  }
}

/** An identity that still works is kept: the board may not have the new one yet. */
async function removeReplaced(slot: Slot, replaced: Identity, identity: Identity | undefined, run: Run): Promise<void> {
  const certificate = await findCertificate(replaced.certificateId);
  if (certificate?.status !== 'ACTIVE' || identity === undefined || isUnused(replaced, identity)) {
    await removeIdentity(slot, replaced, run);
  } else if (slot === 'previous') {
    // CloudFormation cleans up once a deployment has succeeded: from now on the board may have the new one.
    await run.store.write(slot, { ...replaced, replacedBy: identity.serial });
  }
}

/** A certificate that is not recorded, but attached to the device's thing. */
async function certificateOf({ thingName }: DeviceProperties, physicalId: string): Promise<Certificate | undefined> {
  const certificate = isCertificateId(physicalId) ? await findCertificate(physicalId) : undefined;
  return certificate && (await thingsOf(certificate)).includes(thingName) ? certificate : undefined;
}
