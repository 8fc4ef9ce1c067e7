import { removeCertificate } from '../../aws/certificates.ts';
import { findEnrolledDevice } from '../../aws/enrolled-device.ts';
import { type EnrolmentStore, ownCertificates } from '../../aws/enrolments.ts';
import { unlessGone } from '../../aws/gone.ts';
import { waitUntil } from '../../aws/wait.ts';
import { HAS, hasText } from '../../lib/fleet/enrolment.ts';
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
  const names = new FleetNames({ name: process.env.FLEET_NAME });
  await waitUntil(`nobody changes ${device} while its certificates are listed`, deadline, async () => {
    const found = await findEnrolledDevice(names, device);
    const { has, version } = found?.enrolment ?? {};
    if (found === undefined || has?.certificateId !== certificate) {
      console.log(JSON.stringify({ device, certificate, ignored: 'it is not the newest one that was admitted' }));
      return true;
    }
    const { holder, store } = found;
    const others = (await ownCertificates(holder.thingName, store)).filter(({ id }) => id !== certificate);
    if (others.length === 0) return true;
    if (!(await isStill(store, { [HAS]: hasText(has.generation, certificate) }, version))) return false;
    for (const other of others) {
      await removeCertificate(other, holder, deadline);
      console.log(JSON.stringify({ device, certificate, deleted: other.id }));
    }
    return true;
  });
}

/**
 * Whether that is still the version: one that was admitted meanwhile may be among the certificates that were listed, and its board
 * may use it already. AWS says of a write that it holds to the version, and not that a read shows what was just written.
 */
async function isStill(
  store: EnrolmentStore,
  values: Readonly<Record<string, string>>,
  version?: number,
): Promise<boolean> {
  const written = store.change(values, version).then(() => true);
  return (await unlessGone(written, (error) => CHANGED.has((error as Error).name))) ?? false;
}

/** What a write on condition of a version is answered where somebody has changed the device, or deleted it. */
const CHANGED: ReadonlySet<string> = new Set(['VersionConflictException', 'ResourceNotFoundException']);
