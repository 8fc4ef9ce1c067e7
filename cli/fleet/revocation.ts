import { setTimeout } from 'node:timers/promises';
import { markRevoked } from '../../lib/fleet/edit.ts';
import { writeIntoList } from '../../lib/fleet/edit-list.ts';
import { REVOKED } from '../../lib/fleet/enrolment.ts';
import { type Certificate, certificatesOf, revoke as revokeCertificate, shortId } from '../../aws/certificates.ts';
import { certificatesOfEnrolment, refuseEnrolments } from '../../aws/enrolments.ts';
import { endConnection, isConnected } from '../aws/connection.ts';
import { type StoredIdentity, storedIdentities } from '../../aws/identities.ts';
import { CliError } from '../terminal/cli-error.ts';
import { storeOf } from './enrolment-store.ts';
import { withRecorded } from './recorded-certificates.ts';
import type { Revocable } from './revocable.ts';

/** How long a session may outlive its certificate before we say so. */
const PATIENCE_MS = 30_000;

/** Long enough for a board to try again. */
const PAUSE_MS = 500;

/** What cutting a device off for good would do. */
export interface Revocation {
  readonly target: Revocable;
  readonly certificates: readonly Certificate[];
  /** Its steps, for people, such as `end the session of garage-door`. */
  readonly plan: readonly string[];
}

/**
 * All that the device may use: what is attached to its thing, and what is stored of its generations. Whoever may not read
 * these, which have private keys in them, can revoke what is attached all the same: nothing else can connect.
 */
export async function revocationOf(target: Revocable): Promise<Revocation> {
  const { site, device, file } = target;
  const { names } = site;
  const attached = await attachedTo(target);
  const stored = storedIdentities(names, names.devicePath(site.name, device.name)).catch(
    (error: unknown): StoredIdentity[] => {
      if (attached.length > 0 && error instanceof Error && error.name === 'AccessDeniedException') return [];
      throw error;
    },
  );
  const certificates = await withRecorded(attached, await stored);
  const open = certificates.filter(({ status }) => status !== 'REVOKED');
  const plan = [
    ...(device.enrols ? [`let no board enrol as ${device.name}`] : []),
    ...open.map((certificate) => `revoke certificate ${shortId(certificate)} (${certificate.status})`),
    `end the session of ${device.name}`,
    ...(file === undefined
      ? [`change no fleet file, since none has ${device.name}`]
      : device.revoked
        ? []
        : [site.list === undefined ? `write "revoked: true" into ${file}` : `write into ${file} that it is revoked`]),
  ];
  return { target, certificates, plan };
}

/** Whether nothing is left to do: the fleet file, if one has it, says so, every certificate is REVOKED, and nobody is connected. */
export async function isCarriedOut({ target, certificates }: Revocation): Promise<boolean> {
  const { site, device, file } = target;
  if ((file !== undefined && !device.revoked) || certificates.some(({ status }) => status !== 'REVOKED')) return false;
  const thing = site.names.thing(device.name);
  if (device.enrols && (await storeOf(target).read())?.wants !== REVOKED) return false;
  return !(await isConnected(thing));
}

/** Of a device that enrols also what is about to be attached. */
async function attachedTo(target: Revocable): Promise<Certificate[]> {
  const { site, device } = target;
  const thing = site.names.thing(device.name);
  return (await (device.enrols ? certificatesOfEnrolment(thing, storeOf(target)) : certificatesOf(thing))) ?? [];
}

/**
 * Cuts the device off: certificates first, then its session, then the fleet file. Before all, nobody can get a new one by enrolment.
 *
 * @param done called with each step that is behind us
 * @param waiting given what takes a while
 * @param signal ends only that
 * @throws {CliError} when the session does not end; the certificates are REVOKED then, and the fleet file says so
 */
export async function carryOut(
  { target, certificates: found }: Revocation,
  done: (step: string) => Promise<void> | void,
  waiting: (work: Promise<void>) => Promise<void> = (work) => work,
  signal?: AbortSignal,
): Promise<void> {
  const { site, device, file } = target;
  const { name } = device;
  if (device.enrols) {
    await refuseEnrolments(storeOf(target));
    await done(`no board can enrol as ${name}`);
  }
  // Who was admitted before that, but after the question, may have one more.
  const certificates = device.enrols ? allOf(found, await attachedTo(target)) : found;
  if (certificates.length === 0) await done(`${name} has no certificate; the next deployment makes none`);
  for (const certificate of certificates) {
    await revokeCertificate(certificate);
    await done(`certificate ${shortId(certificate)} is REVOKED`);
  }
  try {
    await waiting(cutOff(site.names.thing(name), name, signal));
    await done(`${name} is not connected`);
  } finally {
    // The certificate stays REVOKED whatever becomes of the session, so the file has to say so.
    if (file === undefined) {
      await done(`no fleet file has ${name}, so none was changed`);
    } else {
      if (site.list === undefined) markRevoked(file, name);
      else writeIntoList(file, { [name]: { revoked: 'true' } });
      await done(`${file} says ${site.list === undefined ? 'revoked: true' : `that ${name} is revoked`}; commit it`);
    }
  }
}

function allOf(found: readonly Certificate[], now: readonly Certificate[]): Certificate[] {
  return [...found, ...now.filter(({ id }) => !found.some((one) => one.id === id))];
}

/**
 * Ends the session of a client, again where it came back before the revocation had spread: how long that takes, AWS
 * does not say.
 */
async function cutOff(clientId: string, device: string, signal: AbortSignal | undefined): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  do {
    await endConnection(clientId);
    const wasGone = !(await isConnected(clientId));
    await setTimeout(PAUSE_MS, undefined, { signal }).catch(() => undefined); // the loop looks at the signal
    if (wasGone && !(await isConnected(clientId))) return;
  } while (Date.now() < deadline && signal?.aborted !== true);
  const state =
    signal?.aborted === true
      ? 'was not seen to be cut off before you interrupted this'
      : `is still connected after ${PATIENCE_MS / 1_000} s`;
  throw new CliError(
    `the certificate is REVOKED, but ${device} ${state}; ` +
      `AWS IoT ends the session within minutes, or try again: bin/fleet revoke ${device}`,
  );
}
