import { CliError } from '../cli-error.ts';
import { isIssued, keepsItsKey, readRecord } from './identity-records.ts';

/** All that a device needs to connect, apart from the root certificates. */
export interface Identity {
  readonly certificateId: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** Of the MQTT broker. */
  readonly host: string;
  readonly port: number;
  readonly thingName: string;
}

/**
 * The identity that the deployment made for a device; undefined when there is none (yet).
 *
 * @throws {CliError} when the device keeps its private key, and when the record holds no identity
 */
export async function readIdentity(site: string, device: string): Promise<Identity | undefined> {
  const record = await readRecord(site, device, 'identity');
  if (!isIssued(record)) return undefined;
  const { certificateId, certificatePem, privateKeyPem, endpoint, thingName } = record;
  if (privateKeyPem === undefined) {
    throw new CliError(
      keepsItsKey(record)
        ? `the private key of ${device} has never left it, so there is no identity to write; its certificate: ` +
            `aws iot describe-certificate --certificate-id ${certificateId} ` +
            '--query certificateDescription.certificatePem --output text'
        : `the identity of ${device} has lost its private key; for a new one: npx fleet rotate ${device}`,
    );
  }
  const { hostname, port } = new URL(`mqtts://${endpoint}`);
  return {
    certificateId,
    certificatePem,
    privateKeyPem,
    host: hostname,
    port: port === '' ? 8883 : Number(port),
    thingName,
  };
}
