import { ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { type KnownLine, pagesOfLines } from '../../aws/device-table.ts';
import type { FleetNames } from '../../lib/fleet/names.ts';
import type { Site } from '../../lib/fleet/read.ts';
import type { PerhapsDeployed } from './known-device.ts';

/** What the table says of the devices of all lists, by name. */
export type KnownLines = ReadonlyMap<string, KnownLine>;

/**
 * By pages, and not device by device; none when there is no table.
 *
 * @param policies of the account: without that of a list among them, there is no list. @default not known
 */
export async function knownLines(names: FleetNames, policies?: readonly string[]): Promise<KnownLines> {
  const found = new Map<string, KnownLine>();
  if (policies?.some((policy) => policy.startsWith(names.listPolicy(''))) === false) return found;
  try {
    for await (const page of pagesOfLines(names.deviceTable)) for (const line of page) found.set(line.device, line);
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
  return found;
}

/** The devices of the lists of these sites, and those that only the table has. @param lines undefined when they are not known */
export function listedDevices(
  sites: readonly Site[],
  names: FleetNames,
  lines: KnownLines | undefined,
): PerhapsDeployed[] {
  const others = new Map(lines);
  const inLists = sites.flatMap(({ name: site, list }) =>
    (list?.devices ?? []).map(({ name, board, revoked, generations }): PerhapsDeployed => {
      const isDeployed = lines && lines.get(name)?.site === site;
      if (isDeployed) others.delete(name);
      const device = { device: name, board, revoked, enrols: true, isListed: true, generations } as const;
      return { site, names, file: list?.file ?? '', ...device, deployed: isDeployed };
    }),
  );
  const files = new Map(sites.map(({ name, file, list }) => [name, list?.file ?? file]));
  return [
    ...inLists,
    ...[...others.values()].map(({ site, device }): PerhapsDeployed => {
      const file = files.get(site);
      const nothing = { revoked: false, enrols: true, isListed: true, generations: [] } as const;
      return { site, names, device, ...(file !== undefined && { file }), ...nothing, deployed: true };
    }),
  ];
}
