import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect } from 'vitest';
import { pathOf } from './cloudformation.ts';
import type { FakeAws, FakeCertificate } from './fake-aws.ts';
import type { Entry } from './stack.ts';

const compared = new Map<string, boolean>();

/** Whether a certificate is for this key. */
function fits(key: string, certificate: string): boolean {
  const pair = `${key}${certificate}`;
  const isSo = compared.get(pair) ?? new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  compared.set(pair, isSo);
  return isSo;
}

/** The certificate that is recorded of a generation. */
function certificateOf(aws: FakeAws, generation: number): FakeCertificate | undefined {
  const record = aws.parameters.get(`${pathOf(generation)}/certificate`);
  const { certificateId = '' } = JSON.parse(record ?? '{}') as { certificateId?: string };
  return aws.certificates.find(({ id }) => id === certificateId);
}

/** Certificates of which nothing says whose they are. */
export function orphans(aws: FakeAws): FakeCertificate[] {
  const recorded = [...aws.parameters].map(([, value]) => value).join();
  return aws.certificates.filter(({ id }) => !recorded.includes(id));
}

/**
 * Asserts what a device is after every deployment that succeeded, and after every one that was rolled back: each of its
 * generations works with the key that is stored, unless its certificate was REVOKED before; and there is nothing else.
 */
export function expectDevice(aws: FakeAws, { generations, revoked = false }: Entry, dead: ReadonlySet<string>): void {
  for (const generation of generations) {
    const certificate = certificateOf(aws, generation);
    if (revoked) {
      expect(certificate?.status ?? 'none').not.toBe('ACTIVE');
      continue;
    }
    if (certificate === undefined) continue; // it was revoked when it came
    expect(certificate.works).toBe(!dead.has(certificate.id));
    expect(fits(aws.parameters.get(`${pathOf(generation)}/key`) ?? '', certificate.pem)).toBe(true);
  }
  const paths = generations.map((generation) => `${pathOf(generation)}/`);
  expect([...aws.parameters.keys()].filter((name) => !paths.some((path) => name.startsWith(path)))).toEqual([]);
  for (const orphan of orphans(aws)) expect(orphan).toMatchObject({ status: 'INACTIVE', isAttached: false });
}
