import { type KnownLine, pagesOfLines } from '../../aws/device-table.ts';
import { REVOKED, wantedOf } from '../../lib/fleet/enrolment.ts';
import type { FleetDevice } from '../../lib/fleet/fleet-device.ts';

/** A line whose device the list describes in another way than the table. */
export interface ChangedLine {
  readonly device: FleetDevice;
  readonly known: KnownLine;
}

/** What is to be done so that the table says of a site what its list says. */
export interface Changes {
  readonly added: readonly FleetDevice[];
  readonly changed: readonly ChangedLine[];
  readonly gone: readonly KnownLine[];
}

/** How many items a deployment may write. Lambda has 15 minutes for it; so many are 60 a second. */
const MOST_WRITES = 50_000;

/**
 * How many boards a deployment may revoke and remove. AWS IoT answers the calls that each takes ten times a second in an account
 * and region (AWS IoT Core limits of 2019, the newest that were found): half of that for 15 minutes, the rest being left to others.
 */
const MOST_BOARDS = 4_000;

/** Compares the list of a site with the table. Nothing is changed. */
export async function changesOf(site: string, list: readonly FleetDevice[], table: string): Promise<Changes> {
  const missing = new Map(list.map((device) => [device.name, device]));
  const changed: ChangedLine[] = [];
  const gone: KnownLine[] = [];
  const elsewhere: KnownLine[] = [];
  for await (const page of pagesOfLines(table)) {
    for (const known of page) {
      const device = missing.get(known.device);
      if (known.site !== site) {
        if (device !== undefined) elsewhere.push(known);
        continue;
      }
      missing.delete(known.device);
      if (device === undefined) gone.push(known);
      else if (known.declared !== wantedOf(device) || known.board !== device.board) changed.push({ device, known });
    }
  }
  refuseElsewhere(elsewhere);
  const changes = { added: [...missing.values()], changed, gone };
  refuseTooMany(changes);
  return changes;
}

/** Whether a line is to be revoked, which takes calls to AWS IoT. */
export function isRevocation({ device, known }: ChangedLine): boolean {
  return device.revoked && known.declared !== REVOKED;
}

function refuseElsewhere([first, ...others]: readonly KnownLine[]): void {
  if (first === undefined) return;
  const more = others.length > 0 ? ` and ${others.length} more devices` : '';
  throw new Error(
    `device "${first.device}"${more} of this list still belongs to the site ${first.site}; nothing was changed; deploy that ` +
      'site without it first',
  );
}

function refuseTooMany({ added, changed, gone }: Changes): void {
  const boards = [...gone, ...changed.filter(isRevocation).map(({ known }) => known)].filter(({ has }) => has).length;
  const writes = added.length + changed.length + gone.length;
  for (const [count, most, what] of [
    [boards, MOST_BOARDS, 'boards to be revoked or removed'],
    [writes, MOST_WRITES, 'lines that are new, changed or gone'],
  ] as const) {
    if (count > most)
      throw new Error(
        `${what}: ${count}; allowed: ${most} a deployment; nothing was changed; change the list in several`,
      );
  }
}
