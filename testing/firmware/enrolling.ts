import type { Board } from './board.ts';
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { StoredIdentity } from './flash-image.ts';

/** The example whose identity is in flash, below firmware/. */
export const ENROLLED_SKETCH = 'libraries/FleetIdentity/examples/Enrolled/Enrolled.ino';

/** Types what a board without an identity asks for. @param line of `fleet enrol` */
export function typeLines(board: Board, line: string): void {
  for (const typed of ['wifi home', `password ${WIFI_PASSWORD}`, line]) board.tell(`type ${typed}`);
}

export const WIFI_PASSWORD = 'secret password';

/** Whether a key is that of the certificate beside it. */
export function isKeyOfCertificate({ key, certificatePem }: StoredIdentity): boolean {
  // EC P-256 in SEC 1
  const ends = [Buffer.from('30310201010420', 'hex'), Buffer.from('a00a06082a8648ce3d030107', 'hex')] as const;
  const der = Buffer.concat([ends[0], key, ends[1]]);
  const spki = (of: KeyObject): Buffer => of.export({ type: 'spki', format: 'der' });
  const own = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'sec1' }));
  return spki(new X509Certificate(certificatePem).publicKey).equals(spki(own));
}
