import { concurrently } from '../../aws/concurrently.ts';
import type { FleetNames } from '../../lib/fleet/names.ts';
import { persistently } from '../custom-resource/retry.ts';

/** The site whose list is deployed. */
export interface ListedSite {
  readonly names: FleetNames;
  readonly site: string;
  /** When to give up, in milliseconds since 1970. */
  readonly deadline: number;
}

/** Does work that can be repeated for each, several at once, and again where AWS throttles it. */
export async function each<Item, Result>(
  items: readonly Item[],
  { deadline }: Pick<ListedSite, 'deadline'>,
  work: (item: Item) => Promise<Result>,
  atOnce?: number,
): Promise<Result[]> {
  return concurrently(items, (item) => persistently({ deadline }, () => work(item)), atOnce);
}
