import { parseArgs } from 'node:util';
import { fleetSettings } from '../lib/fleet/settings.ts';
import type { Outcome } from './outcome.ts';
import { Progress } from './progress.ts';

// `npm run prove -- NAME`: the long proofs, one file each. Some take another fleet than one without a name: --name, --prefix.

/** By name. Each says on the way what failed, and why. */
const PROOFS: Readonly<Record<string, () => Promise<{ readonly prove: (progress: Progress) => Promise<Outcome> }>>> = {
  attacks: () => import('./attacks.ts'),
  faults: () => import('./faults.ts'),
  fuzz: () => import('./fuzz.ts'),
  loss: () => import('./loss.ts'),
  mutations: () => import('./mutations.ts'),
  pace: () => import('./pace.ts'),
};

/** Those that can prove a fleet with a name or a prefix of its own. */
const OF_ANY_FLEET = ['attacks', 'faults', 'loss'];

const [name = '', ...rest] = process.argv.slice(2);
const load = Object.hasOwn(PROOFS, name) ? PROOFS[name] : undefined;
if (load === undefined || (rest.length > 0 && !OF_ANY_FLEET.includes(name))) {
  console.error(
    `esp-fleet: prove what? npm run prove -- NAME; allowed: ${Object.keys(PROOFS).join(', ')}, and of ` +
      `${OF_ANY_FLEET.join(', ')} --name NAME --prefix PREFIX besides`,
  );
  process.exit(1);
}
try {
  const { values } = parseArgs({ args: rest, options: { name: { type: 'string' }, prefix: { type: 'string' } } });
  fleetSettings(values);
  process.env.PROVED_FLEET = JSON.stringify(values); // read by proved-fleet.ts, in every process that a proof starts
} catch (error) {
  console.error(`esp-fleet: ${(error as Error).message}`);
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
