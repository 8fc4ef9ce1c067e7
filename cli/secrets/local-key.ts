import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { certificateRequest, newPrivateKey } from '../../aws/new-key.ts';
import type { KeyType } from '../../lib/fleet/schema.ts';
import { CliError } from '../terminal/cli-error.ts';
import { refuseUnlessIgnored } from './git-ignore.ts';
import { writePrivateFiles } from './private-file.ts';

/** Where keys made on this machine and their requests lie. */
export const KEY_FOLDER = 'devices';

/** A key made on this machine, and the request for a certificate that goes with it. */
export interface LocalKey {
  /** PKCS #8 in PEM. */
  readonly privateKeyPem: string;
  /** PKCS #10 in PEM; not secret. */
  readonly csr: string;
}

/** Makes a key on this machine. */
export async function makeLocalKey(keyType: KeyType, commonName: string): Promise<LocalKey> {
  const privateKeyPem = newPrivateKey(keyType);
  return { privateKeyPem, csr: `${await certificateRequest(privateKeyPem, commonName)}\n` };
}

/**
 * Makes a key and its request in files, and writes the request's path where it belongs; or nothing of all that.
 *
 * @param name of the two files
 * @param write told the path of the request
 * @throws {CliError} when git would track the key, or one of the files is there already
 */
export async function withNewKey<Result>(
  name: string,
  commonName: string,
  keyType: KeyType,
  write: (csrFile: string) => Result,
): Promise<{ readonly keyFile: string; readonly csrFile: string; readonly result: Result }> {
  const keyFile = `${KEY_FOLDER}/${name}.key`;
  const csrFile = `${KEY_FOLDER}/${name}.csr`;
  refuseUnlessIgnored(keyFile);
  for (const file of [keyFile, csrFile]) {
    if (existsSync(file))
      throw new CliError(`${file} is there already; move it away if ${commonName} is to get a new key`);
  }
  const { privateKeyPem, csr } = await makeLocalKey(keyType, commonName);
  try {
    mkdirSync(KEY_FOLDER, { recursive: true });
    writePrivateFiles(new Map([[keyFile, privateKeyPem]]));
    writeFileSync(csrFile, csr);
    return { keyFile, csrFile, result: write(csrFile) };
  } catch (error) {
    for (const file of [keyFile, csrFile]) rmSync(file, { force: true });
    throw error;
  }
}
