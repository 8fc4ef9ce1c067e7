import { createRequire } from 'node:module';
import type { PutItemInput, PutItemOutput } from '@aws-sdk/client-dynamodb';
import type { DynaliteError, Store, Table, Write } from './dynalite-store.ts';

type Item = Record<string, Record<string, unknown>>;

interface Keys {
  /** What is wrong with the keys of an item, if anything. */
  validateItem(item: Item, table: Table): DynaliteError | null | undefined;
  createKey(item: Item, table: Table): string;
}

/** A put as dynalite checked it. */
export interface Put {
  readonly TableName: string;
  readonly Item: Item;
}

interface Waiting extends Put {
  readonly resolve: (output: PutItemOutput) => void;
  readonly reject: (error: Error) => void;
}

const keys = createRequire(import.meta.url)('dynalite/db') as Keys;

/** Whether a put asks for nothing but to be put, so that what was there before does not matter. */
export const isPlain = (input: object): input is PutItemInput =>
  Object.keys(input).every(
    (name) => name === 'TableName' || name === 'Item' || input[name as keyof typeof input] === undefined,
  );

/**
 * Puts without condition, as the rules engine makes them by the thousand. dynalite reads table and old item before each and
 * writes it by itself, which costs four fifths of the time; here those that come while a write is under way go in one.
 */
export class PlainPuts {
  readonly #store: Store;
  readonly #putAlone: (put: Put) => Promise<PutItemOutput>;
  #waiting: Waiting[] = [];
  #writing = false;

  /** @param putAlone dynalite's own put, which keeps the indexes of a table that has some */
  constructor(store: Store, putAlone: (put: Put) => Promise<PutItemOutput>) {
    this.#store = store;
    this.#putAlone = putAlone;
  }

  /** Resolves when the item is written, as durable as by dynalite's own put. Rejects with dynalite's errors. */
  put({ TableName, Item }: Put): Promise<PutItemOutput> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ TableName, Item, resolve, reject });
      if (!this.#writing) void this.#write();
    });
  }

  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const byTable = new Map<string, Waiting[]>();
      for (const put of this.#waiting) {
        const puts = byTable.get(put.TableName) ?? [];
        puts.push(put);
        byTable.set(put.TableName, puts);
      }
      this.#waiting = [];
      await Promise.all([...byTable].map(([name, puts]) => this.#writeTo(name, puts)));
    }
    this.#writing = false;
  }

  async #writeTo(name: string, puts: readonly Waiting[]): Promise<void> {
    try {
      const table = await new Promise<Table>((resolve, reject) =>
        this.#store.getTable(name, (error, found) => (error ? reject(error) : resolve(found))),
      );
      if (table.LocalSecondaryIndexes ?? table.GlobalSecondaryIndexes) {
        await Promise.all(puts.map(({ resolve, reject, ...put }) => this.#putAlone(put).then(resolve, reject)));
        return;
      }
      const valid = puts.filter(({ Item, reject }) => {
        const invalid = keys.validateItem(Item, table);
        if (invalid) reject(invalid);
        return !invalid;
      });
      if (valid.length === 0) return;
      await this.#batch(
        name,
        valid.map(({ Item }) => ({ type: 'put', key: keys.createKey(Item, table), value: Item })),
      );
      for (const { resolve } of valid) resolve({});
    } catch (error) {
      for (const { reject } of puts) reject(error as Error);
    }
  }

  /** Locked against conditional writes of the same items, which read before they write. */
  #batch(name: string, writes: readonly Write[]): Promise<void> {
    const items = this.#store.getItemDb(name);
    return new Promise((resolve, reject) =>
      items.lock([...new Set(writes.map(({ key }) => key))], (release) =>
        items.batch(
          writes,
          release((error) => (error ? reject(error) : resolve())),
        ),
      ),
    );
  }
}
