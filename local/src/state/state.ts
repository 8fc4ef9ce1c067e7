import { mkdirSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { ClassicLevel } from 'classic-level';

/** A named map whose changes are written behind to disk when the state has a folder, and live in memory alone when not. */
export interface Collection<T> {
  get(key: string): T | undefined;
  has(key: string): boolean;
  /** Stores the value; also to be called after changing a stored object in place. */
  set(key: string, value: T): void;
  delete(key: string): boolean;
  keys(): IterableIterator<string>;
  values(): IterableIterator<T>;
  readonly size: number;
}

type Write = { type: 'put'; key: string; value: Buffer } | { type: 'del'; key: string };

/** All that the local cloud remembers, apart from DynamoDB's items, which dynalite keeps. */
export class State {
  #level: ClassicLevel<string, Buffer> | undefined;
  readonly #loaded = new Map<string, Map<string, unknown>>();
  #pending: Write[] = [];
  #writing: Promise<void> = Promise.resolve();

  private constructor(level: ClassicLevel<string, Buffer> | undefined) {
    this.#level = level;
  }

  /** Opens the state in `folder`, or an empty one in memory. Throws when the folder can't be written or is in use. */
  static async open(folder?: string): Promise<State> {
    if (folder === undefined) return new State(undefined);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const level = new ClassicLevel<string, Buffer>(folder, { valueEncoding: 'buffer' });
    await level.open();
    const state = new State(level);
    for await (const [key, value] of level.iterator()) {
      const at = key.indexOf('/');
      state.#map(key.slice(0, at)).set(key.slice(at + 1), deserialize(value));
    }
    return state;
  }

  /** The collection of that name; the same one at every call. Names hold no slash. */
  collection<T>(name: string): Collection<T> {
    const map = this.#map(name) as Map<string, T>;
    return {
      get: (key) => map.get(key),
      has: (key) => map.has(key),
      set: (key, value) => {
        map.set(key, value);
        if (this.#level) this.#write({ type: 'put', key: `${name}/${key}`, value: serialize(value) });
      },
      delete: (key) => {
        if (this.#level) this.#write({ type: 'del', key: `${name}/${key}` });
        return map.delete(key);
      },
      keys: () => map.keys(),
      values: () => map.values(),
      get size() {
        return map.size;
      },
    };
  }

  /** Resolves when everything set so far is on disk. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  /** What is set afterwards, by work that was under way, is not kept. */
  async close(): Promise<void> {
    await this.flush();
    const level = this.#level;
    this.#level = undefined;
    await level?.close();
  }

  #map(name: string): Map<string, unknown> {
    const map = this.#loaded.get(name) ?? new Map<string, unknown>();
    this.#loaded.set(name, map);
    return map;
  }

  // Writes gather while a batch is under way, so that a burst costs one disk write and order is kept.
  #write(write: Write): void {
    this.#pending.push(write);
    if (this.#pending.length > 1) return;
    this.#writing = this.#writing.then(async () => {
      const batch = this.#pending;
      this.#pending = [];
      await this.#level?.batch(batch);
    });
  }
}
