import 'reflect-metadata'; // before @peculiar/x509, which cannot be loaded without it
import './quick-pauses.ts';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { newRequest } from '../../lib/fleet/certificate-requests.ts';
import { answerTo, eventFor, logicalIdOf, pathOf } from './cloudformation.ts';
import { FakeAws, FakeCertificate } from './fake-aws.ts';

const KEY = `${pathOf()}/key`;
const CERTIFICATE = `${pathOf()}/certificate`;

let aws: FakeAws;
beforeEach(() => void (aws = new FakeAws()));

const onlyCertificate = () => {
  expect(aws.certificates).toHaveLength(1);
  return aws.certificates[0] ?? new FakeCertificate();
};
const nothing = () => expect([aws.certificates, [...aws.parameters.keys()]]).toEqual([[], []]);

test('a generation gets an ACTIVE certificate, attached to thing and policy, for a key that is stored', async () => {
  const response = await answerTo(eventFor('Create'));
  const { id, arn, pem, csr, works } = onlyCertificate();
  expect(works).toBe(true);
  const asked = { StackId: 'stack-1', RequestId: 'request-1', LogicalResourceId: logicalIdOf() };
  expect(response).toEqual({ Status: 'SUCCESS', PhysicalResourceId: id, ...asked });
  expect([...aws.parameters.keys()]).toEqual([KEY, CERTIFICATE]);
  const record = { certificateId: id, certificateArn: arn, certificatePem: pem };
  expect(JSON.parse(aws.parameters.get(CERTIFICATE) ?? '')).toEqual(record);
  const privateKey = createPrivateKey(aws.parameters.get(KEY) ?? '');
  expect(privateKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  expect(new X509Certificate(pem).checkPrivateKey(privateKey)).toBe(true);
  const request = new Pkcs10CertificateRequest(csr);
  expect(await request.verify()).toBe(true);
  expect(request.subject).toBe('CN=shed');
  expect(Buffer.from(request.publicKey.rawData)).toEqual(
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
  );
});

test('nobody can connect before the certificate is recorded and attached; eight calls, two of them writes to SSM', async () => {
  aws.fault = (action, when) => {
    if (when === 'before' && action === 'UpdateCertificate') {
      expect(onlyCertificate()).toMatchObject({ status: 'INACTIVE', isAttached: true });
      expect(aws.parameters.get(CERTIFICATE)).toContain(onlyCertificate().id);
    }
  };
  await answerTo(eventFor('Create'));
  expect(aws.calls).toEqual([
    'DescribeStackResource', // wanted?
    'PutParameter', // the key
    'CreateCertificateFromCsr',
    'PutParameter', // the certificate
    'DescribeStackResource', // still wanted?
    'AttachPolicy',
    'AttachThingPrincipal',
    'UpdateCertificate',
  ]);
});

test('keyType rsa makes an RSA key of 2048 bits', async () => {
  await answerTo(eventFor('Create', { keyType: 'rsa' }));
  expect(createPrivateKey(aws.parameters.get(KEY) ?? '').asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
});

test("a device's own request: its certificate is the only parameter, and no key is made", async () => {
  const csr = await newRequest();
  const { PhysicalResourceId } = await answerTo(eventFor('Create', { csr }));
  expect(onlyCertificate()).toMatchObject({ id: PhysicalResourceId, csr, works: true });
  expect([...aws.parameters.keys()]).toEqual([CERTIFICATE]);
});

test('the same event again, as after a lost answer, is answered alike and makes nothing new', async () => {
  const first = await answerTo(eventFor('Create'));
  const stored = [...aws.parameters];
  expect(await answerTo(eventFor('Create'))).toEqual(first);
  expect(onlyCertificate().works).toBe(true);
  expect([...aws.parameters]).toEqual(stored);
});

test('an answer that is lost on the way makes no second parameter, and the SDK calls again', async () => {
  aws.parameters.putsTwice = true;
  expect((await answerTo(eventFor('Create'))).Status).toBe('SUCCESS');
  expect(onlyCertificate().works).toBe(true);
});

test('a key that another run stored first is used, not replaced', async () => {
  await answerTo(eventFor('Create'));
  const key = aws.parameters.get(KEY) ?? '';
  aws.certificates.splice(0);
  aws.parameters.delete(CERTIFICATE);
  expect((await answerTo(eventFor('Create'))).Status).toBe('SUCCESS');
  expect(aws.parameters.get(KEY)).toBe(key);
  expect(new X509Certificate(onlyCertificate().pem).checkPrivateKey(createPrivateKey(key))).toBe(true);
});

test('a certificate that another run recorded first counts, and the own one is discarded', async () => {
  let first = '';
  aws.fault = (action, when) => {
    if (action !== 'CreateCertificateFromCsr' || when !== 'after' || first !== '') return;
    const [{ csr, pem } = new FakeCertificate()] = aws.certificates;
    const other = Object.assign(new FakeCertificate(csr), { pem });
    aws.certificates.push(other);
    first = other.id;
    const record = { certificateId: other.id, certificateArn: other.arn, certificatePem: other.pem };
    aws.parameters.set(CERTIFICATE, JSON.stringify(record));
  };
  expect((await answerTo(eventFor('Create'))).PhysicalResourceId).toBe(first);
  expect(onlyCertificate()).toMatchObject({ id: first, works: true });
});

test('a certificate for a key that is stored no more is not adopted', async () => {
  await answerTo(eventFor('Create'));
  aws.parameters.delete(KEY);
  const { Reason } = await answerTo(eventFor('Create'));
  expect(Reason).toContain('is for another key; once this deployment is rolled back');
});

test.each<[string, () => void, RegExp]>([
  ['REVOKED', () => (onlyCertificate().status = 'REVOKED'), /is REVOKED, which is final; .* the next one makes a new/],
  ['deleted', () => void aws.certificates.splice(0), /has been deleted; .* the next one makes a new certificate$/],
  [
    "another thing's",
    () => {
      onlyCertificate().things.clear();
      onlyCertificate().things.add('kitchen');
    },
    /belongs to the thing "kitchen"/,
  ],
])('a recorded certificate that is %s is not adopted', async (_, change, reason) => {
  const { PhysicalResourceId } = await answerTo(eventFor('Create'));
  change();
  const before = aws.certificates.map(({ status }) => status);
  expect(await answerTo(eventFor('Create'))).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringMatching(reason) as unknown,
  });
  expect(aws.certificates.map(({ status }) => status)).toEqual(before);
  expect(PhysicalResourceId).toMatch(/^[0-9a-f]{64}$/);
});

