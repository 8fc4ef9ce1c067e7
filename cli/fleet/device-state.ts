import type { Generation } from '../../lib/fleet/generations.ts';
import type { FleetNames } from '../../lib/fleet/names.ts';
import type { Site } from '../../lib/fleet/read.ts';
import type { Board } from '../../lib/fleet/schema.ts';
import { type Certificate, certificatesOf } from '../../aws/certificates.ts';
import { isConnected } from '../aws/connection.ts';
import { timeSeriesTableNameIfDeployed } from '../aws/deployment.ts';
import { isDeleted, resourcesOfSite, type SiteStack, siteStacks } from '../../aws/stacks.ts';
import { lastSeen } from '../rows/time-series.ts';
import { MissingTableError } from '../terminal/cli-error.ts';
import { concurrently } from '../../aws/concurrently.ts';
import type { WhichFleet } from './fleet-device.ts';
import { telemetryProblem } from './telemetry-problem.ts';
import type { Unknowns } from './unknowns.ts';

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
  /** What the fleet file says: whether its board makes its key itself. @default false */
  readonly enrols?: boolean;
  /** Of the fleet file, the oldest first. */
  readonly generations: readonly Generation[];
  readonly deployed: boolean;
}

/** A device as the fleet file wants it and as the cloud has it. */
export interface DeviceState extends KnownDevice {
  /** The newest first; undefined when that is not known. */
  readonly certificates: readonly Certificate[] | undefined;
  /** Undefined when that is not known. */
  readonly connected: boolean | undefined;
  /** When its newest message arrived, in milliseconds since 1970; undefined when none has, null when that is not known. */
  readonly lastSeen?: number | null;
}

/**
 * Every device of these sites of a fleet, and of sites that have a stack alone.
 *
 * @param unknowns told what is refused
 * @param onProblem told what keeps messages from becoming rows, or from being found, perhaps more than once
 */
export async function deviceStates(
  sites: readonly Site[],
  { names, settings }: Pick<WhichFleet, 'names' | 'settings'>,
  unknowns: Unknowns,
  onProblem: (problem: string) => void = () => undefined,
): Promise<DeviceState[]> {
  const seenIn = (table: string, device: string) =>
    lastSeen(table, device).then(
      (time) => ({ time }),
      (error: unknown) => {
        if (!(error instanceof MissingTableError)) throw error;
        onProblem(error.message);
        return NEVER;
      },
    );
  const when = 'when devices were last seen';
  const [table, stacks, problem] = await Promise.all([
    unknowns.orUndefined(
      when,
      timeSeriesTableNameIfDeployed(names).then((name) => ({ name })),
    ),
    unknowns.orUndefined('which sites are deployed without a fleet file', siteStacks(names)),
    unknowns.orUndefined('whether messages become rows', telemetryProblem(names, settings)),
  ]);
  const devices = await knownDevices(sites, names, stacks ?? [], unknowns);
  if (problem !== undefined && devices.some(({ deployed }) => deployed)) onProblem(problem);
  return concurrently(devices, async ({ deployed, ...device }) => {
    const nothing = { ...device, deployed: false, certificates: [], connected: false };
    if (deployed === false) return nothing;
    const thing = names.thing(device.device);
    const [certificates, connected, seen] = await Promise.all([
      unknowns.orUndefined(
        'certificates of devices',
        certificatesOf(thing).then((all) => ({ all })),
      ),
      unknowns.orUndefined('whether devices are connected', isConnected(thing), 'iot:GetConnection'),
      table && unknowns.orUndefined(when, table.name === undefined ? NEVER : seenIn(table.name, device.device)),
    ]);
    // Where CloudFormation does not tell, the thing does: it is made by the deployment.
    if (deployed === undefined && certificates !== undefined && certificates.all === undefined) return nothing;
    return {
      ...device,
      deployed: true,
      certificates: certificates && [...(certificates.all ?? [])].sort((a, b) => timeOf(b.created) - timeOf(a.created)),
      connected,
      ...(seen?.time !== undefined && { lastSeen: seen.time }),
      ...(seen === undefined && { lastSeen: null }),
    };
  });
}

const NEVER: Promise<{ readonly time?: number | undefined }> = Promise.resolve({});

/** Undefined where it is not known whether the stack of its site has it. */
export type PerhapsDeployed = Omit<KnownDevice, 'deployed'> & { readonly deployed: boolean | undefined };

/** Every device of these sites, and of sites that have a stack alone, without what AWS IoT knows of it. */
export async function knownDevices(
  sites: readonly Site[],
  names: FleetNames,
  stacks: readonly SiteStack[],
  unknowns: Unknowns,
): Promise<PerhapsDeployed[]> {
  const named = new Set(sites.map(({ name }) => name));
  const fileless = stacks.filter((stack) => !isDeleted(stack) && !named.has(stack.site));
  const all = [...sites, ...fileless.map(({ site }) => ({ name: site, names, devices: [] }))];
  return (await concurrently(all, (site) => devicesOfSite(site, unknowns))).flat();
}

async function devicesOfSite(
  { name: site, names, file, devices }: Omit<Site, 'file'> & Partial<Site>,
  unknowns: Unknowns,
): Promise<PerhapsDeployed[]> {
  const resources = await unknowns.orUndefined('which devices are deployed', resourcesOfSite({ name: site, names }));
  const deployed = resources && new Set(resources.things.map((thing) => names.deviceOf(thing)));
  const place = { site, names, ...(file !== undefined && { file }) };
  const inFile = devices.map(({ name, ...device }) => {
    const { board, revoked, enrols, generations } = device;
    return {
      ...place,
      device: name,
      board,
      revoked,
      ...(enrols && { enrols }),
      generations,
      deployed: deployed?.delete(name),
    };
  });
  const others = [...(deployed ?? [])].map((device) => {
    return { ...place, device, revoked: false, generations: [], deployed: true };
  });
  return [...inFile, ...others];
}

function timeOf(date: Date | undefined): number {
  return date?.getTime() ?? 0;
}
