import './quick-pauses.ts';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { answerTo, eventFor, logicalIdOf, pathOf } from './cloudformation.ts';
import { FakeAws, FakeCertificate } from './fake-aws.ts';
import { sweep } from './inject.ts';
import { type Entry, FakeStack } from './stack.ts';

/** As somebody made it by hand: ACTIVE, attached to its thing, with two policies. */
function handMade(): FakeCertificate {
  const certificate = FakeCertificate.working('shed');
  certificate.pem = 'PEM';
  certificate.policies.clear();
  certificate.policies.add('wide').add('logs');
  return certificate;
}

let aws: FakeAws;
let stack: FakeStack;
let id: string;
/** The log of the function, a line each. */
let lines: string[];
const now = () => aws.certificate(id);
const policies = () => [...now().policies].sort();
const record = () => aws.parameters.get(`${pathOf()}/certificate`);

beforeEach(() => {
  aws = new FakeAws();
  stack = new FakeStack(aws);
  aws.certificates.push(handMade());
  id = aws.certificates[0]?.id ?? '';
  lines = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
});

const NONE: Entry = { generations: [] };
const keeping = (...kept: string[]): Entry => ({
  generations: [1],
  certificateId: id,
  ...(kept.length > 0 && { policies: kept }),
});

describe('a certificate that is taken over', () => {
  test('keeps what the fleet file says, and loses the rest once ours is seen', async () => {
    expect(await stack.deploy(keeping('wide'))).toBe(true);
    expect(policies()).toEqual(['shed', 'wide']);
    expect(aws.calls).toEqual([
      'DescribeStackResource',
      'DescribeCertificate',
      'ListPrincipalThings', // whose is it?
      'GetParameter', // taken over already?
      'ListAttachedPolicies',
      'PutParameter', // what it has, before anything changes
      'DescribeStackResource',
      'ListAttachedPolicies',
      'AttachPolicy',
      'ListAttachedPolicies', // seen
      'DetachPolicy',
    ]);
  });

  test('loses what it kept when the fleet file says so, and has it again when that is rolled back', async () => {
    await stack.deploy(keeping('wide'));
    expect(await stack.deploy(keeping(), 'fails')).toBe(false);
    expect(policies()).toEqual(['shed', 'wide']);
    expect(await stack.deploy(keeping())).toBe(true);
    expect(policies()).toEqual(['shed']);
  });

  test('is given back with what it had, be it that its thing is attached in the common way', async () => {
    await stack.deploy(keeping());
    await stack.deploy(NONE);
    expect([policies(), [...now().things], now().status]).toEqual([['logs', 'wide'], ['shed'], 'ACTIVE']);
    expect(record()).toBeUndefined();
    expect([...aws.policies]).toEqual([]); // the stand-in
  });

  test('stays REVOKED once the fleet file says so, also when it is given back', async () => {
    await stack.deploy(keeping());
    await stack.deploy({ ...keeping(), revoked: true });
    expect(now().status).toBe('REVOKED');
    await stack.deploy(NONE);
    expect([policies(), now().status]).toEqual([['logs', 'wide'], 'REVOKED']);
  });

  test('is REVOKED when the fleet file says so from the start', async () => {
    expect(await stack.deploy({ ...keeping(), revoked: true })).toBe(true);
    expect([policies(), now().status]).toEqual([['logs', 'wide'], 'REVOKED']);
  });

  test('works on beside a second generation, and is given back when that is finished', async () => {
    await stack.deploy(keeping());
    await stack.deploy({ ...keeping(), generations: [1, 2] });
    expect(aws.certificates.map(({ works }) => works)).toEqual([true, true]);
    await stack.deploy({ generations: [2] });
    expect([policies(), now().status]).toEqual([['logs', 'wide'], 'ACTIVE']);
  });

  test('a policy that somebody has deleted meanwhile cannot be given back, and the log says so', async () => {
    await stack.deploy(keeping());
    aws.gone.add('logs');
    await stack.deploy(NONE);
    expect(policies()).toEqual(['wide']);
    expect(lines).toContain(JSON.stringify({ certificate: id, couldNotGiveBack: ['logs'] }));
  });
});

test.each<[string, (certificate: FakeCertificate) => unknown, string]>([
  ['INACTIVE', (one) => (one.status = 'INACTIVE'), 'is INACTIVE'],
  ['REVOKED', (one) => (one.status = 'REVOKED'), 'is REVOKED'],
  ['of no thing', (one) => one.things.clear(), 'is not attached to the thing "shed"'],
  ['of several things', (one) => one.things.add('attic'), 'is attached to the thing "attic" as well'],
  [
    'without the policy that it is to keep',
    (one) => one.policies.delete('wide'),
    'has no policy "wide" that it could keep',
  ],
  [
    'gone',
    (one) => aws.certificates.splice(aws.certificates.indexOf(one), 1),
    'does not exist in this account and region',
  ],
])('one that is %s is refused by name, and left as it is', async (_, spoil, words) => {
  spoil(now());
  const all = () => aws.certificates.map(({ status, things, policies: had }) => [status, [...things], [...had]]);
  const before = all();
  expect(await stack.deploy(keeping('wide'))).toBe(false);
  expect(lines.join().replaceAll('\\"', '"')).toContain(
    `certificate ${id.slice(0, 8)} ${words}; see: bin/fleet import`,
  );
  expect(all()).toEqual(before);
  expect(record()).toBeUndefined();
});

