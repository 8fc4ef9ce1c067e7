import type { FleetNames } from '../../lib/fleet/names.ts';
import type { Site } from '../../lib/fleet/read.ts';
import { type Certificate, certificatesOf } from '../../aws/certificates.ts';
import { type StoredIdentity, storedIdentities } from '../../aws/identities.ts';
import { targetsOf } from '../../aws/policies.ts';
import { type History, historyOf, isUnderWay, resourcesOfSite, type SiteStack, siteStacks } from '../../aws/stacks.ts';
import { concurrently } from '../concurrently.ts';
import { type KnownDevice, knownDevices } from '../device-state.ts';
import { withRecorded } from '../recorded-certificates.ts';

/** What a device has in the cloud. */
export interface Holding extends KnownDevice {
  /** Whether CloudFormation is changing its site now. */
  readonly underWay: boolean;
  /** What the Parameter Store holds of its generations, the oldest first. */
  readonly identities: readonly StoredIdentity[];
  /** The certificates that the stack of its site has. */
  readonly deployedCertificateIds: readonly string[];
  /** What its identities name, and what is attached to its thing. */
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
  readonly misplaced: readonly StoredIdentity[];
  readonly stacks: readonly SiteStack[];
  readonly history: History;
}

/** Whether neither a fleet file nor a stack has the device (any more). */
export function isGone({ board, deployed }: Holding): boolean {
  return board === undefined && !deployed;
}

/** Every device of the fleet files and of the stacks, and every one of which anything else is left. */
export async function holdingsOf(sites: readonly Site[], names: FleetNames): Promise<Holdings> {
  const stacks = await siteStacks(names);
  const [known, stored, history] = await Promise.all([
    knownDevices(sites, names, stacks),
    storedIdentities(names),
    historyOf(stacks, names),
  ]);
  const sitesOfDevices = [...new Set(known.map(({ site }) => site))];
  const resources = new Map(
    await concurrently(sitesOfDevices, async (site) => {
      return [site, await resourcesOfSite({ name: site, names })] as const;
    }),
  );
  const underWay = new Set(stacks.filter(isUnderWay).map(({ site }) => site));
  const holdings = await concurrently([...known, ...gone(names, known, stored, history)], async (device) => {
    const identities = stored.filter((one) => one.site === device.site && one.device === device.device);
    const [attached, policyTargets] = await Promise.all([
      certificatesOf(names.thing(device.device)),
      targetsOf(names.policy(device.device)),
    ]);
    const abandoned = {
      thing: attached !== undefined && history.abandonedThings.has(device.device),
      policy: policyTargets !== undefined && history.abandonedPolicies.has(device.device),
    };
    return {
      ...device,
      underWay: underWay.has(device.site),
      identities,
      deployedCertificateIds: resources.get(device.site)?.certificateIds ?? [],
      // What is attached to somebody else's thing is none of ours.
      certificates: await withRecorded(device.deployed || abandoned.thing ? (attached ?? []) : [], identities),
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

function hasSomething({ identities, abandoned }: Holding): boolean {
  return identities.length > 0 || abandoned.thing || abandoned.policy;
}

/** The devices that only the Parameter Store or CloudFormation's memory knows. */
function gone(
  names: FleetNames,
  known: readonly KnownDevice[],
  stored: readonly StoredIdentity[],
  { abandonedThings, abandonedPolicies }: History,
): KnownDevice[] {
  const sites = new Map([
    ...abandonedPolicies,
    ...abandonedThings,
    ...stored.map(({ site, device }) => [device, site] as const),
  ]);
  for (const { device } of known) sites.delete(device);
  return [...sites].map(([device, site]) => ({
    site,
    names,
    device,
    revoked: false,
    generations: [],
    deployed: false,
  }));
}
