import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { unlessItThrows } from '../../lib/fleet/unless-it-throws.ts';
import { CliError } from '../terminal/cli-error.ts';
import { kindOf } from './private-file.ts';

/** A block of PEM; what stands around it, such as the bag attributes of a PKCS #12 file, is none of it. */
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n(?:(?!-----)[\s\S])*-----END \1-----/g;

/**
 * The private key in a file, when it is that of a certificate: PKCS #8 in PEM, and nothing else that the file holds.
 *
 * @throws {CliError} which says nothing of what the file holds
 */
export function privateKeyIn(file: string, certificatePem: string, owner: string): string {
  const blocks = [...textOf(file).matchAll(BLOCK)].filter(([, label = '']) => label.endsWith('PRIVATE KEY'));
  const [[block, label] = [''], ...others] = blocks;
  if (others.length > 0) {
    throw new CliError(`--key: ${file} holds ${blocks.length} private keys; name a file with that of ${owner} alone`);
  }
  // The second of PKCS #1 and SEC 1, which the BEGIN line does not tell (RFC 1421, 4.6.1.1).
  if (label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type: *4, *ENCRYPTED/m.test(block)) {
    throw new CliError(`--key: the key in ${file} is encrypted; decrypt it first: openssl pkey -in ${file} -out FILE`);
  }
  const key = unlessItThrows(() => createPrivateKey(block)); // without the error, which may quote it
  const isItsKey = key && unlessItThrows(() => new X509Certificate(certificatePem).checkPrivateKey(key));
  if (!isItsKey) {
    throw new CliError(`--key: ${file} does not hold the private key of ${owner}'s certificate, in PEM`);
  }
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function textOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) throw new CliError(`--key: there is no file ${file}`);
  if (!stats.isFile()) throw new CliError(`--key: ${file} is ${kindOf(stats)}, and no regular file`);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(`--key: cannot read ${file}: ${(error as Error).message}`);
  }
}
