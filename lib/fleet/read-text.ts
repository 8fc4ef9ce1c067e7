import { readFileSync } from 'node:fs';
import { FleetFileError } from './fleet-file-error.ts';

/** The text of a file that a person names. @throws {FleetFileError} when it cannot be read */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new FleetFileError(
      file,
      undefined,
      code === 'ENOENT' ? 'there is no such file' : `cannot be read: ${message}`,
    );
  }
}
