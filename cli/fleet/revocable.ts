import { findLine } from '../../aws/device-table.ts';
import { thingStore } from '../../aws/enrolments.ts';
import { unlessGone } from '../../aws/gone.ts';
import { isDeleted, resourcesOfSite, siteStacks } from '../../aws/stacks.ts';
import type { FleetNames } from '../../lib/fleet/names.ts';
import type { FleetDevice, Site } from '../../lib/fleet/read.ts';
import { fleetDevice, fleetDevices, type WhichFleet } from './fleet-device.ts';

/** A device that can be cut off: one of the fleet files, or one that only the cloud has. */
export interface Revocable {
  /** With a list where the device is a line of one. */
  readonly site: Pick<Site, 'name' | 'names'> & { readonly list?: object };
  readonly device: Pick<FleetDevice, 'name' | 'enrols' | 'revoked'>;
  /** Undefined where no fleet file and no list has the device (any more). */
  readonly file: string | undefined;
}

/**
 * The device of that name, as the fleet files have it, or else as it is deployed: a line may be gone before the device is.
 *
 * @throws {CliError} when neither has it
 */
export async function revocable(which: Pick<WhichFleet, 'fleet' | 'names'>, name: string): Promise<Revocable> {
  if (fleetDevices(which).some(({ device }) => device.name === name)) return fleetDevice(which, name);
  return (await deployedDevice(which.names, name)) ?? fleetDevice(which, name);
}

async function deployedDevice(names: FleetNames, name: string): Promise<Revocable | undefined> {
  const device = { name, revoked: false };
  const line = await unlessGone(findLine(names.deviceTable, name));
  if (line !== undefined) {
    return { site: { name: line.site, names, list: {} }, device: { ...device, enrols: true }, file: undefined };
  }
  const thing = names.thing(name);
  for (const stack of await siteStacks(names)) {
    if (isDeleted(stack)) continue;
    // A thing that no stack has is somebody else's.
    const { things } = await resourcesOfSite({ name: stack.site, names });
    if (!things.includes(thing)) continue;
    const enrols = (await thingStore(thing).read())?.wants !== undefined;
    return { site: { name: stack.site, names }, device: { ...device, enrols }, file: undefined };
  }
  return undefined;
}
