import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { X509Certificate, createPrivateKey, createPublicKey } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { expect, it } from 'vitest';
import { CertificateAuthority } from '../../src/iot/certificate-authority.ts';
import { State } from '../../src/state/state.ts';
import { EC, IotCloud, makeCsr } from './iot-cloud.ts';

const rsa = (modulusLength: number) => ({
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
});

it.each([
  ['EC P-256', EC],
  ['EC P-384', { name: 'ECDSA', namedCurve: 'P-384' }],
  ['RSA 2048', rsa(2048)],
])('signs the CSR of an %s key as AWS would', async (_, algorithm) => {
  const authority = await CertificateAuthority.open(await State.open());
  const { key, csr } = await makeCsr(algorithm);
  const { id, pem } = await authority.certify(csr);
  const certificate = new X509Certificate(pem);
  const root = new X509Certificate(authority.rootPem);
  expect(certificate.verify(root.publicKey)).toBe(true);
  expect(certificate.checkIssued(root)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(certificate.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(id);
  expect(certificate.subject).toBe('CN=AWS IoT Certificate');
  expect(new Date(certificate.validTo)).toEqual(new Date('2049-12-31T23:59:59Z'));
  expect(certificate.ca).toBe(false);
  expect(root.ca).toBe(true);
});

it.each([
  ['no CSR', () => Promise.resolve('hello'), /not a PKCS #10 request/],
  ['an RSA key of 1024 bits', async () => (await makeCsr(rsa(1024))).csr, /is rsa 1024; allowed are/],
  ['an EC P-521 key', async () => (await makeCsr({ name: 'ECDSA', namedCurve: 'P-521' })).csr, /is ec secp521r1/],
  ["the key of another, without that one's signature", forgedCsr, /not signed by its own key/],
])('refuses %s', async (_, csr, message) => {
  const authority = await CertificateAuthority.open(await State.open());
  await expect(authority.certify(await csr())).rejects.toMatchObject({
    code: 'InvalidRequestException',
    message: expect.stringMatching(message) as string,
  });
});

/** A CSR with its public key replaced by another one of the same length. */
async function forgedCsr(): Promise<string> {
  const [mine, other] = [(await makeCsr()).csr, (await makeCsr()).csr];
  const keyOf = (csr: string): string =>
    Buffer.from(new x509.Pkcs10CertificateRequest(csr).publicKey.rawData).toString('hex');
  const der = Buffer.from(new x509.Pkcs10CertificateRequest(mine).rawData).toString('hex');
  const forged = Buffer.from(der.replace(keyOf(mine), keyOf(other)), 'hex');
  return x509.PemConverter.encode(forged, 'CERTIFICATE REQUEST');
}

it('gives the broker a certificate for this machine', async () => {
  const authority = await CertificateAuthority.open(await State.open());
  const { certificatePem, privateKeyPem } = await authority.serverIdentity();
  const certificate = new X509Certificate(certificatePem);
  expect(certificate.verify(createPublicKey(authority.rootPem))).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(privateKeyPem))).toBe(true);
  expect(certificate.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
});

it('keeps everything over a restart: the root, the registry, the rules', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'iot-'));
  try {
    const state = await State.open(folder);
    const first = await IotCloud.start(state);
    const kitchen = await first.device('kitchen');
    const sql = "SELECT * FROM 'rtjm/#'";
    const topicRulePayload = { sql, awsIotSqlVersion: '2016-03-23', actions: [] };
    await first.call('CreateTopicRule', { ruleName: 'rows', topicRulePayload });
    const { rootCaPem } = first.iot;
    await first.stop();
    await state.close();
    const reopened = await State.open(folder);
    const second = await IotCloud.start(reopened);
    expect(second.iot.rootCaPem).toBe(rootCaPem);
    const client = await second.connect(kitchen, 'kitchen');
    await client.publishAsync('rtjm/kitchen/telemetry', '{}', { qos: 1 });
    expect(await second.call('GetTopicRule', { ruleName: 'rows' })).toMatchObject({ rule: topicRulePayload });
    await second.stop();
    await reopened.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
