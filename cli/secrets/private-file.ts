import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { CliError } from '../terminal/cli-error.ts';
import { errorMessage } from '../terminal/error-message.ts';

/**
 * Writes files that their owner alone may read (mode 0600), each by a rename: a reader sees the old file or the new one,
 * whole. What cannot be written is found before any of them is replaced. Folders that are missing are made for the owner
 * alone (0700).
 *
 * @param texts by the file that each is for
 * @throws {CliError} with the reason of the operating system, or {@link refuseUnlessRegular}'s
 */
export function writePrivateFiles(texts: ReadonlyMap<string, string>): void {
  for (const file of texts.keys()) refuseUnlessRegular(file);
  const draftOf = (file: string) => `${file}.${process.pid}.tmp`;
  const drafts: string[] = [];
  try {
    for (const [file, text] of texts) {
      attempt(file, () => {
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        const handle = openSync(draftOf(file), 'wx', 0o600);
        drafts.push(draftOf(file));
        try {
          writeFileSync(handle, text);
          fsyncSync(handle); // some file systems tell only now that there is no room
        } finally {
          closeSync(handle);
        }
      });
    }
    for (const file of texts.keys()) attempt(file, () => renameSync(draftOf(file), file));
  } finally {
    for (const draft of drafts) rmSync(draft, { force: true });
  }
}

function attempt(file: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw new CliError(`cannot write ${file}: ${errorMessage(error, undefined)}`);
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
