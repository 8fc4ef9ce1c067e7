import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { AMAZON_ROOT_CA_1, AMAZON_ROOT_CA_3 } from '../../../cli/secrets/amazon-root-cas.ts';

// SHA-256 fingerprints, as https://www.amazontrust.com/repository/ and Mozilla's list of roots (CCADB) have them.
test.each([
  [
    'Amazon Root CA 1',
    AMAZON_ROOT_CA_1,
    '8E:CD:E6:88:4F:3D:87:B1:12:5B:A3:1A:C3:FC:B1:3D:70:16:DE:7F:57:CC:90:4F:E1:CB:97:C6:AE:98:19:6E',
  ],
  [
    'Amazon Root CA 3',
    AMAZON_ROOT_CA_3,
    '18:CE:6C:FE:7B:F1:4E:60:B2:E3:47:B8:DF:E8:68:CB:31:D0:2E:BB:3A:DA:27:15:69:F5:03:43:B4:6D:B3:A4',
  ],
])('%s is what Amazon publishes', (name, pem, fingerprint) => {
  const certificate = new X509Certificate(pem);
  expect(certificate.fingerprint256).toBe(fingerprint);
  expect(certificate.subject).toBe(`C=US\nO=Amazon\nCN=${name}`);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(pem.trim().split('-----BEGIN CERTIFICATE-----')).toHaveLength(2);
});
