import { AsyncLocalStorage } from 'node:async_hooks';
import { type Answer, answerTo, type Event } from './cloudformation.ts';
import type { FakeAws } from './fake-aws.ts';

type Name = 'first' | 'second';

/** Who may make how many calls, one after the other. */
export type Turns = readonly (readonly [run: Name, calls: number])[];

const running = new AsyncLocalStorage<Name>();

/**
 * Lambda runs two events at once, or one twice: the calls of the two take turns as told. A run whose turns are over, while
 * the other goes on, has been killed.
 *
 * @returns the answers, undefined where a run was killed
 */
export async function runTwice(
  one: Event,
  other: Event,
  turns: Turns,
  aws: FakeAws,
): Promise<Record<Name, Answer | undefined>> {
  const left = turns.map(([run, calls]) => ({ run, calls }));
  const waiting = new Map<Name, (isAlive: boolean) => void>();
  const killed = new Set<Name>();

  const goOn = () => {
    while (left[0] !== undefined && left[0].calls <= 0) left.shift();
    for (const [run, resume] of waiting) {
      if (left[0]?.run === run) {
        waiting.delete(run);
        left[0].calls--;
        resume(true);
      } else if (left.every((turn) => turn.run !== run)) {
        waiting.delete(run);
        killed.add(run);
        resume(false);
      }
    }
  };
  aws.turn = async (action) => {
    const run = running.getStore() ?? 'first';
    const isAlive = await new Promise<boolean>((resume) => {
      waiting.set(run, resume);
      goOn();
    });
    if (!isAlive) throw new Error(`${action}: this run was killed`);
  };
  const start = (run: Name, event: Event) =>
    running.run(run, async () => {
      const answer = await answerTo(event);
      for (const turn of left) if (turn.run === run) turn.calls = 0;
      goOn();
      return killed.has(run) ? undefined : answer;
    });

  const [first, second] = await Promise.all([start('first', one), start('second', other)]);
  aws.turn = () => undefined;
  return { first, second };
}
