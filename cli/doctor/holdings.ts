import type { FleetNames } from '../../lib/fleet/names.ts';
import type { Site } from '../../lib/fleet/read.ts';
import { type Certificate, certificatesOf } from '../../aws/certificates.ts';
import { type StoredIdentity, storedIdentities } from '../../aws/identities.ts';
import { targetsOf } from '../../aws/policies.ts';
import {
  type History,
  historyOf,
  isUnderWay,
  resourcesOfSite,
  type SiteResources,
  type SiteStack,
  siteStacks,
} from '../../aws/stacks.ts';
import { concurrently } from '../../aws/concurrently.ts';
import { knownDevices } from '../fleet/device-state.ts';
import type { KnownDevice, PerhapsDeployed } from '../fleet/known-device.ts';
import { withRecorded } from '../fleet/recorded-certificates.ts';
import { needed, type Unknowns } from '../fleet/unknowns.ts';

/** What a device has in the cloud. */
export interface Holding extends KnownDevice {
  /** Whether CloudFormation is changing its site now. */
  readonly underWay: boolean;
  /** What the Parameter Store holds of its generations, the oldest first. */
  readonly identities: readonly StoredIdentity[];
  /** The certificates that the stack of its site has. */
  readonly deployedCertificateIds: readonly string[];
  /** What its identities name, where these are known, and what is attached to its thing. */
  readonly certificates: readonly Certificate[];
  /** Whether AWS IoT has a thing of its name. */
  readonly hasThing: boolean;
  /** The ARNs of what the policy of its name is attached to; undefined when AWS IoT has no such policy. */
  readonly policyTargets: readonly string[] | undefined;
  /**
   * Whether CloudFormation made that thing and that policy, gave up deleting them, and has forgotten them; and when it gave up what
   * boards had got by enrolment, in milliseconds since 1970.
   */
  readonly abandoned: { readonly thing: boolean; readonly policy: boolean; readonly enrolment: number | undefined };
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
export function isGone(holding: Holding): boolean {
  return holding.board === undefined && !holding.deployed; // of what is in a fleet file, the latter may be unknown
}

/**
 * Every device of the fleet files and of the stacks, and every one of which anything else is left. What is refused is told
 * to `unknowns`, and is missing in the answer: to look at it makes a check find nothing.
 */
export async function holdingsOf(sites: readonly Site[], names: FleetNames, unknowns: Unknowns): Promise<Holdings> {
  const stacks = await unknowns.orUndefined('which stacks there are', siteStacks(names));
  const [known, stored, history] = await Promise.all([
    knownDevices(sites, names, stacks ?? [], unknowns),
    unknowns.orUndefined('identities in the Parameter Store', storedIdentities(names)),
    stacks && unknowns.orUndefined('what CloudFormation could not delete', historyOf(stacks, names)),
  ]);
  const sitesOfDevices = [...new Set(known.map(({ site }) => site))];
  const resources = new Map(
    await concurrently(sitesOfDevices, async (site) => {
      const asked = resourcesOfSite({ name: site, names });
      return [site, await unknowns.orUndefined('which devices are deployed', asked)] as const;
    }),
  );
  const underWay = stacks && new Set(stacks.filter(isUnderWay).map(({ site }) => site));
  const devices = [...known, ...gone(names, known, stored ?? [], history)];
  const holdings = await concurrently(devices, async ({ deployed, ...device }): Promise<Holding[]> => {
    const identities = stored?.filter((one) => one.site === device.site && one.device === device.device);
    const [attached, targets] = await Promise.all([
      unknowns.orUndefined('certificates of devices', wrapped(certificatesOf(names.thing(device.device)))),
      unknowns.orUndefined('what has the policies of devices', wrapped(targetsOf(names.policy(device.device)))),
    ]);
    const abandoned = history && {
      thing: attached?.value !== undefined && history.abandonedThings.has(device.device),
      policy: targets?.value !== undefined && history.abandonedPolicies.has(device.device),
      enrolment: history.abandonedEnrolments.get(device.device),
    };
    // What is attached to somebody else's thing is none of ours.
    const ours = deployed !== false || abandoned?.thing === true ? (attached?.value ?? []) : [];
    const certificates =
      attached && (await unknowns.orUndefined('certificates of devices', withRecorded(ours, identities ?? [])));
    const isLeft = (identities?.length ?? 0) > 0 || abandoned?.thing === true || abandoned?.policy === true;
    if (device.board === undefined && deployed !== true && !isLeft) return [];
    const holding: Holding = {
      ...device,
      get deployed() {
        return needed(deployed);
      },
      get underWay() {
        return needed(underWay).has(device.site);
      },
      get identities() {
        return needed(identities);
      },
      get deployedCertificateIds() {
        return needed(resources.get(device.site) ?? (deployed === false ? NOTHING : undefined)).certificateIds;
      },
      get certificates() {
        return needed(certificates);
      },
      get hasThing() {
        return needed(attached).value !== undefined;
      },
      get policyTargets() {
        return needed(targets).value;
      },
      get abandoned() {
        return needed(abandoned);
      },
    };
    return [holding];
  });
  const siteOf = new Map(known.map(({ site, device }) => [device, site]));
  return {
    holdings: holdings.flat(),
    misplaced: (stored ?? []).filter(({ site, device }) => (siteOf.get(device) ?? site) !== site),
    get stacks() {
      return needed(stacks);
    },
    get history() {
      return needed(history);
    },
  };
}

const NOTHING: SiteResources = { things: [], certificateIds: [] };

/** Tells an answer of undefined from none. */
const wrapped = async <Value>(asked: Promise<Value>): Promise<{ readonly value: Value }> => ({ value: await asked });

/** The devices that only the Parameter Store or CloudFormation's memory knows. */
function gone(
  names: FleetNames,
  known: readonly PerhapsDeployed[],
  stored: readonly StoredIdentity[],
  history: History | undefined,
): PerhapsDeployed[] {
  const sites = new Map([
    ...(history?.abandonedPolicies ?? []),
    ...(history?.abandonedThings ?? []),
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
