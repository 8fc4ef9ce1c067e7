import { FleetNames } from '../../lib/fleet/names.ts';
import type { Site } from '../../lib/fleet/read.ts';
import { concurrently } from '../../aws/concurrently.ts';
import { readCertificate } from '../../aws/identities.ts';
import { usedIdentitiesTableIfDeployed } from '../aws/deployment.ts';
import { disagreements } from '../fleet/disagreements.ts';
import { type OtherFleet, otherFleets } from '../fleet/other-fleets.ts';
import { needed, type Unknowns } from '../fleet/unknowns.ts';
import { certificateFindings } from './certificate-findings.ts';
import type { WhichFleet } from '../fleet/fleet-device.ts';
import { claimFindings, enrolmentFindings } from './enrolment-findings.ts';
import { type Finding, note } from './finding.ts';
import { type Holding, type Holdings, holdingsOf, isGone } from './holdings.ts';
import { identityFindings } from './identity-findings.ts';
import { certificatesOfLists, type ListHoldings, listFindings, listHoldings } from './list-findings.ts';
import { leftOfDevice, misplacedIdentity, obstacleFindings } from './leftover-findings.ts';
import { loggingFindings } from './logging-finding.ts';
import { policyFindings } from './policy-findings.ts';
import { stackFindings } from './stack-findings.ts';
import { standInFindings } from './stand-in-findings.ts';
import { type Strays, strayCertificates } from './stray-certificates.ts';
import { rowFindings, tablesLeftBehind, unfedAlarms } from './telemetry-findings.ts';
import { targetFindings, thingFindings } from './thing-findings.ts';

/** What there is to say about a fleet. */
export interface Examination {
  readonly findings: readonly Finding[];
  readonly devices: number;
  /** How many certificates the account has that are of no fleet; undefined when that is not known. */
  readonly otherCertificates: number | undefined;
  /** What the account has of other fleets; undefined when that is not known. */
  readonly otherFleets: readonly OtherFleet[] | undefined;
  /** Whether all could be read that is compared. */
  readonly isWhole: boolean;
}

/**
 * Compares fleet files, stacks, things, policies, certificates and identities. Changes nothing. What may not be read is
 * named to `unknowns`, and no check that needs it finds anything.
 */
export async function examine(
  sites: readonly Site[],
  { names, settings }: Pick<WhichFleet, 'names' | 'settings'>,
  unknowns: Unknowns,
  onProgress: (certificates: number) => void = () => undefined,
): Promise<Examination> {
  const fleet = await holdingsOf(sites, names, unknowns);
  const lists = await unknowns.orUndefined('devices of lists', listHoldings(sites, names, onProgress));
  const { holdings, misplaced } = fleet;
  const used = holdings.some(({ enrols }) => enrols)
    ? await unknowns.orUndefined('by which certificates boards connect', usedIdentitiesTableIfDeployed(names))
    : undefined;
  const ofDevices = await concurrently(holdings, (holding) => findingsOf(holding, holdings, used, unknowns));
  const elsewhere = await unknowns.orUndefined('what other fleets there are', otherFleets(names));
  const strays = await unknowns.orUndefined(
    'certificates that no device owns',
    strayCertificatesOf(fleet, lists, elsewhere, names),
  );
  const isPublishing = () =>
    holdings.some(({ deployed }) => deployed) || [...needed(lists).lines.values()].some(({ has }) => has !== undefined);
  const isEnrolling = () => holdings.some(({ enrols, deployed }) => enrols && deployed) || needed(lists).lines.size > 0;
  const findings = [
    ...(await unknowns.found('the state of stacks', () => stackFindings(fleet.stacks, sites, names))),
    ...ofDevices.flat(),
    ...(await unknowns.found('devices of lists', () => listFindings(needed(lists), fleet.stacks))),
    ...(await unknowns.found('what policies allow', () => policyFindings(holdings, unknowns))),
    ...misplaced.map((identity) => misplacedIdentity(identity, names)),
    ...(strays?.findings ?? []),
    ...(await unknowns.found('whether boards can enrol', () => claimFindings(isEnrolling(), names))),
    ...(await unknowns.found('what deletions have left', () => standInFindings(fleet.stacks, names))),
    ...(await unknowns.found('whether messages become rows', () => rowFindings({ names, settings }, isPublishing()))),
    ...(await unknowns.found('alarms that nothing feeds', () => unfedAlarms(sites, names))),
    ...(await unknowns.found('tables that were left behind', () => tablesLeftBehind(names))),
    ...(await unknowns.found('whether the logs of AWS IoT are on', () => loggingFindings())),
  ];
  return {
    findings: [...findings, ...unknowns.lines.map((line) => note(undefined, line))],
    devices: holdings.length + sites.reduce((sum, { list }) => sum + (list?.devices.length ?? 0), 0),
    otherCertificates: strays?.others,
    otherFleets: elsewhere,
    isWhole: unknowns.lines.length === 0,
  };
}

async function strayCertificatesOf(
  fleet: Holdings,
  lists: ListHoldings | undefined,
  elsewhere: readonly OtherFleet[] | undefined,
  names: FleetNames,
): Promise<Strays> {
  const things = needed(elsewhere).flatMap((other) => [...other.things, new FleetNames(other).claim]);
  const claim = await readCertificate(names.claimPath); // which enrolment-findings.ts looks at
  const others = [...certificatesOfLists(needed(lists)), ...(claim === undefined ? [] : [claim.certificateId])];
  return strayCertificates(fleet.holdings, others, [...fleet.history.things.keys()], things, names);
}

async function findingsOf(
  holding: Holding,
  all: readonly Holding[],
  used: string | undefined,
  unknowns: Unknowns,
): Promise<Finding[]> {
  const checks = isGone(holding)
    ? [async () => [await leftOfDevice(holding)]]
    : [
        () => fleetFileFindings(holding),
        () => obstacleFindings(holding, all),
        () => thingFindings(holding),
        () => targetFindings(holding),
        () => identityFindings(holding),
        () => enrolmentFindings(holding, used),
        () => certificateFindings(holding, unknowns),
      ];
  const found: Finding[] = [];
  for (const check of checks) found.push(...(await unknowns.found('what devices have', check)));
  return found;
}

function fleetFileFindings(holding: Holding): Finding[] {
  const { file, device, board, deployed, certificates } = holding;
  if (file === undefined) return []; // then its whole site is the problem
  // What the next deployment settles is no problem.
  const kind = board !== undefined && deployed ? 'problem' : 'note';
  if (kind === 'problem' && certificates.length === 0) return []; // then its identity is the problem
  return disagreements(holding).map((text) => ({ device, kind, text }));
}
