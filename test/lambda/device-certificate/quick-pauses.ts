import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { afterAll, vi } from 'vitest';

/** Pauses take no time, and the clock goes on by as much as they would have taken. */
const meanwhile: { act: (() => Promise<unknown>) | undefined } = { act: undefined };

/** What happens during the next pause. */
export function duringNextPause(act: () => Promise<unknown>): void {
  meanwhile.act = act;
}

// No vi.mock(), after which these files could share no modules with others.
const { setTimeout } = timers;
timers.setTimeout = (async (milliseconds: number) => {
  vi.setSystemTime(Date.now() + milliseconds);
  const { act } = meanwhile;
  meanwhile.act = undefined;
  await act?.();
}) as typeof setTimeout;
syncBuiltinESMExports();
afterAll(() => {
  timers.setTimeout = setTimeout;
  syncBuiltinESMExports();
});
vi.useFakeTimers({ toFake: ['Date'] });
