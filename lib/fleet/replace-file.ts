import { chmodSync, closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Writes a file anew by a rename within its folder, so that a reader sees the old text or the new one, whole.
 *
 * @throws {Error} with the code of the operating system, and the name of the file before its reason
 */
export function replaceFile(file: string, text: string): void {
  const target = realpathSync(file);
  const draft = join(dirname(target), `.${process.pid}.tmp`);
  try {
    writeFileSync(draft, text, { flag: 'wx' });
    chmodSync(draft, statSync(target).mode);
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { force: true });
    throw namingFile(file, error);
  }
}

/**
 * Writes a file that is not there yet.
 *
 * @throws {Error} as {@link replaceFile}, also when there is such a file; nothing is left of one that cannot be written
 */
export function beginFile(file: string, text: string): void {
  const handle = openSync(file, 'wx');
  try {
    writeFileSync(handle, text);
  } catch (error) {
    rmSync(file, { force: true });
    throw namingFile(file, error);
  } finally {
    closeSync(handle);
  }
}

/** An error of the operating system, which does not say of which file a write failed, with the file before its reason. */
function namingFile(file: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  return Object.assign(new Error(`${file}: ${message}`), { code });
}
