import type { SSESpecification } from '@aws-sdk/client-dynamodb';
import { NotImplementedError } from '../errors.ts';
import type { Collection, State } from '../state/state.ts';
import type { Tags } from '../tags.ts';

/** What a table has beside its items and keys, which dynalite knows nothing of. */
export interface TableSettings {
  /** While it is true the table can't be deleted. */
  readonly deletionProtection: boolean;
  /** Whether it is encrypted with the key `aws/dynamodb`, and not with one that DynamoDB owns. */
  readonly kms: boolean;
  /** Point-in-time recovery. It is kept and answered; nothing is restored here. */
  readonly recovery: { readonly since: Date; readonly days: number } | undefined;
  /** Attribute that items expire by, see expiry.ts. */
  readonly ttlAttribute: string | undefined;
  readonly tags: Tags;
}

export const DEFAULT_SETTINGS: TableSettings = {
  deletionProtection: false,
  kms: false,
  recovery: undefined,
  ttlAttribute: undefined,
  tags: {},
};

export class TableSettingsStore {
  readonly #settings: Collection<TableSettings>;

  constructor(state: State) {
    this.#settings = state.collection('dynamodb.tables');
  }

  get(table: string): TableSettings {
    return this.#settings.get(table) ?? DEFAULT_SETTINGS;
  }

  change(table: string, settings: Partial<TableSettings>): TableSettings {
    const changed = { ...this.get(table), ...settings };
    this.#settings.set(table, changed);
    return changed;
  }

  delete(table: string): void {
    this.#settings.delete(table);
  }
}

/** Whether an SSESpecification asks for the key `aws/dynamodb`. */
export function asksForKms({ Enabled = false, SSEType = 'KMS', KMSMasterKeyId }: SSESpecification): boolean {
  if (KMSMasterKeyId !== undefined)
    throw new NotImplementedError('SSESpecification.KMSMasterKeyId of a DynamoDB table');
  if (SSEType !== 'KMS') throw new NotImplementedError(`SSESpecification.SSEType ${SSEType} of a DynamoDB table`);
  return Enabled;
}
