import { describe, expect, it } from 'vitest';
import { type Target, TARGETS } from '../../testing/firmware/fuzz/targets.ts';
import { Fuzzer } from '../../testing/firmware/fuzzer.ts';
import { canFuzz } from '../../testing/firmware/requirements.ts';

/*
 * All in FleetDevice that reads bytes from the network, fuzzed under AddressSanitizer and UndefinedBehaviorSanitizer. The
 * same inputs each time; `npm run prove -- fuzz` tries more of them.
 */

const RUNS = 20_000;

describe.skipIf(!canFuzz())('whatever a broker sends', () => {
  it.each(Object.keys(TARGETS) as Target[])(`%s: ${RUNS} inputs`, async (target) => {
    const fuzzer = await Fuzzer.build(target);
    try {
      const { runs, finding } = await fuzzer.run(RUNS, 1);
      expect(finding).toBeUndefined();
      expect(runs).toBeGreaterThanOrEqual(RUNS);
    } finally {
      fuzzer.close();
    }
  });
});
