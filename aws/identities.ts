import {
  DeleteParameterCommand,
  GetParameterCommand,
  paginateGetParametersByPath,
  type Parameter,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  TooManyUpdates,
} from '@aws-sdk/client-ssm';
import type { FleetNames } from '../lib/fleet/names.ts';
import { ssm } from './clients.ts';
import { listed, unlessGone } from './gone.ts';
import type { IssuedCertificate } from './certificates.ts';
import { waitUntil } from './wait.ts';

/*
 * The identity of one generation of a device in the SSM Parameter Store: its private key, unless the device keeps that
 * itself, and its certificate. Each is written once and never overwritten: of two runs that write, the first one counts.
 */

/** The parts of an identity, by the last level of the parameter's name. */
export const PARTS = ['key', 'certificate'] as const;

export type Part = (typeof PARTS)[number];

/** What is recorded of a certificate. */
export interface RecordedCertificate extends IssuedCertificate {
  /**
   * Of a certificate that was there before it came to the fleet: the names of the policies that it had then, which it gets
   * back. Only such a certificate has them, be it none.
   */
  readonly policies?: readonly string[];
}

/** What is stored of a generation. */
export interface StoredIdentity {
  readonly site: string;
  readonly device: string;
  readonly generation: number;
  /** PKCS #8 in PEM. */
  readonly privateKeyPem?: string;
  readonly certificate?: RecordedCertificate;
  /** Parameters that hold something else. */
  readonly unreadable: readonly Part[];
}

export const parameterName = (path: string, part: Part): string => `${path}/${part}`;

/**
 * Stores the key of a generation, unless there is one already.
 *
 * @param deadline in milliseconds since 1970
 * @returns the key that counts: the first one that was stored
 * @throws {UnreadableError}
 */
export function storeKey(path: string, privateKeyPem: string, deadline: number): Promise<string> {
  return firstOf(parameterName(path, 'key'), privateKeyPem, () => readKey(path), deadline);
}

/** The same for the certificate. @returns the one that counts */
export function storeCertificate(
  path: string,
  certificate: RecordedCertificate,
  deadline: number,
): Promise<RecordedCertificate> {
  const name = parameterName(path, 'certificate');
  return firstOf(name, certificate, () => readCertificate(path), deadline);
}

async function firstOf<Content extends string | RecordedCertificate>(
  name: string,
  ours: Content,
  readFirst: () => Promise<Content | undefined>,
  deadline: number,
): Promise<Content> {
  let first: Content | undefined;
  // AWS takes no new parameter of a name for 30 s after it has deleted one (API Reference, DeleteParameter).
  await waitUntil(`the SSM parameter ${name} can be written`, deadline, async () => {
    first = (await putOnce(name, typeof ours === 'string' ? ours : JSON.stringify(ours))) ? ours : await readFirst();
    return first !== undefined;
  });
  return first ?? ours;
}

/** A parameter holds something else than a part of an identity. The message leaves out what: that may be a key. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
}

/** @throws {UnreadableError} */
export function readKey(path: string): Promise<string | undefined> {
  return read(parameterName(path, 'key'), keyIn);
}

/** @throws {UnreadableError} */
export function readCertificate(path: string): Promise<RecordedCertificate | undefined> {
  return read(parameterName(path, 'certificate'), certificateIn);
}

/**
 * The certificates that are recorded of a device, of whichever generation.
 *
 * @param path {@link FleetNames.devicePath}
 * @throws {UnreadableError}
 */
export async function recordedCertificates(path: string): Promise<RecordedCertificate[]> {
  const found: RecordedCertificate[] = [];
  for (const { Name = '' } of await parametersBelow(path, false)) {
    const certificate = Name.endsWith('/certificate') ? await read(Name, certificateIn) : undefined;
    if (certificate !== undefined) found.push(certificate);
  }
  return found;
}

