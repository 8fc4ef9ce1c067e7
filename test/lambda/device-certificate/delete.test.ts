import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { answerTo, eventFor, PARAMETER } from './cloudformation.ts';
import { FakeAws, FakeCertificate } from './fake-aws.ts';

let aws: FakeAws;
let physicalId: string;
beforeEach(async () => {
  aws = new FakeAws();
  vi.spyOn(console, 'log').mockReturnValue();
  physicalId = (await answerTo(eventFor('Create'))).PhysicalResourceId;
  aws.calls = [];
});
afterEach(() => {
  vi.useRealTimers();
});

/** Runs a Delete to its end while the clock is ours: the pauses between two looks take no time. */
async function deleteQuickly(remainingMs?: number) {
  vi.useFakeTimers();
  const answer = answerTo(eventFor('Delete', { physicalId }), remainingMs);
  await vi.runAllTimersAsync();
  return answer;
}

test('certificate and identity are gone, and neither thing nor policy has anything attached', async () => {
  expect(await answerTo(eventFor('Delete', { physicalId }))).toMatchObject({
    Status: 'SUCCESS',
    PhysicalResourceId: physicalId,
  });
  expect([aws.certificates, aws.parameters.names]).toEqual([[], []]);
});

test('detached, seen detached, deactivated, deleted, and only then is the key deleted', async () => {
  await answerTo(eventFor('Delete', { physicalId }));
  expect(aws.calls).toEqual([
    ...['GetParameter', 'GetParameter', 'GetParameter'], // identity, previous, next
    'DescribeCertificate',
    'ListPrincipalThings', // whose is it?
    'DetachPolicy',
    'DetachThingPrincipal',
    'ListPrincipalThings',
    'ListTargetsForPolicy',
    'UpdateCertificate',
    'DeleteCertificate',
    'DeleteParameter',
  ]);
});

test('answers only when AWS IoT shows what was detached as detached', async () => {
  aws.lag = 3;
  expect((await deleteQuickly()).Status).toBe('SUCCESS');
  expect(aws.calls.filter((call) => call === 'ListPrincipalThings')).toHaveLength(1 + 3 + 1);
  expect(aws.calls.filter((call) => call === 'ListTargetsForPolicy')).toHaveLength(3 + 1);
  expect(aws.certificates).toEqual([]);
});

test('says so when that takes longer than the function may', async () => {
  aws.lag = Infinity;
  expect(await deleteQuickly(30_000)).toMatchObject({
    Status: 'FAILED',
    PhysicalResourceId: physicalId,
    Reason: 'Error: timed out before the certificate is detached from its thing',
  });
  expect(aws.parameters.names).toEqual([PARAMETER]);
});

test('a REVOKED certificate is deleted as it is', async () => {
  aws.certificate(physicalId).status = 'REVOKED';
  expect((await answerTo(eventFor('Delete', { physicalId }))).Status).toBe('SUCCESS');
  expect(aws.calls).not.toContain('UpdateCertificate');
  expect([aws.certificates, aws.parameters.names]).toEqual([[], []]);
});

test.each(['shedCertificate-1ABCDEFGHIJKL', 'revoked-shed', 'unmade-shedCertificate', 'f'.repeat(63)])(
  'a physical id that no certificate gave (%s) touches nothing',
  async (invented) => {
    expect(await answerTo(eventFor('Delete', { physicalId: invented }))).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: invented,
    });
    expect(aws.calls).toEqual(['DescribeStackResource']);
  },
);

test('a physical id that no certificate gave is fine even for an event that lacks its properties', async () => {
  const event = eventFor('Delete', { physicalId: 'unmade-shedCertificate' });
  event.ResourceProperties = { ServiceToken: 'arn:of:function' };
  expect((await answerTo(event)).Status).toBe('SUCCESS');
});

test("another thing's certificate is not touched, nor is this device's identity", async () => {
  const certificate = aws.certificate(physicalId);
  certificate.things.clear();
  certificate.things.add('kitchen');
  expect((await answerTo(eventFor('Delete', { physicalId }))).Status).toBe('SUCCESS');
  expect(aws.calls.slice(3)).toEqual(['DescribeCertificate', 'ListPrincipalThings']);
});

test('a certificate that is nowhere recorded and attached to nothing is not touched', async () => {
  const stranger = new FakeCertificate();
  aws.certificates.push(stranger);
  expect((await answerTo(eventFor('Delete', { physicalId: stranger.id }))).Status).toBe('SUCCESS');
  expect(aws.calls.slice(3)).toEqual(['DescribeCertificate', 'ListPrincipalThings']);
});

test('an identity of another certificate stays when the certificate it is not for is deleted', async () => {
  aws.parameters.set(PARAMETER, JSON.stringify({ thingName: 'shed', certificateId: 'a'.repeat(64) }));
  expect((await answerTo(eventFor('Delete', { physicalId }))).Status).toBe('SUCCESS');
  expect([aws.certificates, aws.parameters.names]).toEqual([[], [PARAMETER]]);
});

test('what is gone already is gone: a second Delete succeeds', async () => {
  await answerTo(eventFor('Delete', { physicalId }));
  expect((await answerTo(eventFor('Delete', { physicalId }))).Status).toBe('SUCCESS');
});

test('what someone detached by hand needs no second detachment', async () => {
  const { things, policies } = aws.certificate(physicalId);
  things.clear();
  policies.clear();
  expect((await answerTo(eventFor('Delete', { physicalId }))).Status).toBe('SUCCESS');
  expect(aws.certificates).toEqual([]);
});
