import { policyName, thingName } from '../../lib/fleet/names.ts';
import type { Site } from '../../lib/fleet/read.ts';
import { type Certificate, certificatesOf } from '../aws/certificates.ts';
import { type IdentityRecords, type Slot, type StoredIdentities, storedIdentities } from '../aws/identity-records.ts';
import { targetsOf } from '../aws/policies.ts';
import { type History, historyOf, isUnderWay, type SiteStack, siteStacks } from '../aws/site-stacks.ts';
import { concurrently } from '../concurrently.ts';
import { type KnownDevice, knownDevices } from '../device-state.ts';
import { withRecorded } from '../recorded-certificates.ts';

/** What a device has in the cloud. */
export interface Holding extends KnownDevice {
  /** Whether CloudFormation is changing its site now. */
  readonly underWay: boolean;
  readonly records: IdentityRecords;
  /** Where the Parameter Store holds something that is no identity. */
  readonly unreadable: readonly Slot[];
  /** What its records name, and what is attached to its thing. */
  readonly certificates: readonly Certificate[];
  /** Whether AWS IoT has a thing of its name. */
  readonly hasThing: boolean;
  /** The ARNs of what the policy of its name is attached to; undefined when AWS IoT has no such policy. */
  readonly policyTargets: readonly string[] | undefined;
  /** Whether CloudFormation made that thing and that policy, gave up deleting them, and has forgotten them. */
  readonly abandoned: { readonly thing: boolean; readonly policy: boolean };
}

/** All that the fleet has in the cloud. */
export interface Holdings {
  readonly holdings: readonly Holding[];
  /** What the Parameter Store holds for a device under a site that is not its own. */
  readonly misplaced: readonly StoredIdentities[];
  readonly stacks: readonly SiteStack[];
  readonly history: History;
}

/** Whether neither a fleet file nor a stack has the device (any more). */
export function isGone({ board, deployed }: Holding): boolean {
  return board === undefined && !deployed;
}

/** Every device of the fleet files and of the stacks, and every one of which anything else is left. */
export async function holdingsOf(sites: readonly Site[]): Promise<Holdings> {
  const stacks = await siteStacks();
  const [known, stored, history] = await Promise.all([
    knownDevices(sites, stacks),
    storedIdentities(),
    historyOf(stacks),
  ]);
  const storedOf = new Map(stored.map((identities) => [`${identities.site}/${identities.device}`, identities]));
  const underWay = new Set(stacks.filter(isUnderWay).map(({ site }) => site));
  const holdings = await concurrently([...known, ...gone(known, stored, history)], async (device) => {
    const { records = {}, unreadable = [] } = storedOf.get(`${device.site}/${device.device}`) ?? {};
    const [attached, policyTargets] = await Promise.all([
      certificatesOf(thingName(device.device)),
      targetsOf(policyName(device.device)),
    ]);
    const abandoned = {
      thing: attached !== undefined && history.abandonedThings.has(device.device),
      policy: policyTargets !== undefined && history.abandonedPolicies.has(device.device),
    };
    return {
      ...device,
      underWay: underWay.has(device.site),
      records,
      unreadable,
      // What is attached to somebody else's thing is none of ours.
      certificates: await withRecorded(device.deployed || abandoned.thing ? (attached ?? []) : [], records),
      hasThing: attached !== undefined,
      policyTargets,
      abandoned,
    };
  });
  const siteOf = new Map(known.map(({ site, device }) => [device, site]));
  return {
    holdings: holdings.filter((holding) => !isGone(holding) || hasSomething(holding)),
    misplaced: stored.filter(({ site, device }) => (siteOf.get(device) ?? site) !== site),
    stacks,
    history,
  };
}

function hasSomething({ records, unreadable, abandoned }: Holding): boolean {
  return Object.keys(records).length > 0 || unreadable.length > 0 || abandoned.thing || abandoned.policy;
}

/** The devices that only the Parameter Store or CloudFormation's memory knows. */
function gone(
  known: readonly KnownDevice[],
  stored: readonly StoredIdentities[],
  { abandonedThings, abandonedPolicies }: History,
): KnownDevice[] {
  const sites = new Map([
    ...abandonedPolicies,
    ...abandonedThings,
    ...stored.map(({ site, device }) => [device, site] as const),
  ]);
  for (const { device } of known) sites.delete(device);
  return [...sites].map(([device, site]) => ({ site, device, revoked: false, deployed: false }));
}
