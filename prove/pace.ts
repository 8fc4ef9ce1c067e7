import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../cli/terminal/cli-error.ts';
import { startDeployment } from '../testing/cloud/deployment.ts';
import type { Outcome } from './outcome.ts';
import { type Expected, inventoryOf, problemsIn } from './pace/inventory.ts';
import type { Progress } from './progress.ts';

/** As many devices as a site holds. */
const FULL = 165;

/** A full site has room for one second generation. */
const ROTATING = 1;

/** A deletion of five minutes need not take five minutes to be proved; the rates are AWS's own. */
const DIVIDE_LAGS = 10;

/** More than anything here takes. */
const LIMIT_MS = 1_500_000;

export interface PaceOptions {
  /** The name of the only one that is played. @default all */
  readonly scenario?: string | undefined;
}

interface Scenario {
  readonly name: string;
  readonly sites: readonly string[];
  /** Functions that an account runs at a time. */
  readonly lambdaConcurrency: number;
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'a full site', sites: ['home'], lambdaConcurrency: 1_000 },
  { name: 'a full site in a new account', sites: ['home'], lambdaConcurrency: 10 },
  { name: 'two full sites at once', sites: ['home', 'barn'], lambdaConcurrency: 1_000 },
];

/** What is done to the sites, one after the other, and what is there afterwards, by the numbers of devices and sites. */
interface Step {
  readonly name: string;
  /** The entry of a device, by its place; undefined where the sites are to be empty. */
  readonly entry?: (place: number) => string;
  /** A setting of the fleet that changes every policy. */
  readonly ingest?: 'basic';
  readonly command?: readonly string[];
  readonly expected: (devices: number, sites: number) => Expected;
}

const live = (devices: number, second = 0): Expected => ({
  things: devices,
  policies: devices,
  parameters: 2 * (devices + second),
  certificates: { ACTIVE: devices + second },
});

const NOTHING: Expected = { things: 0, policies: 0, parameters: 0, certificates: {} };

const isRotating = (place: number): boolean => place < ROTATING;

const STEPS: readonly Step[] = [
  { name: 'create', entry: () => '', expected: (devices) => live(devices) },
  { name: 'change every policy', entry: () => '', ingest: 'basic', expected: (devices) => live(devices) },
  {
    name: 'rotate as many as there is room for',
    entry: (place) => (isRotating(place) ? ', generations: [1, 2]' : ''),
    expected: (devices, sites) => live(devices, ROTATING * sites),
  },
  {
    name: 'finish that',
    entry: (place) => (isRotating(place) ? ', generations: [2]' : ''),
    expected: (devices) => live(devices),
  },
  {
    name: 'revoke all',
    entry: (place) => `${isRotating(place) ? ', generations: [2]' : ''}, revoked: true`,
    expected: (devices) => ({ ...live(devices), certificates: { REVOKED: devices } }),
  },
  { name: 'empty', expected: () => NOTHING },
  { name: 'destroy', command: ['destroy', '--all', '--force'], expected: () => NOTHING },
];

/**
 * The most devices that a site may hold are created, changed, rotated, revoked and deleted, each in one deployment by the real
 * CDK CLI, under AWS's request limits and lags: no throttle reaches the user, and nothing is left. A device is a case.
 */
export async function prove(progress: Progress, { scenario }: PaceOptions = {}): Promise<Outcome> {
  const chosen = SCENARIOS.filter(({ name }) => scenario === undefined || name === scenario);
  const allowed = SCENARIOS.map(({ name }) => `"${name}"`).join(', ');
  if (chosen.length === 0) throw new CliError(`there is no scenario "${scenario}"; allowed: ${allowed}`);
  for (const { sites } of chosen) progress.expect(STEPS.length * sites.length * FULL);
  for (const each of chosen) await play(each, progress);
  return progress.outcome;
}

async function play({ name, sites, lambdaConcurrency }: Scenario, progress: Progress): Promise<void> {
  const pace = { name: 'aws', lambdaConcurrency, divideLags: DIVIDE_LAGS } as const;
  const deployment = await startDeployment({ pace, limitMs: LIMIT_MS });
  try {
    rmSync(join(deployment.fleetDir, 'home.yaml'));
    for (const step of STEPS) {
      for (const site of sites) deployment.writeSite(site, fleetFile(site, step.entry));
      if (step.ingest !== undefined) deployment.settings.ingest = step.ingest;
      const began = Date.now();
      const deploy = ['deploy', '--all', '--require-approval', 'never', '--concurrency', String(sites.length)];
      const { code, stdout, stderr } = await deployment.cdk(...(step.command ?? deploy));
      const seconds = Math.round((Date.now() - began) / 1_000);
      const devices = FULL * sites.length;
      const why = `${stdout}\n${stderr}`.split('\n').filter((line) => /❌|_FAILED|Received response status/.test(line));
      const story = code === 0 ? undefined : `exit ${code}: ${why.slice(0, 3).join(' | ').slice(0, 1_000)}`;
      const problems = problemsIn(await inventoryOf(deployment.client), step.expected(devices, sites.length));
      for (let device = 0; device < devices; device++)
        progress.case(`${name}, ${step.name}, device ${device}`, story ?? problems[device]);
      progress.say(`${name}: ${step.name}: ${seconds} s`);
      if (story !== undefined) return;
    }
  } finally {
    await deployment.close();
  }
}

function fleetFile(site: string, entry: Step['entry']): string {
  if (entry === undefined) return 'devices: {}\n';
  const lines = Array.from({ length: FULL }, (_, place) => `  ${site}-${place}: { board: esp8266${entry(place)} }\n`);
  return `devices:\n${lines.join('')}`;
}
