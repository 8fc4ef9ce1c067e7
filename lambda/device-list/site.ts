import { type Certificate, foreignThingOf } from '../../aws/certificates.ts';
import { concurrently } from '../../aws/concurrently.ts';
import { certificatesOfEnrolment, type EnrolmentStore } from '../../aws/enrolments.ts';
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

/** The certificates of a listed device, the one that was admitted last first. What is another thing's as well is left out. */
export async function certificatesOfLine(thingName: string, store: EnrolmentStore): Promise<Certificate[]> {
  const certificates: Certificate[] = [];
  for (const certificate of (await certificatesOfEnrolment(thingName, store)) ?? []) {
    if ((await foreignThingOf(certificate, { thingName })) === undefined) certificates.push(certificate);
  }
  return certificates;
}
