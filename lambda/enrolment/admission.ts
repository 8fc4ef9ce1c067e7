import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto';
import { type Certificate, deactivate, findCertificate, type Holder } from '../../aws/certificates.ts';
import { findEnrolledDevice } from '../../aws/enrolled-device.ts';
import type { KnownEnrolment } from '../../aws/enrolments.ts';
import { unlessGone } from '../../aws/gone.ts';
import { principalsOf } from '../../aws/things.ts';
import { CODE, type Code, codeHash, codeText, HAS, hasText, REVOKED } from '../../lib/fleet/enrolment.ts';
import { FleetNames, NAME_PATTERN } from '../../lib/fleet/names.ts';
import type { HookEvent } from './event.ts';

export type Admission = { readonly refused?: undefined; readonly holder: Holder } | { readonly refused: string };

const refused = (reason: string): Admission => ({ refused: reason });

/**
 * Admits a board that has the code of its device, or that is connected by the device's own certificate while the fleet file wants a
 * newer one. What is admitted is written down, on condition that nobody has changed the device meanwhile: of two that ask at
 * once with one code, one is admitted, and of a request and a revocation, the revocation wins.
 *
 * A board whose answer came late or never asks again with the same key. The new certificate then replaces the one before, of
 * which the board has nothing but the key: so not ever more of them work.
 *
 * @throws {VersionConflictException} to whoever was the second
 */
export async function admit(request: HookEvent & Required<Pick<HookEvent, 'parameters'>>): Promise<Admission> {
  const { parameters, certificateId, certificatePem } = request;
  const { device = '', code = '', ...others } = parameters;
  // Whether the values of a board or those of this function count, AWS does not say.
  const [other] = Object.keys(others);
  if (other !== undefined) return refused(`it gives the parameter ${JSON.stringify(other.slice(0, 64))}`);
  if (!NAME_PATTERN.test(device)) return refused('it gives no name of a device');
  const found = await findEnrolledDevice(new FleetNames({ name: process.env.FLEET_NAME }), device);
  const { wants } = found?.enrolment ?? {};
  if (found === undefined || wants === undefined) return refused('there is no such device whose board makes its key');
  const { holder, store, enrolment, isTaken } = found;
  if (wants === REVOKED) return refused('the device is revoked');
  if (isTaken) return refused('there is a thing of that name which no board of the device has brought about');

  const key = keyHash(certificatePem);
  const last = enrolment.has && (await findCertificate(enrolment.has.certificateId));
  const sameKey = last !== undefined && keyHash(last.pem) === key;
  const reason =
    code === '' ? await staysAsItIs(enrolment, holder, request, last, sameKey) : problemWith(code, enrolment.code, key);
  if (reason !== undefined) return refused(reason);
  if (sameKey && last.id !== certificateId) {
    // A request may arrive twice, the second time so late that the board uses what came after it.
    const asked = await findCertificate(certificateId);
    if (!isNewer(asked, last)) return refused('a newer certificate was admitted for the same key');
    await deactivate(last);
  }
  const used = code !== '' && enrolment.code !== undefined && { [CODE]: codeText({ ...enrolment.code, key }) };
  await store.change({ [HAS]: hasText(wants, certificateId), ...used }, enrolment.version);
  return { holder };
}

/** Why a code does not let its bearer in. It works once: for one key, whose board asks again when an answer was lost. */
function problemWith(code: string, known: Code | undefined, key: string): string | undefined {
  if (known === undefined) return 'nobody has made a code for the device';
  if (!timingSafeEqual(Buffer.from(codeHash(code)), Buffer.from(known.hash))) return 'the code is wrong';
  if (known.expires * 1_000 <= Date.now()) return 'the code has expired';
  return known.key === undefined || known.key === key ? undefined : 'the code was used by another key';
}

/** Why a board without a code gets no certificate beside the one that it has. */
async function staysAsItIs(
  { has, wants }: KnownEnrolment,
  { thingName }: Holder,
  { claimCertificateId }: HookEvent,
  last: Certificate | undefined,
  sameKey: boolean,
): Promise<string | undefined> {
  // The thing of a line is made when its board enrols.
  const principals = (await unlessGone(principalsOf(thingName))) ?? [];
  const attached = principals.map((arn) => arn.replace(/^.*:cert\//, ''));
  if (!attached.includes(claimCertificateId)) return 'it gives no code, and is not connected as the device';
  if (has === undefined || has.generation < Number(wants) || !attached.includes(has.certificateId)) return undefined;
  // The template stops where a call fails: that certificate never came to work, and AWS IoT deletes it in an hour.
  if (last?.status === 'PENDING_ACTIVATION' || (sameKey && last?.id !== claimCertificateId)) return undefined;
  return `the device has a certificate of generation ${has.generation}, and no newer one is wanted`;
}

const isNewer = (one: Certificate | undefined, other: Certificate): boolean =>
  (one?.created?.getTime() ?? 0) > (other.created?.getTime() ?? Infinity);

/** Tells the public keys of certificates apart: the first half of the SHA-256 of SubjectPublicKeyInfo. */
function keyHash(certificatePem: string): string {
  const key = new X509Certificate(certificatePem).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}
