import {
  parameterName,
  type StoredIdentity,
  storedIdentities,
  unreadable,
  UnreadableError,
} from '../../aws/identities.ts';
import { brokerEndpoint } from '../aws/connection.ts';
import { CliError } from '../terminal/cli-error.ts';
import type { SiteDevice } from '../fleet/fleet-device.ts';

/** What a device is known by. */
export interface PublicIdentity {
  readonly certificateId: string;
  readonly certificatePem: string;
  /** Of the MQTT broker. */
  readonly host: string;
  readonly port: number;
  readonly thingName: string;
  readonly device: string;
  /** Below which it publishes, by the broker. */
  readonly telemetryTopic: string;
}

/** All that a device needs to connect, apart from the root certificates. */
export interface Identity extends PublicIdentity {
  readonly privateKeyPem: string;
}

/** Which of a device's generations it is: the newest one that is deployed. */
export interface OfGeneration {
  readonly generation: number;
}

/**
 * The identity that the deployment made for a device; undefined when there is none (yet).
 *
 * @throws {CliError} when the device keeps its private key
 */
export async function readIdentity(target: DeviceOfSite): Promise<(Identity & OfGeneration) | undefined> {
  const { device } = target;
  const stored = await newestStored(target);
  const identity = stored && (await publicIdentity(target, stored));
  if (stored === undefined || identity === undefined) return undefined;
  const { privateKeyPem, generation } = stored;
  if (privateKeyPem !== undefined) return { ...identity, privateKeyPem };
  const { name } = device;
  const deployed = device.generations.find(({ number }) => number === generation);
  if (deployed?.certificateId !== undefined) {
    throw new CliError(
      `the board of ${name} has its certificate and its private key since before it came to the fleet; there is nothing to ` +
        `write; for a new identity: bin/fleet rotate ${name}`,
    );
  }
  throw new CliError(
    deployed?.csr === undefined
      ? `the identity of ${name} has lost its private key; for a new one: bin/fleet rotate ${name}`
      : `${name} made its own private key, which no cloud has; where it lies in a file, add --key FILE; ` +
          'where a secure element keeps it, add --no-key',
  );
}

/** The same without the private key, wherever that is. */
export async function readPublicIdentity(target: DeviceOfSite): Promise<(PublicIdentity & OfGeneration) | undefined> {
  const stored = await newestStored(target);
  return stored && publicIdentity(target, stored);
}

type DeviceOfSite = Pick<SiteDevice, 'device'> & { readonly site: Pick<SiteDevice['site'], 'name' | 'names'> };

async function newestStored({ site, device }: DeviceOfSite): Promise<StoredIdentity | undefined> {
  const stored = await storedIdentities(site.names, site.names.devicePath(site.name, device.name));
  const inFile = ({ generation }: StoredIdentity) => device.generations.some(({ number }) => number === generation);
  const newest = stored.findLast(
    (identity) => inFile(identity) && (identity.certificate !== undefined || identity.unreadable.length > 0),
  );
  const [part] = newest?.unreadable ?? [];
  if (newest === undefined || part === undefined) return newest;
  const path = site.names.identityPath(site.name, device.name, newest.generation);
  throw new UnreadableError(unreadable(parameterName(path, part)));
}

async function publicIdentity(
  { site, device }: DeviceOfSite,
  { certificate, generation }: StoredIdentity,
): Promise<(PublicIdentity & OfGeneration) | undefined> {
  if (certificate === undefined) return undefined;
  const { certificateId, certificatePem } = certificate;
  const { name } = device;
  return {
    generation,
    certificateId,
    certificatePem,
    device: name,
    thingName: site.names.thing(name),
    telemetryTopic: site.names.telemetryTopic(name),
    ...(await brokerEndpoint()),
  };
}
