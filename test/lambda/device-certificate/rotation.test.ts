import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createPrivateKey } from 'node:crypto';
import { forged, newRequest } from '../../lib/fleet/certificate-requests.ts';
import { answerTo, eventFor, NEXT, PARAMETER, PREVIOUS, type Properties } from './cloudformation.ts';
import { expectLive, finishRotation, stored } from './device-state.ts';
import { FakeAws } from './fake-aws.ts';
import { FakeStack } from './stack.ts';
import { working } from './operations.ts';

let aws: FakeAws;
let stack: FakeStack;
beforeEach(() => {
  aws = new FakeAws();
  stack = new FakeStack(aws);
  vi.spyOn(console, 'log').mockReturnValue();
});

const current = () => stack.resource?.physicalId ?? '';

/** Deploys one after the other, and gives back the physical ids. */
async function deployed(...wanted: Properties[]): Promise<string[]> {
  const ids: string[] = [];
  for (const properties of wanted) {
    expect(await stack.deploy(properties)).toBe(true);
    ids.push(current());
  }
  return ids;
}

test('after a rotation the new identity works, and the old one until it is finished', async () => {
  const [first, second] = await deployed({}, { generation: 2 });
  expect(second).not.toBe(first);
  expectLive(aws, second ?? '');
  expect(stored(aws, PARAMETER)).toMatchObject({ serial: 2, spec: '2 ec' });
  expect(stored(aws, PREVIOUS)).toMatchObject({ certificateId: first, serial: 1, replacedBy: 2 });
  expect(working(aws)).toEqual([first, second]);

  finishRotation(aws);
  await deployed({ generation: 3 });
  expect(working(aws)).toEqual([second, current()]);
});

test('a rotation that is not finished is refused another one, with what to do, and nothing is made', async () => {
  const [first, second] = await deployed({}, { generation: 2 });
  aws.calls = [];
  expect(await answerTo(eventFor('Update', { physicalId: second ?? '', generation: 3 }))).toMatchObject({
    Status: 'FAILED',
    PhysicalResourceId: second,
    Reason:
      'Error: shed still has its identity of generation 1 beside the current one; ' +
      'once its board uses the current one, run: npx fleet rotate shed --finish',
  });
  expect(new Set(aws.calls)).toEqual(new Set(['GetParameter', 'DescribeCertificate']));
  expect(await stack.deploy({ generation: 3 })).toBe(false);
  expectLive(aws, second ?? '');
  expect(working(aws)).toEqual([first, second]);
});

test('an old identity that does not work any more makes room by itself', async () => {
  const [first = ''] = await deployed({}, { generation: 2 });
  aws.certificate(first).status = 'INACTIVE';
  await deployed({ generation: 3 });
  expect(aws.certificates.map(({ id }) => id)).not.toContain(first);
  expect(working(aws)).toHaveLength(2);
});

test('a rotation that is rolled back leaves nothing, not even when its answer was lost', async () => {
  const [first] = await deployed({});
  expect(await stack.deploy({ generation: 2 }, 'fails')).toBe(false);
  expectLive(aws, first ?? '');
  expect([aws.certificates.length, aws.parameters.names]).toEqual([1, [PARAMETER]]);

  // CloudFormation knows the first id alone.
  await answerTo(eventFor('Update', { physicalId: first ?? '', generation: 2 }));
  expect(working(aws)).toHaveLength(2);
  await answerTo(eventFor('Update', { physicalId: first ?? '' }));
  expectLive(aws, first ?? '');
  expect([aws.certificates.length, aws.parameters.names]).toEqual([1, [PARAMETER]]);
});

test('a file that is turned back after the rotation brings the old identity back, and leaves the new one working', async () => {
  const [first, second, third] = await deployed({}, { generation: 2 }, {});
  expect(third).toBe(first);
  expectLive(aws, first ?? '');
  expect(working(aws)).toEqual([first, second]);
  expect((await deployed({ generation: 2 }))[0]).toBe(second);
  expect(working(aws)).toEqual([first, second]);
});

