import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { KeySearch } from '../../testing/firmware/key-search.ts';
import type { Progress } from '../progress.ts';
import { FLASH, type Secrets } from './lane.ts';

/**
 * Searches for the private keys of boards in all that was asked, said, printed and written, but for the flash of boards.
 *
 * @param fewest how many keys there are at the least
 */
export function searchKeys({ keys, seen }: Secrets, folder: string, fewest: number, progress: Progress): void {
  const planted = randomBytes(32);
  const search = new KeySearch();
  search.add(planted);
  const pem = Buffer.concat([Buffer.from('30310201010420', 'hex'), planted, Buffer.from('a00a06082a', 'hex')]);
  const forms = {
    'as it is': Buffer.concat([Buffer.from('x'), planted]),
    'in hexadecimal digits': Buffer.from(`key=0${planted.toString('hex').toUpperCase()}`),
    'in base64': Buffer.from(`k ${planted.toString('base64')}`),
    'in PEM': Buffer.from(pem.toString('base64').replaceAll(/(.{64})/g, '$1\n')),
  };
  progress.expect(Object.keys(forms).length + 3);
  for (const [form, bytes] of Object.entries(forms))
    progress.case(`the search finds a key ${form}`, search.isIn(bytes) ? undefined : 'it does not');

  progress.case('there are keys to search for', keys.size > fewest ? undefined : `there are ${keys.size}`);
  const leaks = seen.filter((bytes) => keys.isIn(bytes)).map((bytes) => bytes.toString('latin1').slice(0, 200));
  progress.case('no private key of a board in any call, log or print', leaks[0]);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.split(sep).includes(FLASH));
  progress.case(
    'no private key of a board in any file',
    files.find((file) => keys.isIn(readFileSync(file))),
  );
  const megabytes = (seen.reduce((sum, { length }) => sum + length, 0) / 1e6).toFixed(0);
  progress.say(
    `searched for ${keys.size} private keys: ${seen.length} calls and logs (${megabytes} MB), ${files.length} files`,
  );
}