describe('a creation that is not wanted any more', () => {
  test.each(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'CREATE_FAILED', 'DELETE_IN_PROGRESS', 'DELETE_COMPLETE'])(
    'its resource is %s: nothing is made',
    async (status) => {
      aws.resources.set(logicalIdOf(), { status });
      expect(await answerTo(eventFor('Create'))).toMatchObject({
        Status: 'FAILED',
        Reason: `Error: this creation is not wanted any more: ${logicalIdOf()} is ${status}`,
      });
      nothing();
    },
  );

  test('its stack has no such resource, asked more than once', async () => {
    aws.resources.clear();
    expect((await answerTo(eventFor('Create'))).Status).toBe('FAILED');
    expect(aws.calls).toEqual(['DescribeStackResource', 'DescribeStackResource', 'DescribeStackResource']);
    nothing();
  });

  test('what is recorded of another creation stays as it is', async () => {
    await answerTo(eventFor('Create'));
    aws.resources.set(logicalIdOf(), { status: 'CREATE_COMPLETE' });
    onlyCertificate().status = 'INACTIVE'; // by somebody's hand
    await answerTo(eventFor('Create'));
    expect(onlyCertificate().status).toBe('INACTIVE');
    expect([...aws.parameters.keys()]).toEqual([KEY, CERTIFICATE]);
  });

  test.each(['PutParameter', 'CreateCertificateFromCsr'])(
    'given up during %s: it removes what it has made, and never activates it',
    async (action) => {
      aws.fault = (called) => {
        if (called === action) aws.resources.set(logicalIdOf(), { status: 'DELETE_IN_PROGRESS' });
        expect(aws.certificates.filter(({ status }) => status === 'ACTIVE')).toEqual([]);
      };
      expect((await answerTo(eventFor('Create'))).Status).toBe('FAILED');
      expect(aws.certificates).toEqual([]);
      // The key is left to the deletion.
      expect([...aws.parameters.keys()].filter((name) => name !== KEY)).toEqual([]);
    },
  );

  test('given up, and taken over by a later creation of the same generation: what it has made stays', async () => {
    aws.fault = (called, when) => {
      if (called !== 'PutParameter' || when !== 'after' || aws.certificates.length === 0) return;
      aws.resources.set(logicalIdOf(), { status: 'CREATE_COMPLETE', physicalId: onlyCertificate().id });
    };
    expect((await answerTo(eventFor('Create'))).Status).toBe('FAILED');
    expect(onlyCertificate().status).toBe('INACTIVE');
    expect(aws.parameters.size).toBe(2);
  });
});

describe('a device that is revoked from the start', () => {
  test('gets nothing', async () => {
    expect(await answerTo(eventFor('Create', { revoked: true }))).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: `revoked-${logicalIdOf()}`,
    });
    nothing();
  });

  test('has the certificate revoked that an earlier run made', async () => {
    const { PhysicalResourceId } = await answerTo(eventFor('Create'));
    expect(await answerTo(eventFor('Create', { revoked: true }))).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId,
    });
    expect(onlyCertificate().status).toBe('REVOKED');
  });
});