test('an event that Lambda delivers again after further deployments takes nothing from the board', async () => {
  const create = eventFor('Create');
  const [first = '', second] = await deployed({}, { generation: 2 });
  expect(await answerTo(create)).toMatchObject({
    Status: 'FAILED',
    Reason:
      'Error: shed had this identity before its current one, which stays; for a new one, raise its generation and deploy again',
  });
  expect(working(aws)).toEqual([first, second]);

  finishRotation(aws);
  const [third = ''] = await deployed({ generation: 3 });
  const rotate = eventFor('Update', { physicalId: first, generation: 2 });
  expect(await answerTo(rotate)).toMatchObject({ Status: 'FAILED', PhysicalResourceId: first });
  expectLive(aws, third);
  expect(working(aws)).toEqual([second, third]);
});

describe('another kind of key is another identity', () => {
  test('RSA, in what the Standard tier holds with a certificate of two kilobytes', async () => {
    aws.certificatePem = 'x'.repeat(2_000);
    const [first, second] = await deployed({}, { keyType: 'rsa' });
    expect(second).not.toBe(first);
    expectLive(aws, second ?? '');
    const key = createPrivateKey(stored(aws, PARAMETER)?.privateKeyPem ?? '');
    expect(key.asymmetricKeyDetails?.modulusLength).toBe(2_048);
  }, 30_000);

  test('the key of a device that keeps it: no private key is anywhere in the store', async () => {
    const csr = await newRequest();
    const [first = ''] = await deployed({ csr });
    expectLive(aws, first, csr);
    expect(stored(aws, PARAMETER)?.spec).toMatch(/^1 csr:[0-9a-f]{64}$/);
    expect(aws.parameters.texts.join()).not.toContain('PRIVATE');
    // The same request, written otherwise.
    await deployed({ csr: csr.replaceAll('\n', '\r\n') });
    expect(current()).toBe(first);
    await deployed({ csr: await newRequest() });
    expect(current()).not.toBe(first);
  });

  test('a request that is not signed by its key is refused before anything is made', async () => {
    expect(await answerTo(eventFor('Create', { csr: forged(await newRequest()) }))).toMatchObject({
      Status: 'FAILED',
      Reason: 'Error: the property csr is not signed by the key it is for',
    });
    expect([aws.certificates, aws.parameters.names]).toEqual([[], []]);
  });
});

test('a device under another name gets another identity there, and the old one goes', async () => {
  const hut = { thingName: 'hut', policyName: 'hut', parameterName: '/esp-fleet/home/hut/identity' };
  const [shed] = await deployed({}, hut);
  expect(current()).not.toBe(shed);
  expect(aws.certificates.map(({ id, things, policies }) => ({ id, things, policies }))).toEqual([
    { id: current(), things: new Set(['hut']), policies: new Set(['hut']) },
  ]);
  expect(aws.parameters.names).toEqual([hut.parameterName]);
});

test('a parameter that belongs to another thing is left alone', async () => {
  const [shed = ''] = await deployed({});
  expect(await answerTo(eventFor('Update', { physicalId: shed, thingName: 'hut' }))).toMatchObject({
    Status: 'FAILED',
    Reason: `Error: ${PARAMETER} belongs to the thing "shed", not to "hut"`,
  });
  expectLive(aws, shed);
});

test('an answer that is lost between the SDK and AWS, so that every call is made twice, changes nothing', async () => {
  aws.parameters.putsTwice = true;
  await deployed({}, { generation: 2 }, {});
  expectLive(aws, current());
  expect(aws.certificates).toHaveLength(2);
});

/** Runs an Update that fails at one of its calls. */
async function failAt(action: string, occurrence: number, properties: Properties): Promise<void> {
  let left = occurrence;
  aws.fault = (called, when) => {
    if (called === action && when === 'before' && --left === 0) throw new Error('crash');
  };
  const physicalId = stored(aws, PARAMETER)?.certificateId ?? '';
  expect((await answerTo(eventFor('Update', { ...properties, physicalId }))).Status).toBe('FAILED');
  aws.fault = () => undefined;
}

