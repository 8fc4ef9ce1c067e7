import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { locked } from './locked.ts';

/** A source file and how it is compiled. */
export interface Unit {
  readonly source: string;
  readonly flags: readonly string[];
  /** Folders of headers that it may include. */
  readonly include: readonly string[];
}

const run = promisify(execFile);
const WEEK_MS = 7 * 86_400_000;

/** g++, or that of a chip, with a cache: what was made from the same text with the same flags is taken from there. */
export class Compiler {
  readonly #cache: string;
  readonly #command: string;
  readonly #headers = new Map<string, string>();

  constructor(cache: string, command = 'g++') {
    this.#cache = cache;
    this.#command = command;
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    for (const file of readdirSync(cache).map((name) => join(cache, name))) {
      // Builds beside this one make and rename their drafts meanwhile.
      const changedAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      if (Date.now() - changedAt > WEEK_MS) rmSync(file, { force: true, recursive: true });
    }
  }

  /**
   * Compiles and links; gives back the path of the executable.
   *
   * @param first what stands before the objects in the linker's command
   */
  executable(units: readonly Unit[], linkFlags: readonly string[], first: readonly string[] = []): Promise<string> {
    return this.#alone(async () => {
      const objects = [...first, ...(await this.#objects(units)), ...linkFlags];
      return this.#cached('', objects, (output) => ['-o', output, ...objects]);
    });
  }

  objects(units: readonly Unit[]): Promise<string[]> {
    return this.#alone(() => this.#objects(units));
  }

  /** Else two test files would compile the same at a time. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    return locked(join(this.#cache, `lock-${this.#command}`), work);
  }

  #objects(units: readonly Unit[]): Promise<string[]> {
    return inParallel(units, (unit) => this.#object(unit));
  }

  #object({ source, flags, include }: Unit): Promise<string> {
    const ingredients = [...flags, source, readFileSync(source, 'utf8'), ...include.map((f) => this.#headersIn(f))];
    const folders = include.map((folder) => `-I${folder}`);
    return this.#cached('.o', ingredients, (output) => [...flags, ...folders, '-c', '-o', output, '-x', 'c++', source]);
  }

  async #cached(ending: string, ingredients: string[], args: (output: string) => string[]): Promise<string> {
    const hash = createHash('sha256').update([this.#command, ...ingredients].join('\0'));
    const name = join(this.#cache, hash.digest('hex'));
    const file = name + ending;
    if (existsSync(file)) {
      utimesSync(file, new Date(), new Date());
      return file;
    }
    const draft = `${name}.${process.pid}`;
    await run(this.#command, args(draft + ending));
    // What gcc writes beside the object with -fcallgraph-info.
    if (existsSync(`${draft}.ci`)) renameSync(`${draft}.ci`, `${name}.ci`);
    renameSync(draft + ending, file);
    return file;
  }

  #headersIn(folder: string): string {
    const known = this.#headers.get(folder);
    if (known !== undefined) return known;
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.h'));
    const text = files
      .sort()
      .map((name) => `${name}\0${readFileSync(join(folder, name), 'utf8')}`)
      .join('\0');
    this.#headers.set(folder, text);
    return text;
  }
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const todo = items.entries();
  const worker = async (): Promise<void> => {
    for (const [i, item] of todo) results[i] = await work(item);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}
