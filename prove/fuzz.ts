import type { Outcome } from './outcome.ts';
import type { Progress } from './progress.ts';
import { type Target, TARGETS } from '../testing/firmware/fuzz/targets.ts';
import { Fuzzer } from '../testing/firmware/fuzzer.ts';
import { canFuzz } from '../testing/firmware/requirements.ts';

const ROUNDS = 20;
const RUNS = 20_000;

/**
 * Nothing that a broker sends makes FleetDevice read or write what it may not, or lose a reading: each target of
 * testing/firmware/fuzz in 20 rounds of 20,000 inputs, each round with what the ones before found of interest. A case is an
 * input; the first finding of a target is its last.
 */
export async function prove(progress: Progress): Promise<Outcome> {
  if (!canFuzz()) throw new Error('clang and its fuzzer are missing');
  const targets = Object.keys(TARGETS) as Target[];
  let cases = 0;
  let failed = 0;
  progress.expect(targets.length * ROUNDS);
  for (const target of targets) {
    const fuzzer = await Fuzzer.build(target);
    try {
      for (let round = 1; round <= ROUNDS; round++) {
        const { runs, finding } = await fuzzer.run(RUNS, round);
        cases += runs;
        progress.case(`${target}, round ${round}`, finding);
        if (finding === undefined) continue;
        failed += 1;
        break;
      }
    } finally {
      fuzzer.close();
    }
  }
  return { cases, failed };
}
