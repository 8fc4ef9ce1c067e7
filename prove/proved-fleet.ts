import { FleetNames, type FleetNaming } from '../lib/fleet/names.ts';

/** How the fleet is called that is proved: as one without a name, unless `--name` or `--prefix` of prove.ts say otherwise. */
export const NAMING = { id: 'proved', ...(JSON.parse(process.env.PROVED_FLEET ?? '{}') as FleetNaming) };

export const NAMES = new FleetNames(NAMING);

/** The fleet that is nearest to one with a name: with the same prefix, and none. Undefined where the proved one has none. */
export const NEIGHBOUR = NAMING.name === undefined ? undefined : new FleetNames({ prefix: NAMING.prefix });

/** For a verb of `fleet`, so that it is about that fleet. */
export const WHICH: readonly string[] = ['-c', `fleet=${JSON.stringify(NAMING)}`];
