import {
  DeleteParameterCommand,
  GetParameterCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
} from '@aws-sdk/client-ssm';
import { ssm } from './clients.ts';

/** A key that has no certificate yet: stored first, so that every later attempt finds the same key. */
export interface PendingIdentity {
  readonly thingName: string;
  /** PKCS #8 in PEM. */
  readonly privateKeyPem: string;
}

/** All that a device needs to connect, apart from Amazon's root certificates. */
export interface Identity extends PendingIdentity {
  readonly certificateId: string;
  readonly certificateArn: string;
  readonly certificatePem: string;
  /** Host of the MQTT broker, with `:port` where that is not 8883. */
  readonly endpoint: string;
}

export function isIssued(identity: Identity | PendingIdentity): identity is Identity {
  return 'certificateId' in identity;
}

/** @throws {Error} when the parameter holds something else */
export async function readIdentity(parameterName: string): Promise<Identity | PendingIdentity | undefined> {
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: parameterName, WithDecryption: true }));
    return parse(Parameter?.Value ?? '', parameterName);
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}

/** Stores a key unless the parameter holds one already, in which case that one is given back. */
export async function storeKey(parameterName: string, identity: PendingIdentity): Promise<Identity | PendingIdentity> {
  try {
    await put(parameterName, identity, false);
    return identity;
  } catch (error) {
    // The first attempt's answer was lost, or the same event runs twice at once.
    const stored = error instanceof ParameterAlreadyExists ? await readIdentity(parameterName) : undefined;
    if (stored === undefined) throw error;
    return stored;
  }
}

/** Records the certificate beside its key. */
export async function recordIdentity(parameterName: string, identity: Identity): Promise<void> {
  await put(parameterName, identity, true);
}

export async function deleteIdentity(parameterName: string): Promise<void> {
  try {
    await ssm.send(new DeleteParameterCommand({ Name: parameterName }));
  } catch (error) {
    if (!(error instanceof ParameterNotFound)) throw error;
  }
}

async function put(parameterName: string, identity: PendingIdentity, overwrite: boolean): Promise<void> {
  await ssm.send(
    new PutParameterCommand({
      Name: parameterName,
      Value: JSON.stringify(identity),
      Type: 'SecureString',
      Tier: 'Standard',
      Overwrite: overwrite,
    }),
  );
}

function parse(value: string, parameterName: string): Identity | PendingIdentity {
  try {
    const identity = JSON.parse(value) as Identity | PendingIdentity;
    if (typeof identity.privateKeyPem === 'string') return identity;
  } catch {
    // JSON.parse quotes what it could not read, which may be a key.
  }
  throw new Error(`the SSM parameter ${parameterName} holds no identity; delete it and deploy again`);
}
