import 'reflect-metadata'; // before @peculiar/x509, which cannot be loaded without it
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { expect } from 'vitest';
import type { Identity } from '../../../lambda/device-certificate/identity.ts';
import { NEXT, PARAMETER, PREVIOUS } from './cloudformation.ts';
import type { FakeAws, FakeCertificate } from './fake-aws.ts';

/** What a slot of the store holds. */
export function stored(aws: FakeAws, name: string): Identity | undefined {
  const value = aws.parameters.get(name);
  return value === undefined ? undefined : (JSON.parse(value) as Identity);
}

/** Whether a board could connect with the certificate. */
export function works({ status, things, policies }: FakeCertificate): boolean {
  return status === 'ACTIVE' && things.has('shed') && policies.has('shed');
}

/** The ids of the certificates that nothing of the device knows of. */
export function orphans(aws: FakeAws): FakeCertificate[] {
  const known = [PARAMETER, PREVIOUS, NEXT].map((name) => stored(aws, name)?.certificateId);
  return aws.certificates.filter(({ id }) => !known.includes(id));
}

/**
 * Asserts what a device must be after every deployment that succeeded: one identity that works, whose key is the one that
 * was certified; beside it at most the one before; nothing half made; and orphans that nobody can connect with.
 */
export function expectLive(aws: FakeAws, physicalId: string, csr?: string): void {
  const identity = stored(aws, PARAMETER);
  expect(identity?.certificateId).toBe(physicalId);
  const current = aws.certificate(physicalId);
  expect(current).toMatchObject({ status: 'ACTIVE', things: new Set(['shed']), policies: new Set(['shed']) });
  if (csr === undefined) expect(publicKeyOf(identity?.privateKeyPem ?? '')).toEqual(publicKeyIn(current.csr));
  else expect([current.csr, identity && 'privateKeyPem' in identity]).toEqual([csr, false]);

  expect(aws.parameters.get(NEXT)).toBeUndefined();
  const previous = stored(aws, PREVIOUS);
  expect(previous?.certificateId).not.toBe(physicalId);
  // One that came later has been the current one in a deployment that succeeded.
  if (previous && previous.serial > (identity?.serial ?? 0)) expect(identity?.replacedBy).toBe(previous.serial);
  expectUnusable(orphans(aws));
}

/** Asserts that nobody can connect, whoever has which key. */
export function expectUnusable(certificates: readonly FakeCertificate[]): void {
  expect(certificates.filter(({ status, isAttached }) => status !== 'INACTIVE' || isAttached)).toEqual([]);
}

function publicKeyOf(privateKeyPem: string): Buffer {
  return createPublicKey(createPrivateKey(privateKeyPem)).export({ type: 'spki', format: 'der' });
}

function publicKeyIn(csr: string): Buffer {
  return Buffer.from(new Pkcs10CertificateRequest(csr).publicKey.rawData);
}

/** What `fleet rotate --finish` does. */
export function finishRotation(aws: FakeAws): void {
  const previous = stored(aws, PREVIOUS);
  const index = aws.certificates.findIndex(({ id }) => id === previous?.certificateId);
  if (index >= 0) aws.certificates.splice(index, 1);
  aws.parameters.delete(PREVIOUS);
}
