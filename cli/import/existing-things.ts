import {
  type Certificate,
  certificatesOf,
  findCertificate,
  listCertificates,
  thingsOf,
} from '../../aws/certificates.ts';
import { policyNames, policyNamesOf } from '../../aws/policies.ts';
import { isDeleted, resourcesOfSite, siteStacks } from '../../aws/stacks.ts';
import { listThings } from '../../aws/things.ts';
import { FleetNames } from '../../lib/fleet/names.ts';
import { type OtherFleet, otherFleets } from '../fleet/other-fleets.ts';
import { knownLines } from '../fleet/listed-devices.ts';
import { connectionOf } from '../aws/connection.ts';
import { concurrently } from '../../aws/concurrently.ts';

/** A certificate that the fleet has not made, and what it is attached to. */
export interface ExistingCertificate extends Certificate {
  readonly things: readonly string[];
  /** The names of the policies that are attached to it. */
  readonly policies: readonly string[];
}

/** A thing that the fleet has not made. */
export interface ExistingThing {
  readonly name: string;
  readonly certificates: readonly ExistingCertificate[];
  /**
   * What AWS IoT knows of the client id that is the thing's name, which it does for half an hour after the end of a
   * connection; undefined when nobody has connected by that.
   */
  readonly connection: Connection | undefined;
  /** Whether a policy has its name, as the one of a device would. */
  readonly hasNamesake: boolean;
}

export interface Connection {
  readonly isConnected: boolean;
  /** Since when it is so, in milliseconds since 1970. */
  readonly since: number | undefined;
  /** The address that it came from. */
  readonly from: string | undefined;
}

/** What an account has beside the fleet. */
export interface Existing {
  readonly things: readonly ExistingThing[];
  /** Certificates that are attached to no thing. */
  readonly loose: readonly ExistingCertificate[];
  /** Whose things and certificates are not among these. */
  readonly otherFleets: readonly OtherFleet[];
}

/** Finds every thing and every certificate that no site of a fleet has deployed. Changes nothing. */
export async function existing(fleetNames: FleetNames): Promise<Existing> {
  const sites = (await siteStacks(fleetNames)).filter((stack) => !isDeleted(stack)).map(({ site }) => site);
  const deployed = await concurrently([...new Set(sites)], (name) => resourcesOfSite({ name, names: fleetNames }));
  const [names, certificates, namesakes, others] = await Promise.all([
    listThings(),
    listCertificates(),
    policyNames(),
    otherFleets(fleetNames),
  ]);
  const lines = await knownLines(fleetNames, namesakes);
  const ofLists = [...lines.values()].flatMap(({ device, has }) => [
    fleetNames.thing(device),
    has?.certificateId ?? '',
  ]);
  const elsewhere = new Set(others.flatMap((other) => other.things));
  const claims = [fleetNames, ...others.map(({ name }) => new FleetNames({ name }))].map(({ claim }) => claim);
  const ours = new Set([
    ...claims,
    ...ofLists,
    ...deployed.flatMap((site) => [...site.things, ...site.certificateIds]),
  ]);
  const things = await concurrently(
    names.filter((name) => !ours.has(name) && !elsewhere.has(name)),
    async (name): Promise<ExistingThing> => {
      const [attached = [], connection] = await Promise.all([certificatesOf(name), connectionOf(name)]);
      const { connected: isConnected = false, connectedSince, disconnectedSince, sourceIp: from } = connection ?? {};
      return {
        name,
        certificates: await Promise.all(attached.map(withAttachments)),
        connection: connection && { isConnected, since: isConnected ? connectedSince : disconnectedSince, from },
        hasNamesake: namesakes.includes(name),
      };
    },
  );
  const attached = new Set(things.flatMap((thing) => thing.certificates.map(({ id }) => id)));
  const detached = await concurrently(
    certificates.filter(({ id }) => !ours.has(id) && !attached.has(id)),
    async ({ id }) => {
      const certificate = await findCertificate(id);
      return certificate && withAttachments(certificate);
    },
  );
  return {
    things: things.sort((one, other) => (one.name < other.name ? -1 : 1)),
    loose: detached.filter((one) => one?.things.length === 0).filter((one) => one !== undefined),
    otherFleets: others,
  };
}

async function withAttachments(certificate: Certificate): Promise<ExistingCertificate> {
  const [things, policies] = await Promise.all([thingsOf(certificate), policyNamesOf(certificate.arn)]);
  return { ...certificate, things, policies: policies.sort() };
}