test('a rollback whose own run failed half-way is finished by the next', async () => {
  const [first = ''] = await deployed({});
  await failAt('DeleteParameter', 1, { generation: 2 }); // never known to CloudFormation
  await failAt('DetachPolicy', 1, {});
  expect(aws.parameters.names).toEqual([PARAMETER, PREVIOUS]);
  await deployed({});
  expectLive(aws, first);
  expect([aws.certificates.length, aws.parameters.names]).toEqual([1, [PARAMETER]]);
});

test('a file that is turned back when someone has deleted the new certificate', async () => {
  const [first = '', second = ''] = await deployed({}, { generation: 2 });
  aws.certificates.splice(aws.certificates.indexOf(aws.certificate(second)), 1);
  await deployed({});
  expectLive(aws, first);
  expect(aws.parameters.names).toEqual([PARAMETER]);
});

describe('revoked', () => {
  test('means both identities of a rotation, and one that was on its way back', async () => {
    await deployed({}, { generation: 2 });
    await failAt('PutParameter', 3, {}); // next, previous, identity
    expect(aws.parameters.names).toEqual([PARAMETER, NEXT, PREVIOUS]);
    expect(working(aws)).toHaveLength(2);
    await deployed({ generation: 2, revoked: true });
    expect(aws.certificates.map(({ status }) => status)).toEqual(['REVOKED', 'REVOKED']);
  });

  test('makes no certificate, not even where one is deleted by hand at the worst moment', async () => {
    const [first = '', second] = await deployed({}, { generation: 2 });
    aws.fault = (action) => {
      if (action !== 'PutParameter') return;
      aws.fault = () => undefined;
      aws.certificates.splice(aws.certificates.indexOf(aws.certificate(first)), 1);
    };
    await deployed({ revoked: true });
    expect(aws.certificates.map(({ id, status }) => [id, status])).toEqual([[second, 'REVOKED']]);
  });

  test('stays while the generation does, and ends with another one', async () => {
    const [first] = await deployed({}, { revoked: true }, {});
    expect([current(), working(aws)]).toEqual([first, []]);
    await deployed({ generation: 2 });
    expectLive(aws, current());
    expect(aws.certificates).toHaveLength(1);
  });

  test('is not undone by a rollback, whichever came first, the file or the command line', async () => {
    const [first = ''] = await deployed({});
    aws.certificate(first).status = 'REVOKED';
    await stack.deploy({ generation: 2 }, 'fails');
    expect([current(), working(aws)]).toEqual([first, []]);
    await stack.deploy({ revoked: true }, 'fails');
    expect([current(), working(aws)]).toEqual([first, []]);
  });

  test('reaches a certificate of which someone has deleted the record', async () => {
    const [first = ''] = await deployed({});
    aws.parameters.delete(PARAMETER);
    await deployed({ revoked: true }, {});
    expect([current(), aws.certificate(first).status]).toEqual([first, 'REVOKED']);
  });

  test('spares a certificate that someone gave to another thing, and nothing else', async () => {
    const [first = '', second = ''] = await deployed({}, { generation: 2 });
    const { things } = aws.certificate(second);
    things.clear();
    things.add('kitchen');
    expect(await answerTo(eventFor('Update', { physicalId: second, generation: 2, revoked: true }))).toMatchObject({
      Status: 'FAILED',
      Reason: `Error: certificate ${second} belongs to the thing "kitchen", not to "shed"`,
    });
    expect([aws.certificate(first).status, aws.certificate(second).status]).toEqual(['REVOKED', 'ACTIVE']);
  });
});

test('the whole device goes, with what a crash left of a rotation', async () => {
  const [first = ''] = await deployed({});
  await failAt('PutParameter', 3, { generation: 2 }); // next twice, previous
  expect(working(aws)).toHaveLength(2);
  expect((await answerTo(eventFor('Delete', { physicalId: first }))).Status).toBe('SUCCESS');
  expect([aws.certificates, aws.parameters.names]).toEqual([[], []]);
});
