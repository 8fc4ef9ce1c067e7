import { policyNames } from '../../aws/policies.ts';
import { listStacks } from '../../aws/stacks.ts';
import { listThings } from '../../aws/things.ts';
import { concurrently } from '../../aws/concurrently.ts';
import { FleetNames, NAME_PATTERN } from '../../lib/fleet/names.ts';
import { counted } from '../terminal/counted.ts';
import { knownLines } from './listed-devices.ts';

/** Another fleet of this app in the same account and region. */
export interface OtherFleet {
  /** Undefined of the fleet that has no name. */
  readonly name: string | undefined;
  /** Of its devices. */
  readonly things: readonly string[];
}

/**
 * The other fleets that are deployed there, by the names of their stacks, things and policies: what is in their stacks, who
 * operates this one need not be allowed to read.
 */
export async function otherFleets(own: FleetNames): Promise<OtherFleet[]> {
  const found = new Set<string | undefined>();
  for (const { StackName = '', StackStatus } of await listStacks()) {
    const { fleet, site } = FleetNames.ofSiteStack(StackName) ?? {};
    const isOther = site !== undefined && own.siteStack(site) !== StackName;
    if (isOther && StackStatus !== 'DELETE_COMPLETE') found.add(fleet);
  }
  if (found.size === 0) return [];
  const [things, all] = await Promise.all([listThings(), policyNames()]);
  const policies = new Set(all);
  return concurrently([...found], async (name) => {
    const names = new FleetNames({ name });
    const lines = await knownLines(names, all);
    const isDevice = (thing: string) => {
      const device = names.deviceOf(thing);
      // Of the fleet without a name, things are called as anybody's may be; but each has a policy of its name, or is of a list.
      const isOurs = policies.has(names.policy(device)) || lines.get(device)?.has !== undefined;
      return NAME_PATTERN.test(device) && names.thing(device) === thing && isOurs;
    };
    return { name, things: things.filter(isDevice) };
  });
}

/** Such as `the fleet "dev"`. */
export function titleOf({ name }: Pick<OtherFleet, 'name'>): string {
  return name === undefined ? 'the fleet without a name' : `the fleet "${name}"`;
}

/** Such as `2 devices of the fleet "dev"`. */
export function devicesOf(other: OtherFleet): string {
  return `${counted(other.things.length, 'device')} of ${titleOf(other)}`;
}
