import { beforeEach, describe, expect, test, vi } from 'vitest';
import { answerTo, eventFor, PARAMETER } from './cloudformation.ts';
import { FakeAws } from './fake-aws.ts';

let aws: FakeAws;
beforeEach(() => {
  aws = new FakeAws();
  vi.spyOn(console, 'log').mockReturnValue();
});

const statuses = () => aws.certificates.map(({ status }) => status);
const create = async () => (await answerTo(eventFor('Create'))).PhysicalResourceId;

test('revoked: the same certificate, REVOKED', async () => {
  const physicalId = await create();
  expect(await answerTo(eventFor('Update', { physicalId, revoked: true }))).toMatchObject({
    Status: 'SUCCESS',
    PhysicalResourceId: physicalId,
  });
  expect(statuses()).toEqual(['REVOKED']);
});

test('revoked already, by the command line: nothing to do', async () => {
  const physicalId = await create();
  aws.certificate(physicalId).status = 'REVOKED';
  aws.calls = [];
  expect((await answerTo(eventFor('Update', { physicalId, revoked: true }))).Status).toBe('SUCCESS');
  expect(aws.calls).not.toContain('UpdateCertificate');
});

test('revoked taken away, as by a rollback: still the same certificate, still REVOKED', async () => {
  const physicalId = await create();
  await answerTo(eventFor('Update', { physicalId, revoked: true }));
  aws.calls = [];
  expect(await answerTo(eventFor('Update', { physicalId, revoked: false }))).toMatchObject({
    Status: 'SUCCESS',
    PhysicalResourceId: physicalId,
  });
  expect(statuses()).toEqual(['REVOKED']);
  expect(new Set(aws.calls)).toEqual(new Set(['GetParameter', 'DescribeCertificate']));
});

test('revoked taken away before there was a certificate: the device gets its first one', async () => {
  const response = await answerTo(eventFor('Update', { physicalId: 'revoked-shed', revoked: false }));
  expect(response).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: aws.certificates[0]?.id });
  expect(statuses()).toEqual(['ACTIVE']);
});

test('a certificate that someone deleted is replaced under a new physical id', async () => {
  const physicalId = await create();
  aws.certificates.splice(0);
  const response = await answerTo(eventFor('Update', { physicalId }));
  expect(response.PhysicalResourceId).not.toBe(physicalId);
  expect(statuses()).toEqual(['ACTIVE']);

  // CloudFormation then deletes what had the old id: the new identity stays.
  await answerTo(eventFor('Delete', { physicalId }));
  expect(statuses()).toEqual(['ACTIVE']);
  expect(aws.parameters.names).toEqual([PARAMETER]);
});

test('a certificate that someone deactivated is ACTIVE again', async () => {
  const physicalId = await create();
  aws.certificate(physicalId).status = 'INACTIVE';
  expect((await answerTo(eventFor('Update', { physicalId }))).PhysicalResourceId).toBe(physicalId);
  expect(statuses()).toEqual(['ACTIVE']);
});

describe('revoked, and', () => {
  test('the certificate is gone: nothing left to revoke', async () => {
    const physicalId = await create();
    aws.certificates.splice(0);
    expect((await answerTo(eventFor('Update', { physicalId, revoked: true }))).Status).toBe('SUCCESS');
  });

  test("the certificate is another thing's: refused, and left alone", async () => {
    const physicalId = await create();
    const certificate = aws.certificate(physicalId);
    certificate.things.clear();
    certificate.things.add('kitchen');
    expect(await answerTo(eventFor('Update', { physicalId, revoked: true }))).toMatchObject({
      Status: 'FAILED',
      Reason: `Error: certificate ${physicalId} belongs to the thing "kitchen", not to "shed"`,
    });
    expect(statuses()).toEqual(['ACTIVE']);
  });
});
