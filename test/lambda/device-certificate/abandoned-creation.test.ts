import { beforeEach, expect, test, vi } from 'vitest';
import { answerTo, eventFor, NEXT, PARAMETER } from './cloudformation.ts';
import { stored } from './device-state.ts';
import { FakeAws } from './fake-aws.ts';

const INVENTED = 'shedCertificate-1ABCDEFGHIJKL';

/** What happens while the function waits. */
let meanwhile: (() => Promise<unknown>) | undefined;
vi.mock('../../../lambda/device-certificate/wait.ts', async (original) => ({
  ...(await original<object>()),
  pause: async () => {
    const act = meanwhile;
    meanwhile = undefined;
    await act?.();
  },
}));

let aws: FakeAws;
beforeEach(() => {
  aws = new FakeAws();
  meanwhile = undefined;
  vi.spyOn(console, 'log').mockReturnValue();
});

const create = () => answerTo(eventFor('Create'));
const deletion = () => answerTo(eventFor('Delete', { physicalId: INVENTED }));
const nothing = () => expect([aws.certificates, aws.parameters.names]).toEqual([[], []]);

test('what a creation has made is removed when CloudFormation does not wait for it any more', async () => {
  await create();
  aws.knownAs = INVENTED;
  expect(await deletion()).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: INVENTED });
  nothing();
});

test('so is what it had begun with', async () => {
  aws.fault = (action, when) => {
    if (action === 'AttachPolicy' && when === 'after') throw new Error('it ends here');
  };
  await create();
  expect(stored(aws, NEXT)).toBeDefined();
  aws.fault = () => undefined;
  aws.knownAs = INVENTED;
  expect((await deletion()).Status).toBe('SUCCESS');
  nothing();
});

test('its key stays as long as it has no certificate, for the next attempt', async () => {
  aws.fault = (action, when) => {
    if (action === 'CreateCertificateFromCsr' && when === 'before') throw new Error('it ends here');
  };
  await create();
  const key = stored(aws, NEXT)?.privateKeyPem;
  aws.fault = () => undefined;
  aws.knownAs = INVENTED;
  expect((await deletion()).Status).toBe('SUCCESS');
  expect(stored(aws, NEXT)?.privateKeyPem).toBe(key);
  await create();
  expect(stored(aws, PARAMETER)?.privateKeyPem).toBe(key);
});

test('and what it makes while that is being removed', async () => {
  aws.knownAs = INVENTED;
  meanwhile = create;
  expect((await deletion()).Status).toBe('SUCCESS');
  nothing();
});

test('an identity that CloudFormation has under its certificate stays', async () => {
  const { PhysicalResourceId } = await create();
  aws.knownAs = PhysicalResourceId;
  expect((await deletion()).Status).toBe('SUCCESS');
  expect(aws.certificate(PhysicalResourceId).status).toBe('ACTIVE');
  expect(aws.parameters.names).toEqual([PARAMETER]);
});

test('what cannot be removed fails the deletion, which CloudFormation tries again', async () => {
  await create();
  aws.knownAs = INVENTED;
  aws.fault = (action) => {
    if (action === 'DeleteCertificate') throw new Error('not now');
  };
  expect(await deletion()).toMatchObject({ Status: 'FAILED', PhysicalResourceId: INVENTED });
  expect(aws.parameters.names).toEqual([PARAMETER]);
});

test('as long as CloudFormation does not answer, the deletion fails, and is tried again', async () => {
  await create();
  aws.knownAs = INVENTED;
  aws.fault = (action) => {
    if (action === 'DescribeStackResource') throw Object.assign(new Error('Rate exceeded'), { name: 'Throttling' });
  };
  expect((await deletion()).Status).toBe('FAILED');
  aws.fault = () => undefined;
  expect((await deletion()).Status).toBe('SUCCESS');
  nothing();
});

test.each(['AccessDenied', 'ValidationError'])('%s: it is not of this stack, and nothing is touched', async (name) => {
  await create();
  aws.fault = (action) => {
    if (action === 'DescribeStackResource') throw Object.assign(new Error('not yours'), { name });
  };
  expect((await deletion()).Status).toBe('SUCCESS');
  expect(aws.parameters.names).toEqual([PARAMETER]);
});
