import 'reflect-metadata';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { answerTo, eventFor, NEXT, PARAMETER } from './cloudformation.ts';
import { FakeAws, FakeCertificate } from './fake-aws.ts';

let aws: FakeAws;
beforeEach(() => {
  aws = new FakeAws();
  vi.spyOn(console, 'log').mockReturnValue();
});

const stored = () => JSON.parse(aws.parameters.get(PARAMETER) ?? '{}') as Record<string, string>;
const onlyCertificate = () => {
  expect(aws.certificates).toHaveLength(1);
  return aws.certificates[0] ?? new FakeCertificate();
};

test('a device gets an ACTIVE certificate, attached to its thing and policy', async () => {
  const response = await answerTo(eventFor('Create'));
  const certificate = onlyCertificate();
  expect(certificate).toMatchObject({ status: 'ACTIVE', things: new Set(['shed']), policies: new Set(['shed']) });
  expect(response).toEqual({
    Status: 'SUCCESS',
    StackId: 'stack-1',
    RequestId: 'request-1',
    LogicalResourceId: 'shedCertificate',
    PhysicalResourceId: certificate.id,
    Data: { CertificateArn: certificate.arn },
  });
});

test('the identity has all that a device needs, and the key is the one that was certified', async () => {
  await answerTo(eventFor('Create'));
  const { id, arn, csr } = onlyCertificate();
  expect(stored()).toEqual({
    certificateId: id,
    certificateArn: arn,
    certificatePem: `certificate ${id}`,
    privateKeyPem: expect.stringMatching(/^-----BEGIN PRIVATE KEY-----\n/) as unknown,
    endpoint: 'broker.example:8883',
    thingName: 'shed',
    spec: '1 ec',
    serial: 1,
  });
  expect(aws.parameters.names).toEqual([PARAMETER]);
  const privateKey = createPrivateKey(stored().privateKeyPem ?? '');
  expect(privateKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  const request = new Pkcs10CertificateRequest(csr);
  expect(await request.verify()).toBe(true);
  expect(request.subject).toBe('CN=shed');
  expect(Buffer.from(request.publicKey.rawData)).toEqual(
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
  );
});

test('nobody can connect before the certificate is recorded and attached', async () => {
  aws.fault = (action, when) => {
    if (when === 'before' && action === 'UpdateCertificate') {
      expect(onlyCertificate()).toMatchObject({ status: 'INACTIVE', isAttached: true });
      expect(aws.parameters.get(NEXT)).toContain(onlyCertificate().id);
    }
  };
  await answerTo(eventFor('Create'));
  expect(aws.calls).toEqual([
    ...['GetParameter', 'GetParameter', 'GetParameter'], // identity, previous, next
    'PutParameter', // next: the key
    'GetParameter', // identity: still none?
    'DescribeEndpoint',
    'CreateCertificateFromCsr',
    'PutParameter', // next: the certificate beside it
    'AttachPolicy',
    'AttachThingPrincipal',
    'UpdateCertificate',
    'PutParameter', // identity
    'DeleteParameter', // next
  ]);
});

test('the same event again, as after a lost answer, is answered alike and makes nothing new', async () => {
  const first = await answerTo(eventFor('Create'));
  const identity = stored();
  expect(await answerTo(eventFor('Create'))).toEqual(first);
  expect(onlyCertificate().status).toBe('ACTIVE');
  expect(stored()).toEqual(identity);
});

test('a key that another run stored in the meantime is used, not replaced', async () => {
  await answerTo(eventFor('Create'));
  const { privateKeyPem } = stored();
  aws.parameters.delete(PARAMETER);
  aws.certificates.splice(0);
  aws.calls = [];
  aws.fault = (action, when) => {
    if (action === 'GetParameter' && when === 'after' && aws.calls.length === 3) {
      aws.parameters.set(NEXT, JSON.stringify({ thingName: 'shed', spec: '1 ec', serial: 1, privateKeyPem }));
    }
  };
  expect((await answerTo(eventFor('Create'))).Status).toBe('SUCCESS');
  expect(stored().privateKeyPem).toBe(privateKeyPem);
});

test('an identity of the first release, which wrote less, stays as it is', async () => {
  const { PhysicalResourceId: physicalId } = await answerTo(eventFor('Create'));
  const { spec, serial, ...written } = stored();
  expect([spec, serial]).toEqual(['1 ec', 1]);
  aws.parameters.set(PARAMETER, JSON.stringify(written));
  expect((await answerTo(eventFor('Update', { physicalId }))).PhysicalResourceId).toBe(physicalId);
  expect(stored()).toEqual(written);
});

test('a recorded certificate that is gone is made anew, with the same key', async () => {
  await answerTo(eventFor('Create'));
  const { privateKeyPem, certificateId } = stored();
  aws.certificates.splice(0);
  const response = await answerTo(eventFor('Create'));
  expect(response.PhysicalResourceId).toBe(onlyCertificate().id);
  expect(response.PhysicalResourceId).not.toBe(certificateId);
  expect(stored()).toMatchObject({ privateKeyPem, certificateId: response.PhysicalResourceId });
});

test('a REVOKED certificate that an earlier deployment left is not adopted, and can be cleaned up', async () => {
  const { PhysicalResourceId: physicalId } = await answerTo(eventFor('Create'));
  onlyCertificate().status = 'REVOKED';
  expect(await answerTo(eventFor('Create'))).toMatchObject({
    Status: 'FAILED',
    PhysicalResourceId: physicalId,
    Reason: expect.stringMatching(/is REVOKED, which is final/) as unknown,
  });
  expect(onlyCertificate().status).toBe('REVOKED');
  await answerTo(eventFor('Delete', { physicalId }));
  expect([aws.certificates, aws.parameters.names]).toEqual([[], []]);
});

describe('a device that is revoked from the start', () => {
  test('gets nothing', async () => {
    expect(await answerTo(eventFor('Create', { revoked: true }))).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'revoked-shed',
    });
    expect([aws.certificates, aws.parameters.names]).toEqual([[], []]);
  });

  test('loses a key that was never certified', async () => {
    aws.parameters.set(NEXT, JSON.stringify({ thingName: 'shed', privateKeyPem: 'key' }));
    await answerTo(eventFor('Create', { revoked: true }));
    expect(aws.parameters.names).toEqual([]);
  });

  test('has the certificate revoked that an earlier attempt made', async () => {
    const { PhysicalResourceId } = await answerTo(eventFor('Create'));
    expect(await answerTo(eventFor('Create', { revoked: true }))).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId,
    });
    expect(onlyCertificate().status).toBe('REVOKED');
  });
});
