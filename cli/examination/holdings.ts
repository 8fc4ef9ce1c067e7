import { thingName } from '../../lib/fleet/names.ts';
import type { Site } from '../../lib/fleet/read.ts';
import { type Certificate, certificatesOf } from '../aws/certificates.ts';
import { type IdentityRecords, recordsOfSite } from '../aws/identity-records.ts';
import { concurrently } from '../concurrently.ts';
import { type KnownDevice, knownDevices } from '../device-state.ts';
import { withRecorded } from '../recorded-certificates.ts';

/** What a device has in the cloud. */
export interface Holding extends KnownDevice {
  readonly records: IdentityRecords;
  /** What its records name, and what is attached to its thing. */
  readonly certificates: readonly Certificate[];
}

/** Whether all that there is of a device is in the Parameter Store. */
export function isGone({ board, deployed }: Holding): boolean {
  return board === undefined && !deployed;
}

/** Every device of these sites: of the fleet files, of the stacks, and of the Parameter Store. */
export async function holdingsOf(sites: readonly Site[]): Promise<Holding[]> {
  const [known, recorded] = await Promise.all([
    knownDevices(sites),
    concurrently(sites, async ({ name }) => ({ site: name, devices: await recordsOfSite(name) })),
  ]);
  const recordsOf = new Map(recorded.map(({ site, devices }) => [site, devices]));
  const names = new Set(known.map(({ device }) => device));
  const gone = recorded.flatMap(({ site, devices }) =>
    [...devices.keys()]
      .filter((device) => !names.has(device))
      .map((device) => ({ site, device, revoked: false, deployed: false })),
  );
  return concurrently([...known, ...gone], async (device: KnownDevice) => {
    const records = recordsOf.get(device.site)?.get(device.device) ?? {};
    const attached = device.deployed ? await certificatesOf(thingName(device.device)) : [];
    return { ...device, records, certificates: await withRecorded(attached ?? [], records) };
  });
}
