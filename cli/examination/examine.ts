import type { Site } from '../../lib/fleet/read.ts';
import { concurrently } from '../concurrently.ts';
import { disagreements } from '../disagreements.ts';
import { certificateFindings } from './certificate-findings.ts';
import type { Finding } from './finding.ts';
import { type Holding, holdingsOf, isGone } from './holdings.ts';
import { identityFindings, leftOfDevice } from './identity-findings.ts';
import { strayCertificates } from './stray-certificates.ts';

/** What there is to say about a fleet. */
export interface Examination {
  readonly findings: readonly Finding[];
  readonly devices: number;
  /** How many certificates the account has that are none of the fleet's. */
  readonly otherCertificates: number;
}

/** Compares fleet files, stacks, certificates and identities. Changes nothing. */
export async function examine(sites: readonly Site[]): Promise<Examination> {
  const holdings = await holdingsOf(sites);
  const ofDevices = await concurrently(holdings, async (holding) =>
    isGone(holding)
      ? [leftOfDevice(holding)]
      : [...fleetFileFindings(holding), ...identityFindings(holding), ...(await certificateFindings(holding))],
  );
  const { findings, others } = await strayCertificates(holdings);
  return { findings: [...ofDevices.flat(), ...findings], devices: holdings.length, otherCertificates: others };
}

function fleetFileFindings(holding: Holding): Finding[] {
  const { device, board, deployed, certificates } = holding;
  // What the next deployment settles is no problem.
  const kind = board !== undefined && deployed ? 'problem' : 'note';
  if (kind === 'problem' && certificates.length === 0) return []; // then its identity is the problem
  return disagreements(holding).map((text) => ({ device, kind, text }));
}