/** @param WithDecryption whether also what they hold is to be read, keys among it */
function parametersBelow(Path: string, WithDecryption: boolean): Promise<Parameter[]> {
  const query = { Path, Recursive: true, WithDecryption };
  return listed(paginateGetParametersByPath({ client: ssm }, query), ({ Parameters }) => Parameters);
}

const isMissing = (error: unknown): boolean => error instanceof ParameterNotFound;

/** The key first: as long as the certificate is recorded, a repetition knows what is left to do. */
export async function deleteIdentity(path: string): Promise<void> {
  for (const part of PARTS) await deletePart(path, part);
}

/** What is gone already counts as deleted. */
export async function deletePart(path: string, part: Part): Promise<void> {
  await unlessGone(ssm.send(new DeleteParameterCommand({ Name: parameterName(path, part) })), isMissing);
}

/**
 * What is stored for all devices of all sites of a fleet, those that are gone included; the generations of a device in their
 * order.
 *
 * @param path a part of that: {@link FleetNames.devicePath} of a site and a device
 */
export async function storedIdentities(names: FleetNames, path = names.identityRoot): Promise<StoredIdentity[]> {
  const found = new Map<string, StoredIdentity>();
  for (const { Name = '', Value = '' } of await parametersBelow(path, true)) {
    const [site = '', device = '', number = '', last] = Name.slice(names.identityRoot.length + 1).split('/');
    const part = PARTS.find((known) => known === last);
    if (part === undefined || !/^[1-9]\d*$/.test(number)) continue; // none of ours
    const key = names.identityPath(site, device, Number(number));
    const before = found.get(key) ?? { site, device, generation: Number(number), unreadable: [] };
    found.set(key, { ...before, ...stored(part, Value, before) });
  }
  return [...found.values()].sort((one, other) => one.generation - other.generation);
}

function stored(part: Part, value: string, { unreadable }: StoredIdentity): Partial<StoredIdentity> {
  const [privateKeyPem, certificate] = part === 'key' ? [keyIn(value)] : [undefined, certificateIn(value)];
  if (privateKeyPem !== undefined) return { privateKeyPem };
  return certificate === undefined ? { unreadable: [...unreadable, part] } : { certificate };
}

async function read<Content>(
  name: string,
  contentIn: (value: string) => Content | undefined,
): Promise<Content | undefined> {
  const question = new GetParameterCommand({ Name: name, WithDecryption: true });
  const answer = await unlessGone(ssm.send(question), isMissing);
  if (answer === undefined) return undefined;
  const content = contentIn(answer.Parameter?.Value ?? '');
  if (content === undefined) throw new UnreadableError(unreadable(name));
  return content;
}

/** What is wrong with a parameter that holds something else, and what to do. */
export function unreadable(name: string): string {
  return `the SSM parameter ${name} holds no part of an identity; delete it: aws ssm delete-parameter --name ${name}`;
}

async function putOnce(Name: string, Value: string): Promise<boolean> {
  try {
    const KeyId = process.env.IDENTITY_KMS_KEY; // the setting kmsKey; without one, the key of the account for SSM
    const secure = { Type: 'SecureString', Tier: 'Standard', KeyId, Overwrite: false } as const;
    await ssm.send(new PutParameterCommand({ Name, Value, ...secure }));
    return true;
  } catch (error) {
    // Also when the answer to our own call was lost, and the SDK has called again.
    if (error instanceof ParameterAlreadyExists || error instanceof TooManyUpdates) return false;
    throw error;
  }
}

const keyIn = (value: string): string | undefined =>
  value.startsWith('-----BEGIN PRIVATE KEY-----') ? value : undefined;

function certificateIn(value: string): RecordedCertificate | undefined {
  try {
    const content = JSON.parse(value) as Partial<RecordedCertificate>;
    const { certificateId, certificateArn, certificatePem, policies } = content;
    if (typeof certificateId === 'string' && typeof certificateArn === 'string' && typeof certificatePem === 'string')
      return { certificateId, certificateArn, certificatePem, ...(policies !== undefined && { policies }) };
  } catch {
    // Without the error, which quotes the text.
  }
  return undefined;
}
