import { generateKeyPairSync } from 'node:crypto';
import type { KeyType } from './event.ts';

/**
 * A new private key, as PKCS #8 in PEM. P-256 unless RSA is asked for: on an ESP8266, a TLS handshake costs a third of
 * what it does with RSA-2048.
 */
export function newPrivateKey(keyType: KeyType): string {
  const { privateKey } =
    keyType === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
