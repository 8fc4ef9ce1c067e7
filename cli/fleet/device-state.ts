import type { FleetNames } from '../../lib/fleet/names.ts';
import type { Site } from '../../lib/fleet/read.ts';
import { type Certificate, certificatesOf, listCertificates } from '../../aws/certificates.ts';
import type { KnownLine } from '../../aws/device-table.ts';
import { isConnected } from '../aws/connection.ts';
import { timeSeriesTableNameIfDeployed } from '../aws/deployment.ts';
import { isDeleted, resourcesOfSite, type SiteStack, siteStacks } from '../../aws/stacks.ts';
import { lastSeen } from '../rows/time-series.ts';
import { MissingTableError } from '../terminal/cli-error.ts';
import { concurrently } from '../../aws/concurrently.ts';
import type { WhichFleet } from './fleet-device.ts';
import type { KnownDevice, PerhapsDeployed } from './known-device.ts';
import { type KnownLines, knownLines, listedDevices } from './listed-devices.ts';
import { telemetryProblem } from './telemetry-problem.ts';
import type { Unknowns } from './unknowns.ts';

/** What of a certificate AWS IoT says without being asked for it alone. */
export type CertificateState = Pick<Certificate, 'id' | 'status' | 'created'> & Partial<Pick<Certificate, 'expires'>>;

/** A device as the fleet file wants it and as the cloud has it. */
export interface DeviceState extends KnownDevice {
  /** The newest first, of a device of a list that alone; undefined when that is not known. */
  readonly certificates: readonly CertificateState[] | undefined;
  /** Undefined when that is not known. */
  readonly connected: boolean | undefined;
  /** When its newest message arrived, in milliseconds since 1970; undefined when none has, null when that is not known. */
  readonly lastSeen?: number | null;
}

/** How {@link deviceStates} asks, and what it tells meanwhile. */
export interface Asking {
  /** The only devices that matter. @default all */
  readonly isWanted?: (device: Pick<KnownDevice, 'site' | 'device'>) => boolean;
  /**
   * Whether each device of a list is asked for, as the others are, or none. By pages, their certificates are read, and that they
   * are connected, and when they were last seen, is not known. @default 'by pages'
   */
  readonly lists?: 'by pages' | 'each' | 'none';
  /** Told what keeps messages from becoming rows, or from being found, perhaps more than once. */
  readonly onProblem?: (problem: string) => void;
  /** Told how many certificates have been read by pages. */
  readonly onProgress?: (certificates: number) => void;
}

/**
 * Every device of these sites of a fleet, and of sites that have a stack alone.
 *
 * @param unknowns told what is refused
 */
export async function deviceStates(
  sites: readonly Site[],
  { names, settings }: Pick<WhichFleet, 'names' | 'settings'>,
  unknowns: Unknowns,
  { isWanted = () => true, lists = 'by pages', onProblem = () => undefined, onProgress }: Asking = {},
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
  const lines =
    lists === 'none' ? undefined : await unknowns.orUndefined('devices of lists', linesOf(sites, names, stacks ?? []));
  const order = new Map(sites.map(({ name }, index) => [name, index]));
  const placeOf = ({ site }: PerhapsDeployed) => order.get(site) ?? order.size;
  const devices = [
    ...(await knownDevices(sites, names, stacks ?? [], unknowns)),
    ...(lists === 'none' ? [] : listedDevices(sites, names, lines)),
  ]
    .filter(isWanted)
    .toSorted((one, other) => placeOf(one) - placeOf(other));
  const isByPages = ({ isListed }: PerhapsDeployed) => isListed === true && lists === 'by pages';
  const all = devices.some(isByPages)
    ? await unknowns.orUndefined('certificates of devices', certificatesById(onProgress))
    : undefined;
  if (problem !== undefined && devices.some(({ deployed }) => deployed)) onProblem(problem);
  return concurrently(devices, async ({ deployed, ...device }) => {
    if (isByPages({ deployed, ...device })) {
      const id = lines?.get(device.device)?.has?.certificateId;
      const certificate = id === undefined ? undefined : all?.get(id);
      const isKnown = lines !== undefined && (id === undefined || all !== undefined);
      return {
        ...device,
        deployed: deployed ?? true,
        certificates: isKnown ? [certificate].filter((one) => one !== undefined) : undefined,
        connected: undefined,
        lastSeen: null,
      };
    }
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

/** Only where something may be in it: to read it may not be allowed. */
async function linesOf(sites: readonly Site[], names: FleetNames, stacks: readonly SiteStack[]): Promise<KnownLines> {
  const isFileless = ({ site }: SiteStack) => !sites.some(({ name }) => name === site);
  const isAsked =
    sites.some(({ list }) => list !== undefined) || stacks.some((one) => !isDeleted(one) && isFileless(one));
  return isAsked ? knownLines(names) : new Map<string, KnownLine>();
}

async function certificatesById(
  onProgress: (certificates: number) => void = () => undefined,
): Promise<ReadonlyMap<string, CertificateState>> {
  return new Map((await listCertificates(onProgress)).map((certificate) => [certificate.id, certificate]));
}

const NEVER: Promise<{ readonly time?: number | undefined }> = Promise.resolve({});

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
