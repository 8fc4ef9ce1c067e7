import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Site } from './read.ts';
import { unlessItThrows } from './unless-it-throws.ts';

/*
 * What the policies allow that certificates keep for the time being, as it was when `fleet import` saw them: a file each in
 * `policies`, beside the fleet files. They are for `fleet review`, which has no AWS account; nothing is deployed of them.
 */

/** In the metadata of a site's template, by the names of policies. */
export const KEPT_POLICIES = 'esp-fleet:policies';

const fileOf = (folder: string, name: string): string => join(folder, 'policies', `${name}.json`);

/** Writes down what a policy allows. @param folder that has the fleet files */
export function writeKeptPolicy(folder: string, name: string, document: string): string {
  const file = fileOf(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(JSON.parse(document), undefined, 2)}\n`);
  return file;
}

/** The documents of the policies that certificates of a site keep, as far as somebody has written them down. */
export function keptPolicies({ file, devices }: Pick<Site, 'file' | 'devices'>): Record<string, unknown> {
  const names = devices.flatMap(({ generations }) => generations.flatMap(({ policies = [] }) => policies));
  return Object.fromEntries(
    [...new Set(names)].sort().flatMap((name) => {
      // Without one, the review says that it does not know.
      const document = unlessItThrows(() => JSON.parse(readFileSync(fileOf(dirname(file), name), 'utf8')) as unknown);
      return document === undefined ? [] : [[name, document] as const];
    }),
  );
}
