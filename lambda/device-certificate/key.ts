import 'reflect-metadata'; // before @peculiar/x509, which cannot be loaded without it
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { createPublicKey, X509Certificate } from 'node:crypto';
import type { CertificateProperties } from './event.ts';

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
