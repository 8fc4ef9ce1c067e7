import { vi } from 'vitest';

/** Pauses take no time, and the clock goes on by as much as they would have taken. */
const meanwhile: { act: (() => Promise<unknown>) | undefined } = { act: undefined };

/** What happens during the next pause. */
export function duringNextPause(act: () => Promise<unknown>): void {
  meanwhile.act = act;
}

vi.mock('node:timers/promises', () => ({
  setTimeout: async (milliseconds: number) => {
    vi.setSystemTime(Date.now() + milliseconds);
    const { act } = meanwhile;
    meanwhile.act = undefined;
    await act?.();
  },
}));
vi.useFakeTimers({ toFake: ['Date'] });
