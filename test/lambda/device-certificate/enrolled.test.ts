import { duringNextPause } from './quick-pauses.ts';
import { beforeEach, expect, test } from 'vitest';
import { answerTo, eventFor, logicalIdOf, pathOf } from './cloudformation.ts';
import { FakeAws, FakeCertificate } from './fake-aws.ts';

/* The custom resource of a device whose board makes its key: it makes nothing, revokes, and deletes. */

const ID = 'enrolment/shed/request-1';
const shed = { key: 'board' } as const;

let aws: FakeAws;
beforeEach(() => {
  aws = new FakeAws();
  aws.things.set('shed', { attributes: { wants: '1' }, version: 1 });
});

/** What a board has got by enrolment. */
function enrolled(certificate = FakeCertificate.working('shed')): FakeCertificate {
  aws.certificates.push(certificate);
  return certificate;
}

/** Its certificate is not attached yet. */
const pending = () => enrolled(new FakeCertificate());

function admitted(certificate: FakeCertificate): void {
  aws.things.set('shed', { attributes: { wants: '1', has: `1:${certificate.id}`, code: 'f'.repeat(64) }, version: 2 });
}

const shows = (status: string, physicalId = ID) => aws.resources.set(logicalIdOf(), { status, physicalId });
const deletion = (physicalId = ID) => answerTo(eventFor('Delete', { ...shed, physicalId }));
const revocation = () => answerTo(eventFor('Update', { ...shed, revoked: true, physicalId: ID }, shed));

test('a creation makes nothing, and has an id that no other creation has', async () => {
  expect(await answerTo(eventFor('Create', shed))).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ID });
  expect(aws.calls).toEqual([]);
});

test('a rotation changes nothing', async () => {
  const certificate = enrolled();
  shows('UPDATE_IN_PROGRESS');
  const event = eventFor('Update', { ...shed, generation: 2, physicalId: ID }, shed);
  expect(await answerTo(event)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ID });
  expect(certificate.works).toBe(true);
});

test('a revocation lets nobody in any more, and then revokes what there is, what is about to be attached included', async () => {
  const [used, next] = [enrolled(), pending()];
  next.status = 'PENDING_ACTIVATION';
  admitted(next);
  shows('UPDATE_IN_PROGRESS');
  expect(await revocation()).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ID });
  expect([used.status, next.status]).toEqual(['REVOKED', 'REVOKED']);
  expect(aws.things.get('shed')?.attributes.wants).toBe('revoked');
  expect(aws.calls.indexOf('UpdateThing')).toBeLessThan(aws.calls.indexOf('ListThingPrincipals'));
});

test('a revocation revokes what AWS IoT was still attaching, also where nothing says any more that it was admitted', async () => {
  shows('UPDATE_IN_PROGRESS');
  let late: FakeCertificate | undefined;
  duringNextPause(async () => void (late = enrolled()));
  expect(await revocation()).toMatchObject({ Status: 'SUCCESS' });
  expect(late?.status).toBe('REVOKED');
});

test('a revocation that is delivered again after its end touches nothing', async () => {
  const certificate = enrolled();
  shows('UPDATE_COMPLETE');
  expect(await revocation()).toMatchObject({ Status: 'SUCCESS' });
  expect(certificate.works).toBe(true);
});

test('a deletion takes all that the board has got, and lets nobody in any more', async () => {
  enrolled();
  admitted(pending());
  shows('DELETE_IN_PROGRESS');
  expect(await deletion()).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: ID });
  expect(aws.certificates).toEqual([]);
  expect([...aws.policies]).toEqual([]); // the stand-in
  expect(aws.things.get('shed')?.attributes).toEqual({});
});

test('a deletion goes on where AWS IoT was still attaching what had been admitted', async () => {
  enrolled();
  shows('DELETE_IN_PROGRESS');
  let late: FakeCertificate | undefined;
  aws.watch = () => {
    if (late === undefined && aws.calls.at(-1) === 'DeleteCertificate') late = enrolled();
  };
  expect(await deletion()).toMatchObject({ Status: 'SUCCESS' });
  expect(late).toBeDefined();
  expect(aws.certificates).toEqual([]);
});

test('what a deployment has made stays, when the device turns from one kind of key to the other', async () => {
  enrolled();
  aws.resources.set(logicalIdOf(2), { status: 'CREATE_IN_PROGRESS' });
  const { PhysicalResourceId: made } = await answerTo(eventFor('Create', { generation: 2 }));
  shows('DELETE_IN_PROGRESS');
  expect(await deletion()).toMatchObject({ Status: 'SUCCESS' });
  expect(aws.certificates.map(({ id, works }) => [id, works])).toEqual([[made, true]]);
  expect(aws.parameters.has(`${pathOf(2)}/key`)).toBe(true);
});

test('what is attached to another thing as well stays', async () => {
  const certificate = enrolled(FakeCertificate.working('somebody'));
  admitted(certificate);
  shows('DELETE_IN_PROGRESS');
  expect(await deletion()).toMatchObject({ Status: 'SUCCESS' });
  expect(aws.certificates).toEqual([certificate]);
});

test.each([
  ['after its end', 'DELETE_COMPLETE', ID],
  ['when the device was added again', 'CREATE_COMPLETE', 'enrolment/shed/request-2'],
])('a deletion that is delivered again %s touches nothing', async (_, status, physicalId) => {
  const certificate = enrolled();
  shows(status, physicalId);
  expect(await deletion()).toMatchObject({ Status: 'SUCCESS' });
  expect(certificate.works).toBe(true);
});

test('a creation that was given up has left nothing, and its thing may be gone', async () => {
  aws.things.clear();
  const invented = 'shedEnrolment-1ABCDEFGHIJKL';
  shows('DELETE_IN_PROGRESS', invented);
  expect(await deletion(invented)).toMatchObject({ Status: 'SUCCESS' });
});

test('a deletion of which any call fails, before or after it took effect, is tried again and leaves nothing', async () => {
  const prepared = () => {
    aws.certificates.splice(0);
    aws.calls = [];
    aws.fault = () => undefined;
    enrolled();
    admitted(pending());
    shows('DELETE_IN_PROGRESS');
  };
  prepared();
  await deletion();
  const calls = aws.calls.length;
  expect(calls).toBeGreaterThan(10);
  for (const moment of ['before', 'after'] as const) {
    for (let failing = 1; failing <= calls; failing++) {
      prepared();
      let isBroken = false;
      aws.fault = (_, when) => {
        if (isBroken || when !== moment || aws.calls.length !== failing) return;
        isBroken = true;
        throw new Error('the answer is lost');
      };
      expect(await deletion(), `call ${failing}`).toMatchObject({ Status: 'SUCCESS' });
      expect([aws.certificates, [...aws.policies], aws.things.get('shed')?.attributes]).toEqual([[], [], {}]);
    }
  }
});
