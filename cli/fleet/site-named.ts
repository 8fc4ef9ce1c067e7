import type { Site } from '../../lib/fleet/read.ts';
import { CliError } from '../terminal/cli-error.ts';

/**
 * The site that somebody means.
 *
 * @param wanted its name; without one, the only site there is
 * @throws {CliError} when there is none of that name, or several
 */
export function siteNamed(wanted: string | undefined, sites: readonly Site[], folder: string): Site {
  const names = sites.map(({ name }) => name).join(', ');
  const [site, another] = wanted === undefined ? sites : sites.filter(({ name }) => name === wanted);
  if (site === undefined) throw new CliError(`no site ${JSON.stringify(wanted)} in ${folder}/; there is: ${names}`);
  if (another !== undefined) throw new CliError(`which site? add --site and one of: ${names}`);
  return site;
}
