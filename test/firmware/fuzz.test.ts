import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Target, TARGETS } from '../../testing/firmware/fuzz/targets.ts';
import { Fuzzer } from '../../testing/firmware/fuzzer.ts';
import { canFuzz } from '../../testing/firmware/requirements.ts';

/*
 * All in FleetDevice that reads bytes from the network, fuzzed under AddressSanitizer and UndefinedBehaviorSanitizer. The
 * same inputs each time; `npm run prove -- fuzz` tries more of them.
 */

const RUNS = 20_000;

describe.skipIf(!canFuzz())('whatever a broker sends', () => {
  const targets = Object.keys(TARGETS) as Target[];
  const fuzzers = new Map<Target, Fuzzer>();
  beforeAll(async () => {
    for (const target of targets) fuzzers.set(target, await Fuzzer.build(target));
  });
  afterAll(() => fuzzers.forEach((fuzzer) => fuzzer.close()));

  it.each(targets)(`%s: ${RUNS} inputs`, async (target) => {
    const { runs, finding } = (await fuzzers.get(target)?.run(RUNS, 1)) ?? {};
    expect(finding).toBeUndefined();
    expect(runs).toBeGreaterThanOrEqual(RUNS);
  });
});
