import { parseArgs, type ParseArgsConfig } from 'node:util';
import { fleetSettings } from '../lib/fleet/settings.ts';
import type { AwsOptions } from './aws.ts';
import type { EnrolmentOptions } from './enrolment.ts';
import { CliError } from '../cli/terminal/cli-error.ts';
import type { Outcome } from './outcome.ts';
import type { PaceOptions } from './pace.ts';
import { Progress } from './progress.ts';

// `npm run prove -- NAME`: the long proofs, one file each.

interface Options extends AwsOptions, EnrolmentOptions, PaceOptions {
  readonly name?: string | undefined;
  readonly prefix?: string | undefined;
}

interface Proof {
  readonly load: () => Promise<{ readonly prove: (progress: Progress, options: Options) => Promise<Outcome> }>;
  /** What stands behind its name. @default nothing */
  readonly takes?: ParseArgsConfig['options'];
}

/** Of another fleet than one without a name. */
const ANY_FLEET = { name: { type: 'string' }, prefix: { type: 'string' } } as const;

/** By name. Each says on the way what failed, and why. */
const PROOFS: Readonly<Record<string, Proof>> = {
  attacks: { load: () => import('./attacks.ts'), takes: ANY_FLEET },
  aws: { load: () => import('./aws.ts'), takes: { yes: { type: 'boolean' }, json: { type: 'string' } } },
  enrolment: { load: () => import('./enrolment.ts'), takes: { ...ANY_FLEET, every: { type: 'string' } } },
  faults: { load: () => import('./faults.ts'), takes: ANY_FLEET },
  fuzz: { load: () => import('./fuzz.ts') },
  loss: { load: () => import('./loss.ts'), takes: ANY_FLEET },
  mutations: { load: () => import('./mutations.ts') },
  pace: { load: () => import('./pace.ts'), takes: { scenario: { type: 'string' } } },
};

const [proof = '', ...args] = process.argv.slice(2);
const { load, takes = {} } = (Object.hasOwn(PROOFS, proof) ? PROOFS[proof] : undefined) ?? {};
if (load === undefined) {
  console.error(`esp-fleet: prove what? npm run prove -- NAME; allowed: ${Object.keys(PROOFS).join(', ')}`);
  process.exit(1);
}
let options: Options;
try {
  options = parseArgs({ args, options: takes }).values;
  const { name, prefix } = options;
  fleetSettings({ name, prefix });
  process.env.PROVED_FLEET = JSON.stringify({ name, prefix }); // for proved-fleet.ts, in every process that a proof starts
} catch (error) {
  const allowed = Object.keys(takes).map((option) => `--${option}`);
  console.error(`esp-fleet: ${(error as Error).message}; ${proof} takes ${allowed.join(', ') || 'no options'}`);
  process.exit(1);
}

const progress = new Progress(proof);
try {
  const { prove } = await load();
  const { cases, failed } = await prove(progress, options);
  progress.end();
  console.log(`${proof}: ${cases} cases, ${failed} failed`);
  process.exitCode = failed === 0 && cases > 0 ? 0 : 1;
} catch (error) {
  progress.end();
  console.error(
    `esp-fleet: the proof ${proof} could not be finished: ${error instanceof CliError ? error.message : textOf(error)}`,
  );
  process.exitCode = 1;
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
