import { CertificationRequest } from '@peculiar/asn1-csr';
import { AsnConvert } from '@peculiar/asn1-schema';
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { FleetFileError } from './fleet-file-error.ts';
import { unlessItThrows } from './unless-it-throws.ts';

/** The hash of the signatures that AWS IoT takes, by their object identifier (RFC 8017, RFC 5758). */
const HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
};

/** id-ecPublicKey (RFC 5480). */
const EC_PUBLIC_KEY = '1.2.840.10045.2.1';

/** The tag of an object identifier in DER. */
const OBJECT_IDENTIFIER = 0x06;

/** P-256, P-384 and P-521, by the names that OpenSSL has for them. */
const CURVES = ['prime256v1', 'secp384r1', 'secp521r1'];

/** Where a person wrote the path of a request. */
export interface Mention {
  readonly file: string;
  readonly line: number | undefined;
}

/** The certificate signing request of a device that keeps its own key. */
export interface CertificateRequest {
  /** As the fleet file has it: from the folder in which the command was started, which has cdk.json. */
  readonly path: string;
  /** PKCS #10 in PEM, and nothing else of what the file holds. */
  readonly pem: string;
  /** The public key: SubjectPublicKeyInfo in base64. */
  readonly publicKey: string;
}

/**
 * Reads a certificate signing request (PKCS #10 in PEM).
 *
 * @throws {FleetFileError} when it is missing, cannot be read, is not signed by its own key, or AWS IoT would refuse it
 * (API Reference, CreateCertificateFromCsr)
 */
export function readCertificateRequest(path: string, { file, line }: Mention): CertificateRequest {
  const refuse = (problem: string) => new FleetFileError(file, line, `csr ${JSON.stringify(path)} ${problem}`);
  const text = unlessItThrows(() => readFileSync(path, 'utf8'));
  if (text === undefined) {
    throw refuse('cannot be read; allowed: the path of a file, from the folder that has cdk.json');
  }
  if (text.includes('PRIVATE KEY-----')) {
    throw refuse('holds a private key, which stays with the device; allowed: its certificate signing request alone');
  }
  const der = derOf(text);
  const request = der && parse(der);
  if (der === undefined || request === undefined) {
    throw refuse('is no certificate signing request; allowed: one, in PEM (-----BEGIN CERTIFICATE REQUEST-----)');
  }
  if (!request.hasNamedCurve) {
    throw refuse('spells out the parameters of its curve; allowed: a curve by name, as OpenSSL writes it by itself');
  }
  if (!isStrong(request.publicKey)) {
    throw refuse('has a key that AWS IoT refuses; allowed: P-256, P-384, P-521, and RSA from 2048 bits');
  }
  if (request.hash === undefined) {
    throw refuse('has a signature that is not known; allowed: ECDSA or RSA (PKCS #1) with SHA-256, SHA-384 or SHA-512');
  }
  if (!verify(request.hash, request.signed, request.publicKey, request.signature)) {
    throw refuse('is not signed by the key it is for; make it anew');
  }
  const publicKey = request.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  return { path, pem: pemOf(der), publicKey };
}

/** OpenSSL may write the request in words above it. */
function derOf(text: string): Buffer | undefined {
  const blocks = [
    ...text.matchAll(
      /-----BEGIN (NEW )?CERTIFICATE REQUEST-----([\sA-Za-z0-9+/=]+)-----END \1CERTIFICATE REQUEST-----/g,
    ),
  ];
  const [, , base64] = blocks[0] ?? [];
  return blocks.length === 1 && base64 !== undefined ? Buffer.from(base64, 'base64') : undefined;
}

function pemOf(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE REQUEST-----', ...lines, '-----END CERTIFICATE REQUEST-----', ''].join('\n');
}

interface ParsedRequest {
  readonly publicKey: KeyObject;
  /** False when the parameters of an elliptic curve stand there one by one (RFC 5480, 2.1.1, forbids it). */
  readonly hasNamedCurve: boolean;
  readonly signed: Buffer;
  readonly signature: Buffer;
  /** Undefined when the algorithm of the signature is not one of those allowed. */
  readonly hash: string | undefined;
}

function parse(der: Buffer): ParsedRequest | undefined {
  try {
    const { certificationRequestInfo, certificationRequestInfoRaw, signature, signatureAlgorithm } = AsnConvert.parse(
      der,
      CertificationRequest,
    );
    if (certificationRequestInfoRaw === undefined) return undefined;
    const { subjectPKInfo } = certificationRequestInfo;
    const spki = Buffer.from(AsnConvert.serialize(subjectPKInfo));
    const { algorithm, parameters } = subjectPKInfo.algorithm;
    return {
      hasNamedCurve:
        algorithm !== EC_PUBLIC_KEY || new Uint8Array(parameters ?? new ArrayBuffer())[0] === OBJECT_IDENTIFIER,
      publicKey: createPublicKey({ key: spki, type: 'spki', format: 'der' }),
      signed: Buffer.from(certificationRequestInfoRaw),
      signature: Buffer.from(signature),
      hash: HASHES[signatureAlgorithm.algorithm],
    };
  } catch {
    return undefined;
  }
}

function isStrong({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  if (asymmetricKeyType === 'rsa') return (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
  return asymmetricKeyType === 'ec' && CURVES.includes(asymmetricKeyDetails?.namedCurve ?? '');
}
