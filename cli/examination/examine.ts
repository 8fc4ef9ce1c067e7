import type { Site } from '../../lib/fleet/read.ts';
import { concurrently } from '../concurrently.ts';
import { disagreements } from '../disagreements.ts';
import { certificateFindings } from './certificate-findings.ts';
import type { WhichFleet } from '../fleet-device.ts';
import type { Finding } from './finding.ts';
import { type Holding, holdingsOf, isGone } from './holdings.ts';
import { identityFindings } from './identity-findings.ts';
import { leftOfDevice, misplacedIdentity, obstacleFindings } from './leftover-findings.ts';
import { loggingFindings } from './logging-finding.ts';
import { policyFindings } from './policy-findings.ts';
import { stackFindings } from './stack-findings.ts';
import { standInFindings } from './stand-in-findings.ts';
import { strayCertificates } from './stray-certificates.ts';
import { telemetryFindings } from './telemetry-findings.ts';
import { thingFindings } from './thing-findings.ts';

/** What there is to say about a fleet. */
export interface Examination {
  readonly findings: readonly Finding[];
  readonly devices: number;
  /** How many certificates the account has that are none of the fleet's. */
  readonly otherCertificates: number;
}

/** Compares fleet files, stacks, things, policies, certificates and identities. Changes nothing. */
export async function examine(
  sites: readonly Site[],
  { names, settings }: Pick<WhichFleet, 'names' | 'settings'>,
): Promise<Examination> {
  const { holdings, misplaced, stacks, history } = await holdingsOf(sites, names);
  const ofDevices = await concurrently(holdings, findingsOf);
  const strays = await strayCertificates(holdings, [...history.things.keys()], names);
  const findings = [
    ...stackFindings(stacks, sites, names),
    ...ofDevices.flat(),
    ...(await policyFindings(holdings)),
    ...misplaced.map((identity) => misplacedIdentity(identity, names)),
    ...strays.findings,
    ...(await standInFindings(stacks, names)),
    ...(await telemetryFindings(
      sites,
      { names, settings },
      holdings.some(({ deployed }) => deployed),
    )),
    ...(await loggingFindings()),
  ];
  return { findings, devices: holdings.length, otherCertificates: strays.others };
}

async function findingsOf(holding: Holding): Promise<Finding[]> {
  if (isGone(holding)) return [await leftOfDevice(holding)];
  return [
    ...fleetFileFindings(holding),
    ...obstacleFindings(holding),
    ...thingFindings(holding),
    ...identityFindings(holding),
    ...(await certificateFindings(holding)),
  ];
}

function fleetFileFindings(holding: Holding): Finding[] {
  const { file, device, board, deployed, certificates } = holding;
  if (file === undefined) return []; // then its whole site is the problem
  // What the next deployment settles is no problem.
  const kind = board !== undefined && deployed ? 'problem' : 'note';
  if (kind === 'problem' && certificates.length === 0) return []; // then its identity is the problem
  return disagreements(holding).map((text) => ({ device, kind, text }));
}
