import type { Generation } from '../lib/fleet/generations.ts';
import type { FleetNames } from '../lib/fleet/names.ts';
import type { Site } from '../lib/fleet/read.ts';
import type { Board } from '../lib/fleet/schema.ts';
import { type Certificate, certificatesOf } from '../aws/certificates.ts';
import { isConnected } from './aws/connection.ts';
import { timeSeriesTableNameIfDeployed } from './aws/deployment.ts';
import { isDeleted, resourcesOfSite, type SiteStack, siteStacks } from '../aws/stacks.ts';
import { lastSeen } from './aws/time-series.ts';
import { MissingTableError } from './cli-error.ts';
import { concurrently } from './concurrently.ts';
import type { WhichFleet } from './fleet-device.ts';
import { telemetryProblem } from './telemetry-problem.ts';

/** A device of the fleet files, or one that only the stack of a site has. */
export interface KnownDevice {
  readonly site: string;
  /** Of its fleet. */
  readonly names: FleetNames;
  /** The fleet file of the site; none when only its stack is left. */
  readonly file?: string;
  readonly device: string;
  /** None when the fleet file does not have the device (any more). */
  readonly board?: Board;
  /** What the fleet file says. */
  readonly revoked: boolean;
  /** Of the fleet file, the oldest first. */
  readonly generations: readonly Generation[];
  readonly deployed: boolean;
}

/** A device as the fleet file wants it and as the cloud has it. */
export interface DeviceState extends KnownDevice {
  /** The newest first. */
  readonly certificates: readonly Certificate[];
  readonly connected: boolean;
  /** When its newest message arrived, in milliseconds since 1970. */
  readonly lastSeen?: number;
}

/**
 * Every device of these sites of a fleet, and of sites that have a stack alone.
 *
 * @param onProblem told what keeps messages from becoming rows, or from being found, perhaps more than once
 */
export async function deviceStates(
  sites: readonly Site[],
  { names, settings }: Pick<WhichFleet, 'names' | 'settings'>,
  onProblem: (problem: string) => void = () => undefined,
): Promise<DeviceState[]> {
  const seenIn = (table: string, device: string) =>
    lastSeen(table, device).catch((error: unknown) => {
      if (!(error instanceof MissingTableError)) throw error;
      onProblem(error.message);
      return undefined;
    });
  const [table, devices, problem] = await Promise.all([
    timeSeriesTableNameIfDeployed(names),
    siteStacks(names).then((stacks) => knownDevices(sites, names, stacks)),
    telemetryProblem(names, settings),
  ]);
  if (problem !== undefined && devices.some(({ deployed }) => deployed)) onProblem(problem);
  return concurrently(devices, async (device) => {
    if (!device.deployed) return { ...device, certificates: [], connected: false };
    const [certificates = [], connected, seen] = await Promise.all([
      certificatesOf(names.thing(device.device)),
      isConnected(names.thing(device.device)),
      table === undefined ? undefined : seenIn(table, device.device),
    ]);
    return {
      ...device,
      certificates: certificates.sort((a, b) => timeOf(b.created) - timeOf(a.created)),
      connected,
      ...(seen !== undefined && { lastSeen: seen }),
    };
  });
}

/** Every device of these sites, and of sites that have a stack alone, without what AWS IoT knows of it. */
export async function knownDevices(
  sites: readonly Site[],
  names: FleetNames,
  stacks: readonly SiteStack[],
): Promise<KnownDevice[]> {
  const named = new Set(sites.map(({ name }) => name));
  const fileless = stacks.filter((stack) => !isDeleted(stack) && !named.has(stack.site));
  const all = [...sites, ...fileless.map(({ site }) => ({ name: site, names, devices: [] }))];
  return (await concurrently(all, devicesOfSite)).flat();
}

async function devicesOfSite({
  name: site,
  names,
  file,
  devices,
}: Omit<Site, 'file'> & Partial<Site>): Promise<KnownDevice[]> {
  const { things } = await resourcesOfSite({ name: site, names });
  const deployed = new Set(things.map((thing) => names.deviceOf(thing)));
  const place = { site, names, ...(file !== undefined && { file }) };
  const inFile = devices.map(({ name, board, revoked, generations }) => {
    return { ...place, device: name, board, revoked, generations, deployed: deployed.delete(name) };
  });
  const others = [...deployed].map((device) => ({ ...place, device, revoked: false, generations: [], deployed: true }));
  return [...inFile, ...others];
}

function timeOf(date: Date | undefined): number {
  return date?.getTime() ?? 0;
}
