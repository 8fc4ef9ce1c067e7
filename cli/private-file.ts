import { lstatSync, mkdirSync, renameSync, rmSync, type Stats, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CliError } from './cli-error.ts';

/**
 * Writes a file that its owner alone may read (mode 0600), by a rename: a reader sees the old file or the new one,
 * whole. Folders that are missing are made for the owner alone (0700).
 *
 * @throws {CliError} with the reason of the operating system, or {@link refuseUnlessRegular}'s
 */
export function writePrivateFile(file: string, text: string): void {
  refuseUnlessRegular(file);
  const draft = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    try {
      writeFileSync(draft, text, { flag: 'wx', mode: 0o600 });
      renameSync(draft, file);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  } catch (error) {
    throw new CliError(`cannot write ${file}: ${(error as Error).message}`);
  }
}

/**
 * Refuses what a rename would replace, and what a read would wait for: a link, a device, a FIFO. A folder, too.
 *
 * @returns whether there is such a file
 * @throws {CliError}
 */
export function refuseUnlessRegular(file: string): boolean {
  let stats: Stats | undefined;
  try {
    stats = lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw new CliError(`cannot write ${file}: ${(error as Error).message}`);
  }
  if (stats === undefined) return false;
  if (stats.isFile()) return true;
  throw new CliError(`${file} is ${kindOf(stats)}, and no regular file; name another place`);
}

/** What else than a file it is, with its article. */
export function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isSymbolicLink()) return 'a link';
  if (stats.isFIFO()) return 'a FIFO';
  return stats.isSocket() ? 'a socket' : 'a device';
}
