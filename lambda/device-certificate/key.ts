import 'reflect-metadata'; // before @peculiar/x509, which cannot be loaded without it
import { Pkcs10CertificateRequest, Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { createPrivateKey, createPublicKey, generateKeyPairSync, webcrypto, X509Certificate } from 'node:crypto';
import type { KeyType } from '../../lib/fleet/schema.ts';
import type { CertificateProperties } from './event.ts';

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

/**
 * A new private key, as PKCS #8 in PEM. P-256 unless RSA is asked for: on an ESP8266, a TLS handshake costs a third of
 * what it does with RSA-2048.
 */
export function newPrivateKey(keyType: KeyType): string {
  const { privateKey } =
    keyType === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The certificate signing request (PKCS #10 in PEM) for a key that was made here. */
export async function certificateRequest(privateKeyPem: string, commonName: string): Promise<string> {
  const privateKey = createPrivateKey(privateKeyPem);
  const algorithm = privateKey.asymmetricKeyType === 'rsa' ? RSA : EC;
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: `CN=${commonName}`,
    keys: {
      privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
      publicKey: await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
    },
    signingAlgorithm: algorithm,
  });
  return request.toString('pem');
}

/** SubjectPublicKeyInfo in DER. */
export type PublicKey = Uint8Array;

/** Of a private key or a certificate in PEM. */
export function publicKeyOf(pem: string): PublicKey {
  const key = pem.startsWith('-----BEGIN CERTIFICATE') ? new X509Certificate(pem).publicKey : createPublicKey(pem);
  return key.export({ type: 'spki', format: 'der' });
}

export function publicKeyIn(csr: string): PublicKey {
  return new Uint8Array(new Pkcs10CertificateRequest(csr).publicKey.rawData);
}

/** Whether a certificate is for the key, or the kind of key, that is asked for. */
export function isAsked(certificatePem: string, { keyType, csr }: CertificateProperties): boolean {
  const { publicKey } = new X509Certificate(certificatePem);
  if (csr === undefined) return publicKey.asymmetricKeyType === keyType;
  return Buffer.compare(publicKeyOf(certificatePem), publicKeyIn(csr)) === 0;
}
