import fc from 'fast-check';
import { beforeEach, expect, test, vi } from 'vitest';
import { answerTo } from './cloudformation.ts';
import { orphans, works } from './device-state.ts';
import { FakeAws } from './fake-aws.ts';
import { carryOut, expectState, type Operation, OPERATIONS, working } from './operations.ts';
import { FakeStack, lambda } from './stack.ts';
import { runTwice, type Turns } from './two-runs.ts';

// A removal is tried again after a pause, which is not what these tests are about.
vi.mock('../../../lambda/device-certificate/wait.ts', async (original) => ({
  ...(await original<object>()),
  pause: () => Promise.resolve(),
}));

let aws: FakeAws;
let stack: FakeStack;
beforeEach(() => {
  aws = new FakeAws();
  stack = new FakeStack(aws);
  vi.spyOn(console, 'log').mockReturnValue();
});

/** For each event of an operation, how many calls it takes when it runs once. */
async function callsOf({ past, deployment }: Operation): Promise<number[]> {
  for (const one of past) await carryOut(one, stack, aws);
  const [restore, resource] = [aws.snapshot(), stack.resource];
  const calls: number[] = [];
  stack.invoke = async (event) => {
    aws.calls = [];
    const answer = await lambda(aws)(event);
    calls.push(aws.calls.length);
    return answer;
  };
  await carryOut(deployment, stack, aws);
  restore();
  stack.resource = resource;
  return calls;
}

/** Carries an operation out, one of its events twice at once, and asserts that it comes to the same. */
async function expectSame({ from, deployment, to }: Operation, which: number, turns: Turns): Promise<void> {
  const inUse = from === 'live' && to === 'live' ? working(aws) : [];
  let events = 0;
  let isKilled = false;
  stack.invoke = async (event) => {
    if (events++ !== which) return lambda(aws)(event);
    const { first, second } = await runTwice(event, turns, aws);
    isKilled = first === undefined || second === undefined;
    const third = isKilled ? await answerTo(event) : undefined; // Lambda runs it again
    const answers = [first, second, third].filter((answer) => answer !== undefined);
    expect(answers.map(({ Status }) => Status)).toEqual(answers.map(() => 'SUCCESS'));
    expect(answers).toEqual(answers.map(() => answers[0]));
    return answers[0];
  };
  await carryOut(deployment, stack, aws);
  expect(events).toBeGreaterThan(which);
  expectState(to, stack, aws);
  expect(orphans(aws).length).toBeLessThanOrEqual(isKilled ? 1 : 0);
  expect(inUse.filter((id) => !works(aws.certificate(id)))).toEqual([]);
}

test.each(OPERATIONS)('$name: every event twice, at every pair of calls', { timeout: 300_000 }, async (operation) => {
  const eventCalls = await callsOf(operation);
  const [restore, resource] = [aws.snapshot(), stack.resource];
  for (const [which, calls] of eventCalls.entries()) {
    for (let first = 0; first <= calls; first++) {
      for (let second = 1; second <= calls; second++) {
        restore();
        stack.resource = resource;
        try {
          await expectSame(operation, which, [
            ['first', first],
            ['second', second],
            ['first', Infinity],
            ['second', Infinity],
          ]);
        } catch (error) {
          throw new Error(`event ${which}: ${second} calls of the second run after ${first} of the first`, {
            cause: error,
          });
        }
      }
    }
  }
});
test.each(OPERATIONS)(
  '$name: every event twice, in any order, also if one run is killed',
  { timeout: 60_000 },
  async (operation) => {
    const events = (await callsOf(operation)).length;
    const [restore, resource] = [aws.snapshot(), stack.resource];
    const run = fc.constantFrom('first' as const, 'second' as const);
    const turn = fc.tuple(run, fc.integer({ min: 1, max: 6 }));
    const lastTurns = fc.subarray([['first', Infinity] as const, ['second', Infinity] as const], { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(fc.nat(events - 1), fc.array(turn, { maxLength: 12 }), lastTurns, async (which, turns, last) => {
        restore();
        stack.resource = resource;
        await expectSame(operation, which, [...turns, ...last]);
      }),
      { numRuns: 100 },
    );
  },
);
