import './quick-pauses.ts';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { answerTo, eventFor } from './cloudformation.ts';
import { FakeAws } from './fake-aws.ts';

let aws: FakeAws;
beforeEach(() => void (aws = new FakeAws()));
afterEach(() => {
  vi.unstubAllEnvs();
});

/** From now on for so long, a call is refused. */
function refuse(action: string, name: string, seconds: number): void {
  const until = Date.now() + 1_000 * seconds;
  aws.fault = (called, when) => {
    if (called === action && when === 'before' && Date.now() < until)
      throw Object.assign(new Error('refused'), { name });
  };
}

const create = (remainingMs = 900_000) => answerTo(eventFor('Create'), remainingMs);

describe('whoever is throttled', () => {
  test.each(['PutParameter', 'CreateCertificateFromCsr', 'AttachPolicy', 'UpdateCertificate'])(
    'for minutes at %s comes through',
    async (action) => {
      refuse(action, 'ThrottlingException', 300);
      expect((await create()).Status).toBe('SUCCESS');
      expect(aws.certificates.map(({ works }) => works)).toEqual([true]);
    },
  );

  test('leaves no certificate behind that it has made on the way', async () => {
    const until = Date.now() + 300_000;
    aws.fault = (called, when) => {
      if (called === 'PutParameter' && when === 'before' && aws.certificates.length > 0 && Date.now() < until)
        throw Object.assign(new Error('refused'), { name: 'ThrottlingException' });
    };
    expect((await create()).Status).toBe('SUCCESS');
    expect(aws.certificates).toHaveLength(1);
  });

  test('gives up in time to answer', async () => {
    refuse('PutParameter', 'ThrottlingException', Infinity);
    const began = Date.now();
    expect((await create()).Reason).toBe('ThrottlingException: refused');
    expect(Date.now() - began).toBeLessThan(900_000 - 15_000);
  });
});

test('a new role is refused for a while: that passes', async () => {
  vi.stubEnv('NEW_ROLE_SECONDS', '120');
  refuse('DescribeStackResource', 'AccessDenied', 90);
  expect((await create()).Status).toBe('SUCCESS');
});

test('a role that stays without a right says so', async () => {
  vi.stubEnv('NEW_ROLE_SECONDS', '120');
  refuse('PutParameter', 'AccessDeniedException', Infinity);
  const began = Date.now();
  expect((await create()).Reason).toBe('AccessDeniedException: refused');
  expect(Date.now() - began).toBeLessThan(125_000);
});

test('what is refused for good is not asked again', async () => {
  refuse('PutParameter', 'ValidationException', Infinity);
  expect((await create()).Reason).toBe('ValidationException: refused');
  expect(aws.calls.filter((call) => call === 'PutParameter')).toHaveLength(1);
});
