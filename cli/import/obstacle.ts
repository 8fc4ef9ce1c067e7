import { shortId } from '../../aws/certificates.ts';
import { type FleetNames, NAME_PATTERN, NAME_RULE } from '../../lib/fleet/names.ts';
import { allDevices, type Site } from '../../lib/fleet/read.ts';
import type { ExistingCertificate, ExistingThing } from './existing-things.ts';

/** What the fleet is. */
export interface FleetParts {
  readonly sites: readonly Site[];
  readonly names: FleetNames;
}

/** Policies that one certificate can have (AWS IoT Core quotas). */
const MOST_POLICIES = 10;

/** The certificate by which a thing can become a device of the fleet, or why it cannot, and what to do. */
export type Verdict = { readonly certificate: ExistingCertificate } | { readonly obstacle: string };

/**
 * Nothing is guessed: where it is not clear which certificate is that of the board and of this board alone, somebody has to say so.
 *
 * @param chosen the id of a certificate that somebody has chosen, or the beginning of it
 */
export function verdictOn(thing: ExistingThing, { sites, names }: FleetParts, chosen?: string): Verdict {
  const { name, certificates, hasNamesake } = thing;
  const no = (obstacle: string): Verdict => ({ obstacle });
  const device = names.deviceOf(name);
  if (!NAME_PATTERN.test(device) || names.thing(device) !== name) {
    return no(`no device can have its name (${NAME_RULE}); add a device of another name, and flash the board`);
  }
  const holder = sites.map(allDevices).find(({ devices }) => devices.some((one) => one.name === device));
  const entry = holder?.devices.find((one) => one.name === device);
  if (holder !== undefined && entry?.generations.some(({ certificateId }) => certificateId !== undefined)) {
    return no(`it is in ${holder.file}, but not deployed yet; run: npx cdk deploy --all --import-existing-resources`);
  }
  if (holder !== undefined) {
    return no(
      `${holder.file} already has a device of its name, without its certificate; remove that entry, or delete the thing`,
    );
  }
  if (hasNamesake) {
    return no(`a policy is called "${name}", as the one of the device will be; give that policy another name`);
  }
  const candidates = certificates.filter(({ id }) => chosen === undefined || id.startsWith(chosen));
  const [certificate, another] = candidates;
  if (certificate === undefined) {
    return no(
      certificates.length > 0
        ? `it has no certificate ${chosen}; there is: ${certificates.map(shortId).join(', ')}`
        : 'it has no certificate, so no board connects as it; attach the certificate of its board, or delete the thing',
    );
  }
  if (another !== undefined) {
    return no(
      `it has ${certificates.length} certificates; add --certificate and the one that its board has: ${certificates.map(shortId).join(', ')}`,
    );
  }
  const { things, policies, status, isForeign } = certificate;
  const label = `certificate ${shortId(certificate)}`;
  if (things.length > 1) {
    const others = things.filter((one) => one !== name).join(', ');
    return no(`${label} is shared with ${others}: to revoke one would stop all; give each board one of its own`);
  }
  if (status !== 'ACTIVE') return no(`${label} is ${status}`);
  if (isForeign && chosen === undefined) {
    return no(
      `${label} was issued by another certificate authority; if that is right, add --certificate ${shortId(certificate)}`,
    );
  }
  if (policies.length >= MOST_POLICIES) {
    return no(`${label} has ${policies.length} policies, which leaves no room for the device's; detach one`);
  }
  return { certificate };
}
