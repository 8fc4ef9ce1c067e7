import 'reflect-metadata'; // before @peculiar/x509, which cannot be loaded without it
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { createPrivateKey, webcrypto } from 'node:crypto';
import type { KeyType } from '../lib/fleet/schema.ts';

/** Curve or modulus as AWS IoT and both chips take them. */
const ALGORITHMS = {
  ec: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa: {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  },
} as const;

/** A key made on this machine, and the request for a certificate that goes with it. */
export interface LocalKey {
  /** PKCS #8 in PEM. */
  readonly privateKeyPem: string;
  /** PKCS #10 in PEM; not secret. */
  readonly csr: string;
}

/** Makes a key on this machine. */
export async function makeLocalKey(keyType: KeyType, commonName: string): Promise<LocalKey> {
  const signingAlgorithm = ALGORITHMS[keyType];
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({ name: `CN=${commonName}`, keys, signingAlgorithm });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const privateKey = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    csr: `${request.toString('pem')}\n`,
  };
}
