import { duringNextPause } from './quick-pauses.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { answerTo, eventFor, logicalIdOf, pathOf } from './cloudformation.ts';
import { FakeAws, FakeCertificate } from './fake-aws.ts';
import { INVENTED } from './stack.ts';

let aws: FakeAws;
let physicalId: string;
beforeEach(async () => {
  aws = new FakeAws();
  physicalId = (await answerTo(eventFor('Create'))).PhysicalResourceId;
  aws.calls = [];
});

const deletion = (id = physicalId, remainingMs?: number) =>
  answerTo(eventFor('Delete', { physicalId: id }), remainingMs);
const nothing = () => expect([aws.certificates, [...aws.parameters.keys()]]).toEqual([[], []]);

test('made unusable, detached, seen detached, deleted, and only then what is recorded', async () => {
  expect(await deletion()).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: physicalId });
  nothing();
  expect(aws.calls).toEqual([
    'GetParameter', // the certificate
    'DescribeCertificate',
    'ListPrincipalThings', // whose is it?
    'UpdateCertificate', // INACTIVE
    'DetachPolicy',
    'DetachThingPrincipal',
    'ListPrincipalThings',
    ...['ListTargetsForPolicy', 'CreatePolicy', 'AttachPolicy', 'DetachPolicy'], // the stand-in
    'DeleteCertificate',
    'DeletePolicy', // the stand-in
    'DeleteParameter', // the key
    'DeleteParameter', // the certificate
  ]);
});

test('answers only when AWS IoT shows what was detached as detached', async () => {
  aws.lag = 3;
  expect((await deletion()).Status).toBe('SUCCESS');
  expect(aws.calls.filter((call) => call === 'ListTargetsForPolicy')).toHaveLength(1 + 3);
  nothing();
});

test('answers only when AWS IoT lets go of the policy: CloudFormation asks to delete it once', async () => {
  aws.policyLag = 7;
  expect((await deletion()).Status).toBe('SUCCESS');
  expect(aws.calls.filter((call) => call === 'DeletePolicy')).toHaveLength(7 + 1);
  expect([...aws.policies]).toEqual([]);
  nothing();
});

test('of a device with another generation, the policy stays, and nobody waits for it', async () => {
  const other = new FakeCertificate();
  other.policies.add('shed');
  aws.certificates.push(other);
  await deletion();
  expect(aws.calls).not.toContain('CreatePolicy');
});

test('of a device with two generations that goes, one waits for the policy, though both are deleted at once', async () => {
  aws.resources.set(logicalIdOf(2), { status: 'CREATE_IN_PROGRESS' });
  const { PhysicalResourceId: second } = await answerTo(eventFor('Create', { generation: 2 }));
  aws.calls = [];
  aws.policyLag = 3;
  const both = [eventFor('Delete', { physicalId }), eventFor('Delete', { physicalId: second, generation: 2 })];
  const answers = await Promise.all(both.map((event) => answerTo(event)));
  expect(answers.map(({ Status }) => Status)).toEqual(['SUCCESS', 'SUCCESS']);
  expect(aws.calls).toContain('CreatePolicy');
  expect([...aws.policies]).toEqual([]);
  nothing();
});

test('says so when that takes longer than the function may, and keeps what is recorded', async () => {
  aws.lag = Infinity;
  expect(await deletion(physicalId, 30_000)).toMatchObject({
    Status: 'FAILED',
    PhysicalResourceId: physicalId,
    Reason: expect.stringMatching(/^Error: time is up before certificate \w{8} is detached from shed/) as unknown,
  });
  expect(aws.parameters.size).toBe(2);
});

test('a certificate that is ACTIVE again while it is being deleted is deleted all the same', async () => {
  let times = 1;
  aws.fault = (action, when) => {
    if (action === 'DetachThingPrincipal' && when === 'after' && times-- > 0)
      aws.certificate(physicalId).status = 'ACTIVE';
  };
  expect((await deletion()).Status).toBe('SUCCESS');
  nothing();
});

test('a REVOKED certificate is deleted as it is', async () => {
  aws.certificate(physicalId).status = 'REVOKED';
  await deletion();
  expect(aws.calls).not.toContain('UpdateCertificate');
  nothing();
});

test("another thing's certificate is not touched, nor is this device's identity", async () => {
  const { things } = aws.certificate(physicalId);
  things.clear();
  things.add('kitchen');
  expect((await deletion()).Status).toBe('SUCCESS');
  expect(aws.calls).toEqual(['GetParameter', 'DescribeCertificate', 'ListPrincipalThings']);
});

test('what is gone already is gone: a second Delete succeeds', async () => {
  await deletion();
  expect((await deletion()).Status).toBe('SUCCESS');
});

test('an event that comes again after the generation was made anew touches nothing of that', async () => {
  await deletion();
  const { PhysicalResourceId: anew } = await answerTo(eventFor('Create'));
  expect((await deletion()).Status).toBe('SUCCESS');
  expect(aws.certificate(anew).works).toBe(true);
  expect(aws.parameters.size).toBe(2);
});

test('what fails at first is tried again', async () => {
  let failures = 2;
  aws.fault = (action) => {
    if (action === 'DeleteCertificate' && failures-- > 0) throw new Error('not now');
  };
  expect((await deletion()).Status).toBe('SUCCESS');
  nothing();
});

describe('a creation that CloudFormation has given up, under an id of its invention', () => {
  const known = (status = 'DELETE_IN_PROGRESS', id = INVENTED) =>
    aws.resources.set(logicalIdOf(), { status, physicalId: id });

  test('is removed with all it has recorded', async () => {
    known();
    expect(await deletion(INVENTED)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: INVENTED });
    nothing();
  });

  test('is removed when it got no further than its key', async () => {
    aws.certificates.splice(0);
    aws.parameters.delete(`${pathOf()}/certificate`);
    known();
    await deletion(INVENTED);
    nothing();
  });

  test('goes on until AWS lets it, whatever happens meanwhile', async () => {
    known();
    aws.lag = 1;
    duringNextPause(() => answerTo(eventFor('Create')));
    expect((await deletion(INVENTED)).Status).toBe('SUCCESS');
    nothing();
  });

  test.each<[string, () => unknown]>([
    ['CloudFormation has it under its certificate', () => known('DELETE_IN_PROGRESS', physicalId)],
    ['it was deleted before, and the event comes again', () => known('DELETE_COMPLETE')],
    ['the stack is not ours, or has nothing of that name', () => aws.resources.clear()],
  ])('stays when %s', async (_, given) => {
    given();
    expect((await deletion(INVENTED)).Status).toBe('SUCCESS');
    expect(aws.calls).toEqual(['DescribeStackResource']);
    expect(aws.certificate(physicalId).works).toBe(true);
  });

  test('fails as long as CloudFormation does not answer, and can be tried again', async () => {
    known();
    aws.fault = (action) => {
      if (action === 'DescribeStackResource') throw new Error('not now');
    };
    expect((await deletion(INVENTED)).Status).toBe('FAILED');
    aws.fault = () => undefined;
    expect((await deletion(INVENTED)).Status).toBe('SUCCESS');
    nothing();
  });
});
