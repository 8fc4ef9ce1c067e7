import '../device-certificate/quick-pauses.ts';
import { beforeEach, expect, test } from 'vitest';
import { handler } from '../../../lambda/identity-used/handler.ts';
import { FakeAws, FakeCertificate } from '../device-certificate/fake-aws.ts';

/* What becomes of a board's older certificates when it says that it uses a new one. */

let aws: FakeAws;
let old: FakeCertificate;
let newest: FakeCertificate;
beforeEach(() => {
  aws = new FakeAws();
  [old, newest] = [certificate(), certificate()];
  aws.things.set('shed', { attributes: { wants: '2', has: `2:${newest.id}` }, version: 1 });
});

function certificate(thing = 'shed'): FakeCertificate {
  const made = FakeCertificate.working(thing);
  aws.certificates.push(made);
  return made;
}

const used = (id: string, device = 'shed') =>
  handler({ device, certificate: id }, { getRemainingTimeInMillis: () => 60_000 });

test('the newest one that was admitted: the others are deleted', async () => {
  const another = certificate();
  await used(newest.id);
  expect(aws.certificates).toEqual([newest]);
  expect(newest.works).toBe(true);
  expect([old.isAttached, another.isAttached]).toEqual([false, false]);
});

test('said twice, and after an answer that was lost at any call: the same', async () => {
  await used(newest.id);
  await used(newest.id);
  const { length } = aws.calls;
  for (let failing = 1; failing <= length; failing++) {
    aws.calls = [];
    aws.certificates.splice(0, Infinity, newest);
    const before = certificate();
    aws.fault = () => {
      if (aws.calls.length === failing) throw new Error('the answer is lost');
    };
    await used(newest.id).catch(() => undefined);
    aws.fault = () => undefined;
    await used(newest.id);
    expect(newest.works).toBe(true);
    expect(before.works, `call ${failing}`).toBe(false);
  }
});

/* Whether DescribeThing shows at once what UpdateThing wrote, AWS does not say. */
test.each([
  ['at once', false],
  ['later', true],
])('the next one is admitted meanwhile, before any call, and shown %s: it is not deleted', async (_, isLate) => {
  await used(newest.id);
  const { length } = aws.calls;
  for (let before = 1; before <= length; before++) {
    aws.calls = [];
    aws.certificates.splice(0, Infinity, newest, FakeCertificate.working('shed'));
    const thing = { attributes: { wants: '2', has: `2:${newest.id}` }, version: 1 };
    aws.things.set('shed', thing);
    let next: FakeCertificate | undefined;
    aws.turn = async () => {
      if (aws.calls.includes('UpdateThing')) aws.described = undefined;
      if (next !== undefined || aws.calls.length < before - 1) return;
      next = certificate();
      if (isLate) aws.described = { ...thing };
      aws.things.set('shed', { attributes: { wants: '3', has: `3:${next.id}` }, version: thing.version + 1 });
    };
    await used(newest.id);
    expect(next?.works, `call ${before}`).toBe(true);
    expect(newest.works).toBe(true);
  }
});

test('the device is changed in another way meanwhile: the others are deleted all the same', async () => {
  let isChanged = false;
  aws.turn = async (action) => {
    if (action !== 'UpdateThing' || isChanged) return;
    isChanged = true;
    const { attributes = {}, version = 0 } = aws.things.get('shed') ?? {};
    aws.things.set('shed', { attributes: { ...attributes, code: 'of fleet enrol' }, version: version + 1 });
  };
  await used(newest.id);
  expect(aws.certificates).toEqual([newest]);
  expect(aws.things.get('shed')?.attributes).toMatchObject({ code: 'of fleet enrol', has: `2:${newest.id}` });
});

test('nothing is there to delete: nothing is written', async () => {
  aws.certificates.splice(0, Infinity, newest);
  await used(newest.id);
  expect(aws.calls).not.toContain('UpdateThing');
});

test.each([
  ['an older one', () => used(old.id)],
  ['one of another device', () => used(certificate('attic').id)],
  ['nothing', () => used('')],
  ['something of a device that there is not', () => used(newest.id, 'attic')],
  ['something of a pattern', () => used(newest.id, '*')],
])('%s: nothing changes', async (_, say) => {
  await say();
  expect([old.works, newest.works]).toEqual([true, true]);
});

test('of a device that is the line of a list: what its line says counts, and its policy has other devices as well', async () => {
  aws.things.set('shed', { attributes: { device: 'shed' }, version: 1 });
  aws.table.put('shed', { site: 'field', wants: '2', has: `2:${newest.id}` });
  for (const each of [old, newest]) each.policies.delete('shed');
  for (const each of [old, newest, certificate('attic')]) each.policies.add('Devices-field');
  await used(old.id);
  expect(aws.certificates).toContain(old);
  await used(newest.id);
  expect(aws.certificates.map(({ id }) => id)).not.toContain(old.id);
  expect([...newest.policies]).toEqual(['Devices-field']);
  expect(aws.calls).not.toContain('ListTargetsForPolicy');
});

test('nothing is known of what was admitted: nothing changes, and doctor names what works beside it', async () => {
  aws.things.set('shed', { attributes: { wants: '2' }, version: 1 });
  await used(newest.id);
  expect([old.works, newest.works]).toEqual([true, true]);
});
