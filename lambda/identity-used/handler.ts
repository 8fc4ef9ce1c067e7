import { removeCertificate } from '../../aws/certificates.ts';
import { findEnrolledDevice } from '../../aws/enrolled-device.ts';
import { type KnownEnrolment, ownCertificates } from '../../aws/enrolments.ts';
import { FleetNames, NAME_PATTERN } from '../../lib/fleet/names.ts';

/** What the rule selects of the message by which a board says that it uses its new identity. */
export interface UsedEvent {
  /** From the topic, which is of this device alone. */
  readonly device?: string;
  /** By which the board is connected, as AWS IoT has it. */
  readonly certificate?: string;
}

/** Kept back from the time of the function, for its end. */
const RESERVE_MS = 5_000;

/**
 * Ends a rotation over the air: once a board is connected by the newest certificate that was admitted for its device, the others go.
 * Whatever else a board says changes nothing: the holder of an older certificate cannot take the newest one away. It can be
 * repeated, and AWS Lambda does so where it fails.
 */
export async function handler(
  { device = '', certificate = '' }: UsedEvent,
  { getRemainingTimeInMillis }: { readonly getRemainingTimeInMillis: () => number },
): Promise<void> {
  const deadline = Date.now() + getRemainingTimeInMillis() - RESERVE_MS;
  if (!NAME_PATTERN.test(device)) return;
  const found = await findEnrolledDevice(new FleetNames({ name: process.env.FLEET_NAME }), device);
  const isNewest = (enrolment: KnownEnrolment | undefined): boolean => {
    if (enrolment?.has?.certificateId === certificate) return true;
    console.log(JSON.stringify({ device, certificate, ignored: 'it is not the newest one that was admitted' }));
    return false;
  };
  if (!isNewest(found?.enrolment) || found === undefined) return;
  const { holder, store } = found;
  const own = await ownCertificates(holder.thingName, store);
  // Asked again once they are known: one that was admitted meanwhile may be among them, and its board may use it already.
  if (!isNewest(await store.read())) return;
  for (const other of own) {
    if (other.id === certificate) continue;
    await removeCertificate(other, holder, deadline);
    console.log(JSON.stringify({ device, certificate, deleted: other.id }));
  }
}
