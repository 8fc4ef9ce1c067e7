import type { Board } from '../lib/fleet/schema.ts';
import type { Site } from '../lib/fleet/read.ts';
import { type Certificate, certificatesOf } from './aws/certificates.ts';
import { isConnected } from './aws/connection.ts';
import { thingsOfSite, timeSeriesTableNameIfDeployed } from './aws/deployment.ts';
import { lastSeen } from './aws/time-series.ts';
import { concurrently } from './concurrently.ts';

/** A device of the fleet files, or one that only the stack of a site has. */
export interface KnownDevice {
  readonly site: string;
  readonly device: string;
  /** None when the fleet file does not have the device (any more). */
  readonly board?: Board;
  /** What the fleet file says. */
  readonly revoked: boolean;
  readonly deployed: boolean;
}

/** A device as the fleet file wants it and as the cloud has it. */
export interface DeviceState extends KnownDevice {
  readonly certificates: readonly Certificate[];
  readonly connected: boolean;
  /** When its newest message arrived, in milliseconds since 1970. */
  readonly lastSeen?: number;
}

/** Every device of these sites: those of the fleet files, and those that only the stacks have. */
export async function deviceStates(sites: readonly Site[]): Promise<DeviceState[]> {
  const [table, devices] = await Promise.all([timeSeriesTableNameIfDeployed(), knownDevices(sites)]);
  return concurrently(devices, async (device) => {
    if (!device.deployed) return { ...device, certificates: [], connected: false };
    const [certificates = [], connected, seen] = await Promise.all([
      certificatesOf(device.device),
      isConnected(device.device),
      table === undefined ? undefined : lastSeen(table, device.device),
    ]);
    return { ...device, certificates, connected, ...(seen !== undefined && { lastSeen: seen }) };
  });
}

/** Every device of these sites, without what AWS IoT knows of it. */
export async function knownDevices(sites: readonly Site[]): Promise<KnownDevice[]> {
  return (await concurrently(sites, devicesOfSite)).flat();
}

async function devicesOfSite({ name: site, devices }: Site): Promise<KnownDevice[]> {
  const things = new Set(await thingsOfSite(site));
  const inFile = devices.map(({ name, board, revoked }) => {
    return { site, device: name, board, revoked, deployed: things.delete(name) };
  });
  return [...inFile, ...[...things].map((device) => ({ site, device, revoked: false, deployed: true }))];
}