test('whose certificate is shared is not REVOKED with the device', async () => {
  now().things.add('attic');
  expect(await stack.deploy({ ...keeping(), revoked: true })).toBe(false);
  expect(now().status).toBe('ACTIVE');
});

test('to take one over, or to let it go, within a generation is refused', async () => {
  await stack.deploy({ generations: [1] });
  const own = aws.certificates[1]?.id ?? '';
  for (const certificateId of [id, own]) expect(await stack.deploy({ generations: [1], certificateId })).toBe(false);
  await stack.deploy(NONE);
  await stack.deploy(keeping());
  expect(await stack.deploy({ generations: [1] })).toBe(false);
  expect(policies()).toEqual(['shed']);
});

test('without the record of what it had, it is not left without a policy', async () => {
  await stack.deploy(keeping());
  aws.parameters.delete(`${pathOf()}/certificate`);
  const { Status, Reason } = await answerTo(eventFor('Delete', { physicalId: id, certificateId: id }));
  expect([Status, Reason]).toEqual(['FAILED', expect.stringContaining('is not recorded any more')]);
  expect(policies()).toEqual(['shed']);
});

test('an event that comes again after its end changes nothing', async () => {
  await stack.deploy(keeping());
  await stack.deploy(NONE);
  const [creation] = stack.events;
  if (creation === undefined) throw new Error('there was no event');
  expect((await answerTo(creation)).Status).toBe('FAILED');
  expect([policies(), record()]).toEqual([['logs', 'wide'], undefined]);
});

test('a creation that is given up between its record and the first change leaves nothing', async () => {
  aws.fault = (action, when) => {
    if (action === 'PutParameter' && when === 'after') aws.resources.set(logicalIdOf(), { status: 'DELETE_COMPLETE' });
  };
  expect((await answerTo(eventFor('Create', { certificateId: id }))).Status).toBe('FAILED');
  expect([policies(), record()]).toEqual([['logs', 'wide'], undefined]);
});

const OPERATIONS: [name: string, past: () => readonly Entry[], to: () => Entry, somethingElse?: 'fails'][] = [
  ['adopt and keep all', () => [NONE], () => keeping('wide', 'logs')],
  ['adopt at once', () => [NONE], () => keeping()],
  ['adopt while something else fails', () => [NONE], () => keeping(), 'fails'],
  ['let the wide policy go', () => [keeping('wide', 'logs')], () => keeping()],
  ['let it go while something else fails', () => [keeping('wide', 'logs')], () => keeping(), 'fails'],
  ['give back', () => [keeping('wide')], () => NONE],
];

test.each(OPERATIONS)(
  '%s: whichever call fails, the board is never without a policy',
  async (_, past, to, somethingElse) => {
    for (const entry of past()) await stack.deploy(entry);
    const from = past().at(-1) ?? NONE;
    aws.watch = () => {
      const { status, things, policies: had } = now();
      // What it was let in by, or ours.
      expect([status, [...things], had.has('wide') || had.has('shed')]).toEqual(['ACTIVE', ['shed'], true]);
    };
    const whole = async () => {
      await stack.deploy(to(), somethingElse);
      expectAdopted(somethingElse ? from : to());
      expect(aws.calls.length).toBeGreaterThan(3);
    };
    await sweep(aws, stack, whole, async (hit) => {
      const isDone = await stack.deploy(to(), somethingElse);
      aws.fault = () => undefined;
      if (!hit.abandons) expectAdopted(isDone ? to() : from);
      // A deletion that was given up is for `fleet doctor`.
      if (hit.abandons && to().generations.length === 0) return;
      expect((await stack.deploy(to())) || (await stack.deploy(to()))).toBe(true);
      expectAdopted(to());
    });
  },
);

/** What its entry says of the certificate is so, and a device that is not there has left it as it was. */
function expectAdopted({ generations, policies: kept = [] }: Entry): void {
  const isThere = generations.length > 0;
  expect(policies()).toEqual((isThere ? ['shed', ...kept] : ['wide', 'logs']).sort());
  expect(JSON.parse(record() ?? '{}')).toMatchObject(isThere ? { certificateId: id, policies: ['logs', 'wide'] } : {});
  expect(aws.parameters.size).toBe(isThere ? 1 : 0);
  expect(aws.certificates).toHaveLength(1);
}
