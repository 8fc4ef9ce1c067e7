import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { State } from '../state/state.ts';

/**
 * Encrypts the values of SecureString parameters as the key `alias/aws/ssm` does in AWS: bound to their parameter, so that
 * one's ciphertext is no other's. The key lies in the state beside them; it keeps secrets out of copies of single records and
 * out of what is printed, not from somebody who has the whole data folder.
 */
export class SecureStrings {
  readonly #key: Buffer;

  constructor(state: State) {
    const keys = state.collection<Buffer>('ssm.key');
    this.#key = keys.get('aws/ssm') ?? randomBytes(32);
    keys.set('aws/ssm', this.#key);
  }

  /** Base64 of nonce, tag and ciphertext (AES-256-GCM). */
  encrypt(arn: string, text: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(arn));
    const encrypted = [cipher.update(text, 'utf8'), cipher.final()];
    return Buffer.concat([nonce, cipher.getAuthTag(), ...encrypted]).toString('base64');
  }

  decrypt(arn: string, ciphertext: string): string {
    const bytes = Buffer.from(ciphertext, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, 12))
      .setAAD(Buffer.from(arn))
      .setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
  }
}
