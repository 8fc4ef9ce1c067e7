import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { z } from 'zod';
import { identityParameterName } from '../../lib/fleet/names.ts';
import { CliError } from '../cli-error.ts';
import { patience } from './patience.ts';

const ssm = new SSMClient(patience);

const issuedIdentity = z.object({
  certificateId: z.string(),
  certificatePem: z.string(),
  privateKeyPem: z.string(),
  endpoint: z.string(),
  thingName: z.string(),
});

/** A key whose certificate is still being made, or was never made. */
const pendingIdentity = z.strictObject({ thingName: z.string(), privateKeyPem: z.string() });

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
 * @throws {CliError} when the parameter holds something else. The message leaves out what it holds: that may be a key.
 */
export async function readIdentity(site: string, device: string): Promise<Identity | undefined> {
  const name = identityParameterName(site, device);
  const value = await readParameter(name);
  if (value === undefined) return undefined;
  const parsed = parseJson(value);
  if (pendingIdentity.safeParse(parsed).success) return undefined;
  const identity = issuedIdentity.safeParse(parsed);
  if (!identity.success) {
    throw new CliError(`the SSM parameter ${name} holds no identity; delete it and run: npx cdk deploy --all`);
  }
  const { endpoint, ...rest } = identity.data;
  const { hostname, port } = new URL(`mqtts://${endpoint}`);
  return { ...rest, host: hostname, port: port === '' ? 8883 : Number(port) };
}

async function readParameter(name: string): Promise<string | undefined> {
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    return Parameter?.Value;
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // without the error, which quotes the text
  }
}
