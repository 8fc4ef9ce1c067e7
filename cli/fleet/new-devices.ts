import { readDeviceList } from '../../lib/fleet/device-list.ts';
import { newestGeneration } from '../../lib/fleet/generations.ts';
import { allDevices, type DeviceList, type FleetDevice, type Site } from '../../lib/fleet/read.ts';
import { CliError } from '../terminal/cli-error.ts';

/**
 * The devices of a CSV file that a list does not have yet.
 *
 * @param list undefined of one that is to be begun
 * @throws {CliError | FleetFileError} where the file is not valid, where a device stands elsewhere in the fleet, and where the list
 * says otherwise of one
 */
export function newDevices(file: string, sites: readonly Site[], list: DeviceList | undefined): FleetDevice[] {
  const known = new Map(
    sites.map(allDevices).flatMap((place) => place.devices.map((device) => [device.name, { device, place }] as const)),
  );
  return readDeviceList(file).filter((given) => {
    const { device, place } = known.get(given.name) ?? {};
    if (device === undefined || place === undefined) return true;
    if (place.file === list?.file && said(device) === said(given)) return false;
    const otherwise = place.file === list?.file ? `, ${said(device)} there, and ${said(given)} here` : ' already';
    throw new CliError(
      `${file}:${given.line}: ${given.name} stands in ${place.file}:${device.line}${otherwise}; nothing was added`,
    );
  });
}

function said(device: FleetDevice): string {
  const { number } = newestGeneration(device);
  return [device.board, ...(number === 1 ? [] : [`generation ${number}`]), ...(device.revoked ? ['revoked'] : [])].join(
    ', ',
  );
}
