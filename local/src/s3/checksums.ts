import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AwsError } from '../errors.ts';

/** The checksums that a client may send along; what of S3's is missing here (CRC32C) is refused by name. */
export interface Checksums {
  readonly ContentMD5?: string | undefined;
  readonly ChecksumCRC32?: string | undefined;
  readonly ChecksumCRC64NVME?: string | undefined;
  readonly ChecksumSHA1?: string | undefined;
  readonly ChecksumSHA256?: string | undefined;
}

/** Base64 of the CRC-32 of the body: what is answered whatever checksum came with it. */
export function crc32Checksum(body: Uint8Array): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString('base64');
}

const hash =
  (algorithm: string) =>
  (body: Uint8Array): string =>
    createHash(algorithm).update(body).digest('base64');

const ALGORITHMS: Readonly<Record<keyof Checksums, (body: Uint8Array) => string>> = {
  ContentMD5: hash('md5'),
  ChecksumCRC32: crc32Checksum,
  ChecksumCRC64NVME: crc64NvmeChecksum,
  ChecksumSHA1: hash('sha1'),
  ChecksumSHA256: hash('sha256'),
};
export const CHECKSUMS = Object.keys(ALGORITHMS) as (keyof Checksums)[];

/** Throws BadDigest when a checksum that came with the body is not the body's. */
export function verifyChecksums(body: Uint8Array, claimed: Checksums): void {
  for (const name of CHECKSUMS)
    if (claimed[name] !== undefined && claimed[name] !== ALGORITHMS[name](body))
      throw new AwsError('BadDigest', `The ${name} you specified did not match what we received`);
}

/**
 * CRC-64/NVME, the default of the AWS CLI since 2.23: reflected, polynomial 0xad93d23594c93659, all ones before and after. By
 * hand: node:zlib has CRC-32 alone, and the SDK's own answers later, when another request may have come between.
 */
function crc64NvmeChecksum(body: Uint8Array): string {
  let low = 0xffffffff;
  let high = 0xffffffff;
  for (const byte of body) {
    const at = ((low ^ byte) & 0xff) * 2;
    low = ((low >>> 8) | (high << 24)) ^ (CRC64_TABLE[at] ?? 0);
    high = (high >>> 8) ^ (CRC64_TABLE[at + 1] ?? 0);
  }
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(~high >>> 0);
  bytes.writeUInt32BE(~low >>> 0, 4);
  return bytes.toString('base64');
}

// By byte, the low half of an entry before the high one: JavaScript shifts 32 bits at a time.
const CRC64_TABLE = Uint32Array.from({ length: 512 }, (_, index) => {
  let crc = BigInt(index >> 1);
  for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x9a6c9329ac4bc9b5n : crc >> 1n;
  return Number(index % 2 === 0 ? crc & 0xffffffffn : crc >> 32n);
});
