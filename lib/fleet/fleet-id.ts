import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FleetFileError } from './fleet-file-error.ts';
import { NAME_PATTERN, NAME_RULE } from './names.ts';

/** The file, beside the fleet files, by which the stacks of a fleet are told from those of others. */
export const FLEET_ID_FILE = 'id';

/**
 * The id of the fleet whose files are in a folder.
 *
 * @returns undefined when it has none yet
 * @throws {FleetFileError} when the file holds something else
 */
export function readFleetId(folder: string): string | undefined {
  const file = join(folder, FLEET_ID_FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (NAME_PATTERN.test(text)) return text;
  throw new FleetFileError(file, undefined, `holds no id of a fleet; allowed: ${NAME_RULE}`);
}

/**
 * The same; a fleet that has none gets one, as the CDK keeps what it looks up in cdk.context.json. It is to be committed, as
 * that is: whoever has it deploys to the same stacks.
 *
 * @param made told the file when it is new
 */
export function fleetIdOf(folder: string, made: (file: string) => void = () => undefined): string {
  const known = readFleetId(folder);
  if (known !== undefined) return known;
  const [file, id] = [join(folder, FLEET_ID_FILE), randomUUID()];
  writeFileSync(file, `${id}\n`, { flag: 'wx' });
  made(file);
  return id;
}
