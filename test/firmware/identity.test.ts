import 'reflect-metadata'; // before @peculiar/x509, which cannot be loaded without it
import { createPrivateKey, createPublicKey } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import { built, canBuildFirmware } from '../../testing/firmware/requirements.ts';
import { runUnitTests } from '../../testing/firmware/unit-tests.ts';

/*
 * What FleetIdentity keeps in flash, with the flash of each chip and a power that is cut at every byte, and the requests for
 * certificates that it writes (identity/).
 */

const able = canBuildFirmware();

describe.skipIf(!able).each(['esp8266', 'esp32'] as const)('FleetIdentity on the %s', async (chip) => {
  const { tests, output } = able ? runUnitTests(await built(`${chip}-identity`)) : { tests: [], output: '' };
  const requests = [...output.matchAll(/^request (\S+) ([0-9a-f]+) ([0-9a-f]+)$/gm)].map(
    ([, name = '', key = '', request = '']) => ({ name, key, request }),
  );

  it.each(tests)('$name', ({ passed, failures }) => {
    expect(passed, failures).toBe(true);
  });

  it('has its unit tests run', () => {
    expect(tests.length).toBeGreaterThan(10);
    expect(requests).toHaveLength(66);
  });

  it('writes requests that a certificate authority takes: P-256, SHA-256, signed by the key, and the name alone', async () => {
    for (const { name, key, request } of requests) {
      const csr = new x509.Pkcs10CertificateRequest(Buffer.from(request, 'hex'));
      expect(Buffer.from(csr.rawData).toString('hex'), name).toBe(request); // so nothing stands behind it
      expect(csr.subject).toBe(`CN=${name}`);
      expect(csr.attributes).toEqual([]);
      expect(csr.signatureAlgorithm).toMatchObject({ name: 'ECDSA', hash: { name: 'SHA-256' } });
      expect(csr.publicKey.algorithm).toMatchObject({ name: 'ECDSA', namedCurve: 'P-256' });
      expect(await csr.verify(), name).toBe(true);
      const own = createPrivateKey({ key: Buffer.from(key, 'hex'), format: 'der', type: 'sec1' });
      const spki = createPublicKey(own).export({ format: 'der', type: 'spki' });
      expect(Buffer.from(csr.publicKey.rawData).equals(spki), name).toBe(true);
    }
  });

  it('makes another key each time', () => {
    const keys = requests.slice(0, 64).map(({ key }) => key);
    expect(new Set(keys).size).toBe(64);
  });
});
