import { createHash } from 'node:crypto';
import { ofTexts, type FunctionTable, type SqlFunction } from './function.ts';
import { md2 } from './md2.ts';

const ofHash = (algorithm: string): SqlFunction =>
  ofTexts(1, (text) => createHash(algorithm).update(text).digest('hex'));

/** The hashes of a string in UTF-8, in hexadecimal. OpenSSL 3 has all of them but MD2. */
export const hashFunctions: FunctionTable = {
  md2: ofTexts(1, (text) => md2(Buffer.from(text)).toString('hex')),
  md5: ofHash('md5'),
  sha1: ofHash('sha1'),
  sha224: ofHash('sha224'),
  sha256: ofHash('sha256'),
  sha384: ofHash('sha384'),
  sha512: ofHash('sha512'),
};
