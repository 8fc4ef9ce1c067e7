import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unlessItThrows } from './fleet/unless-it-throws.ts';

/** Where what takes long to make is kept, for the next synthesis. `npm ci` empties it. */
export const KEPT = join(fileURLToPath(new URL('..', import.meta.url)), 'node_modules/.cache/esp-fleet');

/** What a file has; undefined where it is not there, or half written by an older version. */
export function kept<Value>(file: string): Value | undefined {
  return unlessItThrows(() => JSON.parse(readFileSync(file, 'utf8')) as Value);
}

/** Whole or not at all, since another process may do the same. A folder that cannot be written costs time and nothing else. */
export function keep(file: string, value: unknown): void {
  const draft = `${file}.${randomUUID()}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(draft, JSON.stringify(value));
    renameSync(draft, file);
  } catch {
    // Then it is made anew the next time.
  }
}
