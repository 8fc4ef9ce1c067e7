import { pause } from './wait.ts';

/** Another run of the same event was first: whatever this run has read is old. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';

  constructor() {
    super('other runs of this event were faster every time');
  }
}

/** Runs something again from its start for as long as it is overtaken, until the deadline (milliseconds since 1970). */
export async function untilNotOvertaken<Result>(deadline: number, run: () => Promise<Result>): Promise<Result> {
  for (let longest = 0; ; longest = Math.min(2 * longest + 100, 5_000)) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Overtaken) || Date.now() + longest > deadline) throw error;
    }
    await pause(longest * (0.5 + Math.random() / 2));
  }
}
