import {
  DeleteParameterCommand,
  GetParameterCommand,
  paginateGetParametersByPath,
  ParameterNotFound,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { z } from 'zod';
import { IDENTITY_PARAMETER_ROOT, identityParameterPath } from '../../lib/fleet/names.ts';
import { CliError } from '../cli-error.ts';
import { patience } from './patience.ts';

const ssm = new SSMClient(patience);

/** The identities that the Parameter Store may hold for a device: in use, replaced but still working, being made. */
export const SLOTS = ['identity', 'previous', 'next'] as const;

export type Slot = (typeof SLOTS)[number];

/** The deployment of the first release, which knew no rotation, wrote neither spec nor serial. */
const pending = z.strictObject({
  thingName: z.string(),
  spec: z.string().default('1 ec'),
  serial: z.number().default(1),
  privateKeyPem: z.string().optional(),
  turn: z.number().optional(),
});

const issued = z.object({
  ...pending.shape,
  certificateId: z.string(),
  certificatePem: z.string(),
  endpoint: z.string(),
});

/** A key whose certificate is still being made, or was never made. Without the key when the device keeps it. */
export type PendingRecord = z.infer<typeof pending>;

/** An identity with its certificate. */
export type IssuedRecord = z.infer<typeof issued>;

export type IdentityRecord = PendingRecord | IssuedRecord;

export type IdentityRecords = Readonly<Partial<Record<Slot, IdentityRecord>>>;

export function isIssued(record: IdentityRecord | undefined): record is IssuedRecord {
  return record !== undefined && 'certificateId' in record;
}

/** The identities of a device that have a certificate. */
export function issuedIn(records: IdentityRecords): IssuedRecord[] {
  return SLOTS.map((slot) => records[slot]).filter(isIssued);
}

/** What the fleet file said when the deployment made this identity. */
export function generationOf({ spec }: IdentityRecord): number {
  return Number.parseInt(spec, 10);
}

/** Whether the device made its key itself, and kept it. */
export function keepsItsKey({ spec }: IdentityRecord): boolean {
  return spec.includes(' csr:');
}

/** What is wrong with a parameter that holds something else, and what to do. */
export function noIdentityIn(site: string, device: string, slot: Slot): string {
  const name = parameterName(site, device, slot);
  return (
    `the SSM parameter ${name} holds no identity; delete it (aws ssm delete-parameter --name ${name}), ` +
    `and for a new identity run: npx fleet rotate ${device}`
  );
}

/** @throws {CliError} when a parameter holds something else. The message leaves out what: that may be a key. */
export async function readRecord(site: string, device: string, slot: Slot): Promise<IdentityRecord | undefined> {
  const name = parameterName(site, device, slot);
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    const record = recordIn(Parameter?.Value ?? '');
    if (record !== undefined) return record;
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
  throw new CliError(noIdentityIn(site, device, slot));
}

/** @throws {CliError} see {@link readRecord} */
export async function readRecords(site: string, device: string): Promise<IdentityRecords> {
  const records: Partial<Record<Slot, IdentityRecord>> = {};
  for (const slot of SLOTS) {
    const record = await readRecord(site, device, slot);
    if (record !== undefined) records[slot] = record;
  }
  return records;
}

/** What the Parameter Store holds for a device. */
export interface StoredIdentities {
  readonly site: string;
  readonly device: string;
  readonly records: IdentityRecords;
  /** Where something else is. */
  readonly unreadable: readonly Slot[];
}

/** What the Parameter Store holds for all devices of all sites, those that are gone included. */
export async function storedIdentities(): Promise<StoredIdentities[]> {
  const found = new Map<string, StoredIdentities>();
  const query = { Path: IDENTITY_PARAMETER_ROOT, Recursive: true, WithDecryption: true };
  for await (const { Parameters = [] } of paginateGetParametersByPath({ client: ssm }, query)) {
    for (const { Name = '', Value = '' } of Parameters) {
      const [site = '', device = '', last] = Name.slice(IDENTITY_PARAMETER_ROOT.length + 1).split('/');
      const slot = SLOTS.find((known) => known === last);
      if (slot === undefined) continue; // none of ours
      const key = `${site}/${device}`;
      const before = found.get(key) ?? { site, device, records: {}, unreadable: [] };
      const record = recordIn(Value);
      found.set(key, {
        ...before,
        ...(record === undefined
          ? { unreadable: [...before.unreadable, slot] }
          : { records: { ...before.records, [slot]: record } }),
      });
    }
  }
  return [...found.values()];
}

/** What is gone already counts as deleted. */
export async function deleteRecord(site: string, device: string, slot: Slot): Promise<void> {
  try {
    await ssm.send(new DeleteParameterCommand({ Name: parameterName(site, device, slot) }));
  } catch (error) {
    if (!(error instanceof ParameterNotFound)) throw error;
  }
}

/** The SSM parameter of a slot. */
export function parameterName(site: string, device: string, slot: Slot): string {
  return `${identityParameterPath(site)}/${device}/${slot}`;
}

function recordIn(text: string): IdentityRecord | undefined {
  return z.union([issued, pending]).safeParse(parseJson(text)).data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // without the error, which quotes the text
  }
}
