// The parts of dynalite's store that are used here; it brings no types.

/** A table as dynalite keeps it. */
export interface Table {
  readonly LocalSecondaryIndexes?: readonly object[];
  readonly GlobalSecondaryIndexes?: readonly object[];
}

type Done = (error: Error | null) => void;

export interface Write {
  readonly type: 'put';
  readonly key: string;
  readonly value: object;
}

/** Where dynalite keeps tables and items. */
export interface Store {
  readonly tableDb: { awsAccountId: string; awsRegion: string };
  readonly db: { close(callback: (error?: Error) => void): void };
  getTable(name: string, callback: (error: DynaliteError | null, table: Table) => void): void;
  getItemDb(table: string): {
    lock(keys: readonly string[], locked: (release: (done: Done) => Done) => void): void;
    batch(writes: readonly Write[], done: Done): void;
  };
}

export interface DynaliteError extends Error {
  readonly statusCode?: number;
  readonly body?: { readonly __type: string; readonly message?: string; readonly Message?: string };
}
