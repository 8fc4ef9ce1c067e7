import { CliError } from '../cli-error.ts';
import { isIssued, type IssuedRecord, keepsItsKey, readRecord } from './identity-records.ts';

/** What a device is known by. */
export interface PublicIdentity {
  readonly certificateId: string;
  readonly certificatePem: string;
  /** Of the MQTT broker. */
  readonly host: string;
  readonly port: number;
  readonly thingName: string;
}

/** All that a device needs to connect, apart from the root certificates. */
export interface Identity extends PublicIdentity {
  readonly privateKeyPem: string;
}

/**
 * The identity that the deployment made for a device; undefined when there is none (yet).
 *
 * @throws {CliError} when the device keeps its private key, and when the record holds no identity
 */
export async function readIdentity(site: string, device: string): Promise<Identity | undefined> {
  const record = await readRecord(site, device, 'identity');
  if (!isIssued(record)) return undefined;
  const { privateKeyPem } = record;
  if (privateKeyPem === undefined) {
    throw new CliError(
      keepsItsKey(record)
        ? `${device} made its own private key, which no cloud has; where it lies in a file: ` +
            `npx fleet secrets ${device} --key FILE; where a secure element keeps it: --no-key`
        : `the identity of ${device} has lost its private key; for a new one: npx fleet rotate ${device}`,
    );
  }
  return { ...publicIdentity(record), privateKeyPem };
}

/**
 * The same without the private key, wherever that is.
 *
 * @throws {CliError} when the record holds no identity
 */
export async function readPublicIdentity(site: string, device: string): Promise<PublicIdentity | undefined> {
  const record = await readRecord(site, device, 'identity');
  return isIssued(record) ? publicIdentity(record) : undefined;
}

function publicIdentity({ certificateId, certificatePem, endpoint, thingName }: IssuedRecord): PublicIdentity {
  const { hostname, port } = new URL(`mqtts://${endpoint}`);
  return { certificateId, certificatePem, host: hostname, port: port === '' ? 8883 : Number(port), thingName };
}
