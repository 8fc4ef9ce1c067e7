import { allDevices, type FleetDevice, readFleet, type Site } from '../../lib/fleet/read.ts';
import { CliError } from '../terminal/cli-error.ts';
import type { CommonOptions } from '../common-options.ts';

/** A device as the fleet files describe it, and the site it belongs to. */
export interface SiteDevice {
  readonly site: Site;
  readonly device: FleetDevice;
  /** The file that has it: the fleet file, or the list of the site. */
  readonly file: string;
}

/** Where a fleet is described, and how it is called. */
export type WhichFleet = Pick<CommonOptions, 'fleet' | 'names' | 'settings'>;

/** Every device of the fleet files and their lists. */
export function fleetDevices({ fleet, names }: Pick<WhichFleet, 'fleet' | 'names'>): SiteDevice[] {
  return readFleet(fleet, names).flatMap((site) => {
    const { file, devices } = allDevices(site);
    return devices.map((device) => ({ site, device, file }));
  });
}

/** As many as are asked for one by one, again and again: more than a stack has. */
const MOST_DEVICES = 500;

/**
 * Every device, for who asks for each.
 *
 * @throws {CliError} when they are too many for that
 */
export function eachDevice(which: Pick<WhichFleet, 'fleet' | 'names'>): SiteDevice[] {
  const devices = fleetDevices(which);
  if (devices.length <= MOST_DEVICES) return devices;
  const count = devices.length.toLocaleString('en');
  throw new CliError(`the fleet has ${count} devices, and each would be asked for; name some`);
}

/**
 * The device of that name.
 *
 * @throws {CliError} when no fleet file has it, with the names that there are
 */
export function fleetDevice(which: Pick<WhichFleet, 'fleet' | 'names'>, name: string): SiteDevice {
  const devices = fleetDevices(which);
  const found = devices.find(({ device }) => device.name === name);
  if (found === undefined) {
    const names = devices.map(({ device }) => device.name);
    const some = names.length > 10 ? `${names.slice(0, 10).join(', ')}, ...` : names.join(', ');
    throw new CliError(`no device ${JSON.stringify(name)} in ${which.fleet}/; there is: ${some}`);
  }
  return found;
}
