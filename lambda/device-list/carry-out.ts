import { setTimeout } from 'node:timers/promises';
import { revoke } from '../../aws/certificates.ts';
import { addLine, type KnownLine, lineStore } from '../../aws/device-table.ts';
import { ADMITTED_MS, ownCertificates, refuseEnrolments } from '../../aws/enrolments.ts';
import { REVOKED, WANTS, wantedOf } from '../../lib/fleet/enrolment.ts';
import { type ChangedLine, type Changes, isRevocation } from './changes.ts';
import { removeLines } from './remove-lines.ts';
import { each, type ListedSite } from './site.ts';

/** DynamoDB takes 4,000 writes a second of a new table (Developer Guide, "DynamoDB on-demand capacity mode"). */
const WRITES_AT_ONCE = 32;

/**
 * Makes the table say what the list says. Every step can be repeated, and the table shows what is left to do: a revocation
 * is declared once it is done, and a line goes last of all that its device had.
 *
 * @param isEnd whether the policy of the site goes next
 */
export async function carryOut({ added, changed, gone }: Changes, listed: ListedSite, isEnd: boolean): Promise<void> {
  const { names, site } = listed;
  const table = names.deviceTable;
  await each(added, listed, (device) => addLine(table, site, device), WRITES_AT_ONCE);
  await each(changed, listed, (line) => lineStore(table, line.device.name).change(changeOf(line)), WRITES_AT_ONCE);
  await each(gone, listed, ({ device }) => refuseEnrolments(lineStore(table, device)), WRITES_AT_ONCE);

  const revoked = changed.filter(isRevocation).map(({ known }) => known);
  const mayHaveIdentity = ({ has, code }: KnownLine) => has !== undefined || code !== undefined;
  if ([...revoked, ...gone].some(mayHaveIdentity)) await setTimeout(ADMITTED_MS);
  await each(revoked, listed, async ({ device }) => {
    const store = lineStore(table, device);
    for (const certificate of await ownCertificates(names.thing(device), store)) await revoke(certificate);
    await store.change({ declared: REVOKED });
  });
  await removeLines(gone, listed, isEnd);
}

function changeOf({ device, known }: ChangedLine): Readonly<Record<string, string>> {
  const { board } = device;
  const wants = wantedOf(device);
  if (known.declared === wants) return { board }; // what "fleet revoke" has done meanwhile stays
  return { board, [WANTS]: wants, ...(!device.revoked && { declared: wants }) };
}
