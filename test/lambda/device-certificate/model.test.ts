import './known-keys.ts';
import './quick-pauses.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerTo } from './cloudformation.ts';
import { expectDevice } from './expect-device.ts';
import { FakeAws } from './fake-aws.ts';
import { type Entry, FakeStack } from './stack.ts';

type Step =
  | { readonly kind: 'deploy'; readonly entry: Entry; readonly somethingElse: 'succeeds' | 'fails' }
  | { readonly kind: 'fleet revoke' }
  | { readonly kind: 'an event comes again'; readonly which: number };

const entry: fc.Arbitrary<Entry> = fc.record({
  generations: fc.constantFrom([], [1], [1, 2], [2], [2, 3], [3]),
  revoked: fc.boolean(),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('deploy' as const),
      entry,
      somethingElse: fc.constantFrom('succeeds', 'fails'),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'fleet revoke' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('an event comes again' as const), which: fc.nat(50) }) },
);

test('in every order of file, verb, deployment, rollback and late event, REVOKED stays, and a device is as its file says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
      const aws = new FakeAws();
      const stack = new FakeStack(aws);
      const dead = new Set<string>();
      let wanted: Entry = { generations: [] };
      for (const one of steps) {
        if (one.kind === 'deploy') {
          const isDone = await stack.deploy(one.entry, one.somethingElse);
          expect(isDone).toBe(one.somethingElse === 'succeeds');
          if (isDone) wanted = one.entry;
        } else if (one.kind === 'fleet revoke') {
          for (const certificate of aws.certificates) certificate.status = 'REVOKED';
        } else {
          const event = stack.events[one.which % Math.max(1, stack.events.length)];
          if (event !== undefined) await answerTo(event);
        }
        for (const { id } of aws.certificates.filter(({ status }) => status === 'REVOKED')) dead.add(id);
        for (const { id, status } of aws.certificates) if (dead.has(id)) expect(status).toBe('REVOKED');
        expectDevice(aws, wanted, dead);
      }
    }),
    { numRuns: 150 },
  );
}, 120_000);
