import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import {
  type Certificate,
  deleteCertificate,
  findCertificate,
  listCertificates,
  shortId,
  thingsOf,
} from '../../aws/certificates.ts';
import { policyNamesOf } from '../../aws/policies.ts';
import { inAMinute } from '../../aws/wait.ts';
import { concurrently } from '../../aws/concurrently.ts';
import type { FleetNames } from '../../lib/fleet/names.ts';
import { unlessItThrows } from '../../lib/fleet/unless-it-throws.ts';
import { type Finding, note, problem } from './finding.ts';
import type { Holding } from './holdings.ts';

export interface Strays {
  readonly findings: readonly Finding[];
  /** How many certificates the account has that are of no fleet. */
  readonly others: number;
}

/** Why a certificate is taken for one of the fleet's. */
interface Kinship {
  readonly device: string;
  /** Its key is one of the device's, and not only its subject the device's name. */
  readonly hasKey: boolean;
}

/**
 * Certificates that belong to no device although the fleet made them: when AWS IoT's answer is lost, a deployment asks
 * again and gets another certificate for the same key; the first stays INACTIVE and attached to nothing. Where its key is
 * gone as well, since the deployment was rolled back, the name in its subject is a hint, and without that it may be
 * anybody's: it is named all the same.
 *
 * @param others ids of certificates that are the fleet's: those of devices of lists, and its claim
 * @param former names of devices that there were
 * @param elsewhere things of other fleets of the account, whose certificates are none of these
 */
export async function strayCertificates(
  holdings: readonly Holding[],
  others: readonly string[],
  former: readonly string[],
  elsewhere: readonly string[],
  names: FleetNames,
): Promise<Strays> {
  const owned = new Set([...holdings.flatMap(({ certificates }) => certificates.map(({ id }) => id)), ...others]);
  const unowned = (await listCertificates()).filter(({ id }) => !owned.has(id));
  const deviceOfKey = new Map(holdings.flatMap((holding) => keysOf(holding).map((key) => [key, holding.device])));
  const devices = new Set([...holdings.map(({ device }) => device), ...former]);

  const found = await concurrently(unowned, async ({ id }): Promise<Finding | 'elsewhere' | undefined> => {
    const certificate = await findCertificate(id);
    const x509 = certificate && parsed(certificate.pem);
    if (certificate === undefined || x509 === undefined) return undefined;
    const owner = deviceOfKey.get(textOf(x509.publicKey));
    const named = /^CN=(.*)$/m.exec(x509.subject)?.[1] ?? '';
    if (owner !== undefined) return findingFor(certificate, { device: owner, hasKey: true });
    const device = names.deviceOf(named);
    if (devices.has(device) && names.thing(device) === named) return findingFor(certificate, { device, hasKey: false });
    const isElsewhere =
      elsewhere.length > 0 && (await thingsOf(certificate)).some((thing) => elsewhere.includes(thing));
    return isElsewhere ? 'elsewhere' : idleFinding(certificate);
  });
  const findings = found.filter((finding) => typeof finding === 'object');
  return { findings, others: found.filter((finding) => finding === undefined).length };
}

async function findingFor(certificate: Certificate, { device, hasKey }: Kinship): Promise<Finding | undefined> {
  const { id, status } = certificate;
  const [things, policies] = [await thingsOf(certificate), await policyNamesOf(certificate.arn)];
  const isUsed = things.length + policies.length > 0;
  // Somebody's own certificate may bear the name of a device.
  if (isUsed && !hasKey) return undefined;
  const kinship = hasKey ? `has a key of ${device}` : `is made out to ${device}`;
  const text = `certificate ${shortId(certificate)} ${kinship}, but is ${status} and in none of its identities`;
  if (isUsed) {
    const users = [...things.map((one) => `the thing "${one}"`), ...policies.map((one) => `the policy "${one}"`)];
    return problem(device, `${text}; it is attached to ${users.join(' and ')}, see to it there`);
  }
  if (status === 'ACTIVE') {
    const command = `aws iot update-certificate --certificate-id ${id} --new-status INACTIVE`;
    return problem(device, `${text}, and attached to nothing; unless you know what it is for: ${command}`);
  }
  if (hasKey && status === 'INACTIVE') {
    const fix = `delete certificate ${shortId(certificate)}`;
    const apply = () => deleteCertificate(certificate, inAMinute());
    return problem(device, `${text}, and attached to nothing: a deployment lost it`, { text: fix, apply });
  }
  const command = `aws iot delete-certificate --certificate-id ${id}`;
  return note(device, `${text}, and attached to nothing; if it is left of a deployment that failed: ${command}`);
}

async function idleFinding(certificate: Certificate): Promise<Finding | undefined> {
  const { id, status, arn } = certificate;
  if (status !== 'INACTIVE' || (await thingsOf(certificate)).length + (await policyNamesOf(arn)).length > 0) {
    return undefined;
  }
  const text =
    `certificate ${shortId(certificate)} is of no device, INACTIVE and attached to nothing; if it is left of a ` +
    `deployment that failed: aws iot delete-certificate --certificate-id ${id}`;
  return note(undefined, text);
}

/** The public keys of a device, as text that can be compared. */
function keysOf({ certificates, identities }: Holding): string[] {
  const ofCertificates = certificates.map(({ pem }) => parsed(pem)?.publicKey);
  // Where a device keeps its key, there is none.
  const stored = identities.map(({ privateKeyPem = '' }) => unlessItThrows(() => createPublicKey(privateKeyPem)));
  return [...ofCertificates, ...stored].filter((key) => key !== undefined).map(textOf);
}

/** Undefined of an algorithm that Node.js does not know, so none of ours. */
const parsed = (pem: string): X509Certificate | undefined => unlessItThrows(() => new X509Certificate(pem));

function textOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}
