// Verified by hand: AWS's own package, @smithy/signature-v4, makes signatures for requests to be sent, and verifies none.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AwsError } from '../errors.ts';
import type { WireRequest } from './request.ts';

/** Who says to have signed a request, and for which service. */
export interface Signature {
  readonly accessKeyId: string;
  readonly region: string;
  /** Service of the credential scope. */
  readonly signingName: string;
  readonly sessionToken: string | undefined;
  /** Throws unless this secret key made the signature over this very request, within a quarter of an hour of now. */
  verify(secretAccessKey: string): void;
}

const MAX_SKEW_MS = 15 * 60 * 1000;
const ALGORITHM = 'AWS4-HMAC-SHA256';

const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const uriEncode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** Reads the Authorization header (IAM User Guide, "Signature Version 4"). Throws when there is none that can be read. */
export function readSignature(request: WireRequest): Signature {
  const header = request.headers.authorization;
  if (header === undefined)
    throw new AwsError('MissingAuthenticationToken', 'the request is not signed (no Authorization header)', 403);
  const parts = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(header);
  const [accessKeyId, date, region, signingName, terminator] = parts?.[1]?.split('/') ?? [];
  if (!parts || !accessKeyId || !date || !region || !signingName || terminator !== 'aws4_request')
    throw new AwsError('IncompleteSignature', `the Authorization header is not of the form ${ALGORITHM}`, 400);
  const signedHeaders = (parts[2] ?? '').split(';');
  return {
    accessKeyId,
    region,
    signingName,
    sessionToken: single(request.headers['x-amz-security-token']),
    verify(secretAccessKey) {
      for (const needed of mustBeSigned(request))
        if (!signedHeaders.includes(needed)) throw mismatch(`the header ${needed} is not signed`);
      const time = single(request.headers['x-amz-date']) ?? '';
      checkTime(time, date);
      checkBody(request, signingName);
      const scope = `${date}/${region}/${signingName}/aws4_request`;
      const canonical = canonicalRequest(request, signedHeaders, signingName);
      const toSign = [ALGORITHM, time, scope, sha256(canonical)].join('\n');
      const key = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, date), region), signingName), 'aws4_request');
      const expected = hmac(key, toSign);
      if (!timingSafeEqual(expected, Buffer.from(parts[3] ?? '', 'hex')))
        throw mismatch('the signature is not the one that this access key makes over this request');
    },
  };
}

const mismatch = (why: string): AwsError => new AwsError('SignatureDoesNotMatch', why, 403);
const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

// The host, the time and every header that steers what is done must be under the signature.
const mustBeSigned = (request: WireRequest): string[] => [
  'host',
  ...Object.keys(request.headers).filter((name) => name.startsWith('x-amz-') && name !== 'x-amz-user-agent'),
];

function checkTime(time: string, date: string): void {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time);
  if (!parts || !time.startsWith(date)) throw mismatch('x-amz-date is missing or not of the scope');
  const [, year, month, day, hour, minute, second] = parts;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Math.abs(at - Date.now()) > MAX_SKEW_MS)
    throw new AwsError('RequestTimeTooSkewed', 'the request was signed more than 15 minutes from now', 403);
}

// Only S3 may leave the body out of the signature, with a word of its own in the header.
function checkBody(request: WireRequest, signingName: string): void {
  const claimed = single(request.headers['x-amz-content-sha256']);
  if (claimed === undefined) return;
  if (signingName === 's3' && /^(UNSIGNED-PAYLOAD|STREAMING-UNSIGNED-PAYLOAD-TRAILER)$/.test(claimed)) return;
  if (claimed !== sha256(request.body)) throw mismatch('x-amz-content-sha256 is not the hash of the body');
}

function canonicalRequest(request: WireRequest, signedHeaders: readonly string[], signingName: string): string {
  // Every service but S3 encodes the path, already encoded on the wire, once more.
  const path = signingName === 's3' ? request.rawPath : request.rawPath.split('/').map(uriEncode).join('/');
  const query = [...request.query]
    .map(([name, value]) => [uriEncode(name), uriEncode(value)] as const)
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const headers = signedHeaders.map((name) => {
    const value = request.headers[name];
    return `${name}:${(Array.isArray(value) ? value.join(',') : (value ?? '')).trim().replace(/ +/g, ' ')}\n`;
  });
  const bodyHash = single(request.headers['x-amz-content-sha256']) ?? sha256(request.body);
  return [request.method, path === '' ? '/' : path, query, headers.join(''), signedHeaders.join(';'), bodyHash].join(
    '\n',
  );
}
