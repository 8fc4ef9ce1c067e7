import type { Outcome } from './outcome.ts';
import { Progress } from './progress.ts';

// `npm run prove -- NAME`: the long proofs, one file each.

/** By name. Each says on the way what failed, and why. */
const PROOFS: Readonly<Record<string, () => Promise<{ readonly prove: (progress: Progress) => Promise<Outcome> }>>> = {
  attacks: () => import('./attacks.ts'),
  faults: () => import('./faults.ts'),
  fuzz: () => import('./fuzz.ts'),
  loss: () => import('./loss.ts'),
  mutations: () => import('./mutations.ts'),
  pace: () => import('./pace.ts'),
};

const [name = '', ...rest] = process.argv.slice(2);
const load = Object.hasOwn(PROOFS, name) && rest.length === 0 ? PROOFS[name] : undefined;
if (load === undefined) {
  console.error(`esp-fleet: prove what? npm run prove -- NAME; allowed: ${Object.keys(PROOFS).join(', ')}`);
  process.exit(1);
}

const progress = new Progress(name);
try {
  const { prove } = await load();
  const { cases, failed } = await prove(progress);
  progress.end();
  console.log(`${name}: ${cases} cases, ${failed} failed`);
  process.exitCode = failed === 0 && cases > 0 ? 0 : 1;
} catch (error) {
  progress.end();
  console.error(
    `esp-fleet: the proof ${name} could not be finished: ${error instanceof Error ? error.stack : String(error)}`,
  );
  process.exitCode = 1;
}
