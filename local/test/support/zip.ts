import { strToU8, zipSync } from 'fflate';

/** A zip file with these texts, by file name. */
export const zip = (files: Readonly<Record<string, string>>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));
