import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { deleteCertificate } from '../aws/certificate-removal.ts';
import { type Certificate, findCertificate, listCertificates, shortId, thingsOf } from '../aws/certificates.ts';
import { SLOTS } from '../aws/identity-records.ts';
import { policyNamesOf } from '../aws/policies.ts';
import { concurrently } from '../concurrently.ts';
import type { Finding } from './finding.ts';
import type { Holding } from './holdings.ts';

export interface Strays {
  readonly findings: readonly Finding[];
  /** How many certificates the account has that are none of the fleet's. */
  readonly others: number;
}

/**
 * Certificates that belong to no device although the fleet made them: when AWS IoT's answer is lost, a deployment asks
 * again and gets another certificate for the same key; the first stays INACTIVE and attached to nothing. Where its key is
 * gone as well, the name in its subject is a hint.
 */
export async function strayCertificates(holdings: readonly Holding[]): Promise<Strays> {
  const owned = new Set(holdings.flatMap(({ certificates }) => certificates.map(({ id }) => id)));
  const unowned = (await listCertificates()).filter(({ id }) => !owned.has(id));
  const deviceOfKey = new Map(holdings.flatMap((holding) => keysOf(holding).map((key) => [key, holding.device])));
  const devices = new Set(holdings.map(({ device }) => device));

  const candidates = unowned.filter(({ status }) => status === 'INACTIVE');
  const found = await concurrently(candidates, async ({ id }): Promise<Finding | undefined> => {
    const certificate = await findCertificate(id);
    const x509 = certificate && parsed(certificate.pem);
    if (certificate === undefined || x509 === undefined) return undefined;
    const device = deviceOfKey.get(textOf(x509.publicKey));
    const named = /^CN=(.*)$/m.exec(x509.subject)?.[1] ?? '';
    if (device === undefined && !devices.has(named)) return undefined;
    if (!(await isUnattached(certificate))) return undefined;
    return device === undefined ? namesake(certificate, named) : leftover(certificate, device);
  });
  const findings = found.filter((finding) => finding !== undefined);
  return { findings, others: unowned.length - findings.length };
}

function leftover(certificate: Certificate, device: string): Finding {
  return {
    device,
    kind: 'problem',
    text: `certificate ${shortId(certificate)} has a key of ${device}, but is INACTIVE and attached to nothing: a deployment lost it`,
    fix: {
      text: `delete certificate ${shortId(certificate)}`,
      apply: () => deleteCertificate(certificate),
    },
  };
}

function namesake({ id }: Certificate, device: string): Finding {
  return {
    device,
    kind: 'note',
    text:
      `certificate ${shortId({ id })} is made out to ${device}, but is INACTIVE and attached to nothing; ` +
      `if it is a deployment's that failed: aws iot delete-certificate --certificate-id ${id}`,
  };
}

async function isUnattached(certificate: Certificate): Promise<boolean> {
  const [things, policies] = await Promise.all([thingsOf(certificate), policyNamesOf(certificate.arn)]);
  return things.length === 0 && policies.length === 0;
}

/** The public keys of a device, as text that can be compared. */
function keysOf({ certificates, records }: Holding): string[] {
  const ofCertificates = certificates.map(({ pem }) => parsed(pem)?.publicKey);
  const ofRecords = SLOTS.map((slot) => publicKeyOf(records[slot]?.privateKeyPem ?? ''));
  return [...ofCertificates, ...ofRecords].filter((key) => key !== undefined).map(textOf);
}

function publicKeyOf(privateKeyPem: string): KeyObject | undefined {
  try {
    return createPublicKey(privateKeyPem);
  } catch {
    return undefined; // the device keeps its key
  }
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined; // of an algorithm that Node.js does not know, so none of ours
  }
}

function textOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}
