import './known-keys.ts';
import './quick-pauses.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerTo, type Event, eventFor, logicalIdOf } from './cloudformation.ts';
import { expectDevice, orphans } from './expect-device.ts';
import { FakeAws } from './fake-aws.ts';
import { INVENTED } from './stack.ts';
import { runTwice, type Turns } from './two-runs.ts';

let aws: FakeAws;
const anew = () => void (aws = new FakeAws());

const CALLS = 12;
const ONE = { generations: [1] };

const turns = fc.array(fc.tuple(fc.constantFrom('first' as const, 'second' as const), fc.integer({ min: 1, max: 4 })), {
  minLength: 4,
  maxLength: 12,
});
/** Whoever is left over goes on to the end. */
const toTheEnd = (some: Turns): Turns => [...some, ['first', 1_000], ['second', 1_000]];

test('one event delivered twice: one certificate, and both runs answer with it', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(turns, async (some) => {
      anew();
      const event = eventFor('Create');
      const { first, second } = await runTwice(event, event, toTheEnd(some), aws);
      expect([first?.Status, second?.Status]).toEqual(['SUCCESS', 'SUCCESS']);
      expect(first?.PhysicalResourceId).toBe(second?.PhysicalResourceId);
      expect(aws.certificates).toHaveLength(1);
      expectDevice(aws, ONE, new Set());
    }),
    { numRuns: 60 },
  );
});

test('one of the two is killed: the other one answers all the same', { timeout: 60_000 }, async () => {
  for (let killed = 1; killed <= 8; killed++) {
    for (let before = 0; before < killed; before++) {
      anew();
      const event = eventFor('Create');
      const other = ['second', 2] as const;
      const some: Turns = [['first', before], other, ['first', killed - before], ['second', CALLS * 3]];
      const { second } = await runTwice(event, event, some, aws);
      expect(second?.Status).toBe('SUCCESS');
      expectDevice(aws, ONE, new Set());
    }
  }
});

/** CloudFormation has given the creation up, and deletes beside the run that goes on. */
test('a deletion beside its creation, in every order: nothing is left', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(turns, fc.integer({ min: 1, max: 8 }), async (some, begun) => {
      anew();
      let calls = 0;
      aws.fault = (_, when) => {
        if (when === 'before' && ++calls === begun)
          aws.resources.set(logicalIdOf(), { status: 'DELETE_IN_PROGRESS', physicalId: INVENTED });
      };
      const deletion: Event = eventFor('Delete', { physicalId: INVENTED });
      // The deletion comes once CloudFormation shows it.
      const { second } = await runTwice(eventFor('Create'), deletion, toTheEnd([['first', begun], ...some]), aws);
      aws.fault = () => undefined;
      if (second?.Status !== 'SUCCESS') expect((await answerTo(deletion)).Status).toBe('SUCCESS');
      expect(aws.certificates.filter(({ status }) => status === 'ACTIVE')).toEqual([]);
      // A key may have been stored after the deletion has looked.
      expect([...aws.parameters.keys()].filter((name) => name.endsWith('/certificate'))).toEqual([]);
      for (const orphan of orphans(aws)) expect(orphan).toMatchObject({ status: 'INACTIVE', isAttached: false });
    }),
    { numRuns: 150 },
  );
});
