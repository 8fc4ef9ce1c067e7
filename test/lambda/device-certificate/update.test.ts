import './quick-pauses.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { newRequest } from '../../lib/fleet/certificate-requests.ts';
import { answerTo, eventFor, logicalIdOf } from './cloudformation.ts';
import { FakeAws } from './fake-aws.ts';

let aws: FakeAws;
let physicalId: string;
beforeEach(async () => {
  aws = new FakeAws();
  physicalId = (await answerTo(eventFor('Create'))).PhysicalResourceId;
  aws.calls = [];
});

const statuses = () => aws.certificates.map(({ status }) => status);
const revoked = () => eventFor('Update', { physicalId, revoked: true }, { revoked: false });

test('revoked: the same certificate, REVOKED', async () => {
  expect(await answerTo(revoked())).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: physicalId });
  expect(statuses()).toEqual(['REVOKED']);
});

test('revoked already, by the command line: nothing to do', async () => {
  aws.certificate(physicalId).status = 'REVOKED';
  expect((await answerTo(revoked())).Status).toBe('SUCCESS');
  expect(aws.calls).not.toContain('UpdateCertificate');
});

test('revoked taken away, as by a rollback: AWS is not even called', async () => {
  await answerTo(revoked());
  aws.calls = [];
  const back = eventFor('Update', { physicalId, revoked: false }, { revoked: true });
  expect(await answerTo(back)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: physicalId });
  expect([statuses(), aws.calls]).toEqual([['REVOKED'], []]);
});

test('revoked taken away before there was a certificate: it stays without', async () => {
  const nobody = `revoked-${logicalIdOf()}`;
  const event = eventFor('Update', { physicalId: nobody, revoked: false }, { revoked: true });
  expect(await answerTo(event)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: nobody });
  expect(aws.calls).toEqual([]);
});

test('the certificate is gone: nothing left to revoke', async () => {
  aws.certificates.splice(0);
  expect((await answerTo(revoked())).Status).toBe('SUCCESS');
});

test("the certificate is another thing's: refused, and left alone", async () => {
  const { things } = aws.certificate(physicalId);
  things.clear();
  things.add('kitchen');
  expect(await answerTo(revoked())).toMatchObject({
    Status: 'FAILED',
    Reason: `Error: certificate ${physicalId} belongs to the thing "kitchen", not to "shed"`,
  });
  expect(statuses()).toEqual(['ACTIVE']);
});

describe('a generation never changes', () => {
  const REFUSAL =
    'Error: the certificate of shed is for another key, and a certificate never changes; take the change back ' +
    'and give it to a new generation: bin/fleet rotate shed';

  test('another kind of key is refused, with what to do, and its rollback is not', async () => {
    const [now, before] = [{ physicalId, keyType: 'rsa' }, {}];
    expect(await answerTo(eventFor('Update', now, before))).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: physicalId,
      Reason: REFUSAL,
    });
    expect((await answerTo(eventFor('Update', { physicalId, ...before }, now))).Status).toBe('SUCCESS');
    expect(statuses()).toEqual(['ACTIVE']);
  });

  test("another device's request is refused; the same key in a new request is not", async () => {
    const csr = await newRequest();
    const { Reason } = await answerTo(eventFor('Update', { physicalId, csr }, {}));
    expect(Reason).toBe(REFUSAL);
    const own = aws.certificate(physicalId).csr;
    expect((await answerTo(eventFor('Update', { physicalId, csr: own }, {}))).Status).toBe('SUCCESS');
  });

  test('what is to be revoked is revoked, whatever else is asked', async () => {
    await answerTo(eventFor('Update', { physicalId, keyType: 'rsa', revoked: true }, {}));
    expect(statuses()).toEqual(['REVOKED']);
  });
});
