import 'reflect-metadata'; // before @peculiar/x509, which cannot be loaded without it
import { Pkcs10CertificateRequest, Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { createHash, createPrivateKey, createPublicKey, webcrypto } from 'node:crypto';

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

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

/**
 * SHA-256 of the DER of a device's own request, in hexadecimal.
 *
 * @throws {Error} when it cannot be read, or is not signed by the key it is for
 */
export async function fingerprintOf(csr: string): Promise<string> {
  const request = parse(csr);
  const isSigned = await request.verify().catch(() => false); // it throws at a key that is none
  if (!isSigned) throw new Error('the property csr is not signed by the key it is for');
  return createHash('sha256').update(Buffer.from(request.rawData)).digest('hex');
}

function parse(csr: string): Pkcs10CertificateRequest {
  try {
    return new Pkcs10CertificateRequest(csr);
  } catch {
    throw new Error('the property csr is no certificate signing request in PEM');
  }
}
