import 'reflect-metadata'; // before @peculiar/x509, which cannot be loaded without it
import * as x509 from '@peculiar/x509';
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { join } from 'node:path';

/** A certificate and its private key, in PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** The certificate authority and the devices of these tests: made once, since they are compiled into the firmware. */
export interface TestIdentities {
  readonly rsaRoot: KeyPair;
  readonly ecRoot: KeyPair;
  readonly ecDevice: KeyPair;
  readonly rsaDevice: KeyPair;
}

type KeyType = 'ec' | 'rsa';

const ALGORITHMS = {
  ec: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa: { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
} as const;

const DAY_MS = 86_400_000;
const ALWAYS = { from: new Date('2020-01-01'), to: new Date('2049-12-31') };

export async function testIdentities(folder: string): Promise<TestIdentities> {
  const file = join(folder, 'identities.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as TestIdentities;
  const rsaRoot = await makeRoot('rsa', 'Test Root 1');
  const ecRoot = await makeRoot('ec', 'Test Root 3');
  const identities: TestIdentities = {
    rsaRoot,
    ecRoot,
    ecDevice: await issue(rsaRoot, { keyType: 'ec', name: 'AWS IoT Certificate' }),
    rsaDevice: await issue(rsaRoot, { keyType: 'rsa', name: 'AWS IoT Certificate' }),
  };
  // Whoever is first made those of all test files.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(identities), { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  return JSON.parse(readFileSync(file, 'utf8')) as TestIdentities;
}

export interface Issue {
  /** @default 'ec' */
  readonly keyType?: KeyType;
  readonly name: string;
  /** The host name that it is for. @default none: a device */
  readonly host?: string;
  /** @default for decades */
  readonly valid?: { readonly from: Date; readonly to: Date };
}

export const daysFromNow = (days: number): Date => new Date(Date.now() + days * DAY_MS);

/** A certificate signed by a root, with a new key. */
export async function issue(root: KeyPair, { keyType = 'ec', name, host, valid = ALWAYS }: Issue): Promise<KeyPair> {
  const issuer = new x509.X509Certificate(root.certificate);
  const keys = await makeKeys(keyType);
  const algorithm = createPrivateKey(root.key).asymmetricKeyType === 'ec' ? ALGORITHMS.ec : ALGORITHMS.rsa;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: webcrypto.randomUUID().replaceAll('-', '').replace(/^./, '1'),
    subject: `CN=${name}`,
    issuer: issuer.subject,
    notBefore: valid.from,
    notAfter: valid.to,
    publicKey: keys.publicKey,
    signingKey: await importKey(root.key, algorithm),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      ...(host === undefined ? [] : [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }])]),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await exportKey(keys.privateKey) };
}

/** A root that calls itself like another. */
export async function makeRoot(keyType: KeyType, name: string): Promise<KeyPair> {
  const keys = await makeKeys(keyType);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=${name}`,
    notBefore: ALWAYS.from,
    notAfter: ALWAYS.to,
    keys,
    signingAlgorithm: ALGORITHMS[keyType],
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await exportKey(keys.privateKey) };
}

/** What somebody shows who saw the broker's certificate: the same names and dates, signed by its own key. */
export async function selfSignedCopy(of: KeyPair): Promise<KeyPair> {
  const original = new x509.X509Certificate(of.certificate);
  const keys = await makeKeys('ec');
  const copy = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: original.serialNumber,
    name: original.subject,
    notBefore: original.notBefore,
    notAfter: original.notAfter,
    keys,
    signingAlgorithm: ALGORITHMS.ec,
    extensions: original.extensions,
  });
  return { certificate: copy.toString('pem'), key: await exportKey(keys.privateKey) };
}

function makeKeys(type: KeyType): Promise<webcrypto.CryptoKeyPair> {
  return type === 'ec'
    ? webcrypto.subtle.generateKey(ALGORITHMS.ec, true, ['sign', 'verify'])
    : webcrypto.subtle.generateKey(ALGORITHMS.rsa, true, ['sign', 'verify']);
}

function importKey(pem: string, algorithm: (typeof ALGORITHMS)[KeyType]): Promise<webcrypto.CryptoKey> {
  const pkcs8 = new Uint8Array(x509.PemConverter.decodeFirst(pem));
  return webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}
