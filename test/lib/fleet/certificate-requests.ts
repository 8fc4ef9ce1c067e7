import 'reflect-metadata'; // before @peculiar/x509, which cannot be loaded without it
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { webcrypto } from 'node:crypto';

const EXPONENT = new Uint8Array([1, 0, 1]);

/** A certificate signing request in PEM, as a device would make it. */
export async function newRequest(kind: 'P-256' | 'P-384' | 'P-521' | 'RSA' = 'P-256', bits = 2048, hash = 'SHA-256') {
  const signingAlgorithm =
    kind === 'RSA'
      ? { name: 'RSASSA-PKCS1-v1_5', modulusLength: bits, publicExponent: EXPONENT, hash }
      : { name: 'ECDSA', namedCurve: kind, hash };
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({ name: 'CN=shed', keys, signingAlgorithm });
  return request.toString('pem');
}

/** The same with one bit of the signature turned. */
export function forged(pem: string): string {
  const [, base64 = ''] = /-----\n([\s\S]+)\n-----/.exec(pem) ?? [];
  const der = Buffer.from(base64, 'base64');
  der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
  return pem.replace(base64, der.toString('base64'));
}
