import 'reflect-metadata';
import { createHash, createPublicKey, generateKeyPair, randomBytes, webcrypto } from 'node:crypto';
import { promisify } from 'node:util';
import * as x509 from '@peculiar/x509';
import type { Collection, State } from '../state/state.ts';
import { invalidRequest } from './names.ts';

/** A certificate that was just signed. */
export interface Issued {
  /** SHA-256 of the DER, in hex: what AWS takes as the certificate's id. */
  readonly id: string;
  readonly pem: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Certificate and private key of the broker, in PEM. */
export interface ServerIdentity {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

interface StoredRoot {
  readonly certificatePem: string;
  /** PKCS #8. It stands nowhere else. */
  readonly privateKey: Uint8Array;
}

const EC_KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;
const ROOT_NAME = 'O=esp-fleet, CN=esp-fleet local cloud root CA';
/** Subject and end of every certificate that AWS IoT makes from a CSR, whatever the CSR says. */
const DEVICE_NAME = 'CN=AWS IoT Certificate';
const END_OF_VALIDITY = new Date('2049-12-31T23:59:59Z');
/** The clock of a device that just started may be behind. */
const CLOCK_TOLERANCE_MS = 120_000;

/** Signs the certificates of devices and of the broker with a root of its own, made once. */
export class CertificateAuthority {
  readonly rootPem: string;
  readonly #root: x509.X509Certificate;
  readonly #signingKey: webcrypto.CryptoKey;

  private constructor(root: x509.X509Certificate, signingKey: webcrypto.CryptoKey) {
    this.#root = root;
    this.#signingKey = signingKey;
    this.rootPem = pemOf(root);
  }

  /** The root that the state holds, or a new one that it holds from now on. */
  static async open(state: State): Promise<CertificateAuthority> {
    const roots: Collection<StoredRoot> = state.collection('iot.certificate-authority');
    const stored = roots.get('root') ?? (await makeRoot());
    roots.set('root', stored);
    const key = await webcrypto.subtle.importKey('pkcs8', stored.privateKey, EC_KEY, false, ['sign']);
    return new CertificateAuthority(new x509.X509Certificate(stored.certificatePem), key);
  }

  /**
   * Makes a device's certificate. Throws InvalidRequest when the CSR is none, is not signed by its own key, or has a key other
   * than EC P-256, EC P-384 or RSA of at least 2,048 bits.
   */
  async certify(csrPem: string): Promise<Issued> {
    const csr = readCsr(csrPem);
    checkKey(csr.publicKey);
    if (!(await csr.verify().catch(() => false))) throw invalidRequest('the CSR is not signed by its own key');
    return this.#issue(csr.publicKey);
  }

  /** Makes a key of RSA-2048, as AWS IoT does, and its certificate. The private key stands nowhere else than in the answer. */
  async certifyNewKey(): Promise<{ issued: Issued; publicKeyPem: string; privateKeyPem: string }> {
    const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
    return {
      issued: await this.#issue(new x509.PublicKey(publicKey.export({ type: 'spki', format: 'der' }))),
      publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      privateKeyPem: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    };
  }

  async #issue(publicKey: x509.PublicKey): Promise<Issued> {
    const certificate = await this.#sign(publicKey, DEVICE_NAME, [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    ]);
    return {
      id: createHash('sha256').update(new Uint8Array(certificate.rawData)).digest('hex'),
      pem: pemOf(certificate),
      notBefore: certificate.notBefore,
      notAfter: certificate.notAfter,
    };
  }

  /**
   * Makes a new key and certificate for the broker on this machine.
   *
   * @param lan an address besides, as a name, too: boards give it as the name of the host, and TLS libraries for small chips
   * (BearSSL, Mbed TLS 2) compare that with names alone
   */
  async serverIdentity(lan?: string): Promise<ServerIdentity> {
    const keys = await makeKeys();
    const certificate = await this.#sign(keys.publicKey, 'CN=localhost', [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
        ...(lan === undefined
          ? []
          : ([
              { type: 'dns', value: lan },
              { type: 'ip', value: lan },
            ] as const)),
      ]),
    ]);
    const privateKey = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    return { certificatePem: pemOf(certificate), privateKeyPem: x509.PemConverter.encode(privateKey, 'PRIVATE KEY') };
  }

  async #sign(
    publicKey: x509.PublicKey | webcrypto.CryptoKey,
    subject: string,
    extensions: x509.Extension[],
  ): Promise<x509.X509Certificate> {
    return x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject,
      issuer: this.#root.subject,
      notBefore: new Date(Date.now() - CLOCK_TOLERANCE_MS),
      notAfter: END_OF_VALIDITY,
      publicKey,
      signingKey: this.#signingKey,
      signingAlgorithm: SIGNATURE,
      extensions: [
        ...extensions,
        await x509.AuthorityKeyIdentifierExtension.create(this.#root),
        await x509.SubjectKeyIdentifierExtension.create(publicKey),
      ],
    });
  }
}

const makeKeys = (): Promise<webcrypto.CryptoKeyPair> => webcrypto.subtle.generateKey(EC_KEY, true, ['sign', 'verify']);

async function makeRoot(): Promise<StoredRoot> {
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: ROOT_NAME,
    notBefore: new Date(Date.now() - CLOCK_TOLERANCE_MS),
    notAfter: END_OF_VALIDITY,
    keys,
    signingAlgorithm: SIGNATURE,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const privateKey = new Uint8Array(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return { certificatePem: pemOf(certificate), privateKey };
}

// 20 bytes, and positive (RFC 5280, 4.1.2.2).
const serialNumber = (): string => {
  const bytes = randomBytes(20);
  bytes[0] = (bytes[0] ?? 0) & 0x7f || 1;
  return bytes.toString('hex');
};

const pemOf = (certificate: x509.X509Certificate): string => `${certificate.toString('pem').trimEnd()}\n`;

function readCsr(pem: string): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(pem);
  } catch {
    throw invalidRequest('certificateSigningRequest is not a PKCS #10 request in PEM');
  }
}

function checkKey(publicKey: x509.PublicKey): void {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = readKey(publicKey);
  const allowed =
    type === 'ec'
      ? details?.namedCurve === 'prime256v1' || details?.namedCurve === 'secp384r1'
      : type === 'rsa' && (details?.modulusLength ?? 0) >= 2048;
  if (!allowed)
    throw invalidRequest(
      `the key of the CSR is ${type} ${details?.namedCurve ?? details?.modulusLength ?? ''}; ` +
        'allowed are EC P-256, EC P-384 and RSA of at least 2048 bits',
    );
}

function readKey(publicKey: x509.PublicKey): ReturnType<typeof createPublicKey> {
  try {
    return createPublicKey({ key: Buffer.from(publicKey.rawData), format: 'der', type: 'spki' });
  } catch {
    throw invalidRequest('the CSR holds no public key that can be read');
  }
}
