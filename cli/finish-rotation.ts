import { policyName, thingName } from '../lib/fleet/names.ts';
import { type Certificate, findCertificate, shortId, thingsOf } from './aws/certificates.ts';
import { isDeploying, timeSeriesTableNameIfDeployed } from './aws/deployment.ts';
import { generationOf, isIssued, type IssuedRecord, readRecords } from './aws/identity-records.ts';
import { policyNamesOf } from './aws/policies.ts';
import { lastSeen } from './aws/time-series.ts';
import { CliError } from './cli-error.ts';
import { confirm } from './confirm.ts';
import type { SiteDevice } from './fleet-device.ts';
import { type Obsolete, removeIdentity } from './identity-removal.ts';
import { withSpinner } from './spinner.ts';
import { colours, print, printDone, type Terminal } from './terminal.ts';
import { formatMillisecond } from './time.ts';

/**
 * Takes the identity before the current one away.
 *
 * @param yes do not ask, and do not insist that the device has been seen since its current identity was made
 * @throws {CliError} when there is none, or when the current one would not carry the device
 */
export async function finishRotation(target: SiteDevice, yes: boolean, terminal: Terminal): Promise<void> {
  const { site, device } = target;
  const { name } = device;
  const { previous, certificate, isCurrent, unseenSince } = await withSpinner(terminal, 'Asking AWS', examine(target));
  if (unseenSince !== undefined) {
    const unseen = `${name} has not been seen since its current identity was made (${formatMillisecond(unseenSince)})`;
    if (!yes) {
      throw new CliError(
        `${unseen}; flash it first (npx fleet secrets ${name}), or if you are sure that it has it, add --yes`,
      );
    }
    await print(terminal.stderr, colours(terminal.stderr).yellow(`! ${unseen}`));
  }
  const label = `the identity of generation ${generationOf(previous)} (certificate ${shortId({ id: previous.certificateId })})`;
  if (!yes) {
    await confirm(terminal, `Take ${label} away from ${name}? A board that still uses it cannot connect any more.`);
  }
  // A rotation that a deployment left half done: what is recorded as the one before is the current one.
  const obsolete: Obsolete = {
    site: site.name,
    device: name,
    slot: 'previous',
    certificate: isCurrent ? undefined : certificate,
  };
  await removeIdentity(obsolete, (step) => printDone(terminal.stdout, step));
}

interface Examined {
  readonly previous: IssuedRecord;
  readonly certificate: Certificate | undefined;
  /** The identity before is the current one as well. */
  readonly isCurrent: boolean;
  /** When the current identity was made, in milliseconds since 1970, if nothing has come from the device since. */
  readonly unseenSince?: number;
}

async function examine({ site, device: { name } }: SiteDevice): Promise<Examined> {
  // A deployment that fails would go back to the identity before.
  if (await isDeploying(site.name)) {
    throw new CliError(`the site ${site.name} is being deployed; wait until that is done, and try again`);
  }
  const { identity, previous } = await readRecords(site.name, name);
  if (!isIssued(previous)) throw new CliError(`${name} has no identity beside its current one: nothing to finish`);
  const current = isIssued(identity) ? await findCertificate(identity.certificateId) : undefined;
  const problem = await problemWith(current, name);
  if (current === undefined || problem !== undefined) {
    throw new CliError(`the current identity of ${name} ${problem}, so the one before stays; see: npx fleet doctor`);
  }
  const isCurrent = previous.certificateId === current.id;
  const certificate = await findCertificate(previous.certificateId);
  const foreign = certificate && (await thingsOf(certificate)).find((thing) => thing !== thingName(name));
  if (foreign !== undefined) {
    throw new CliError(`certificate ${shortId({ id: previous.certificateId })} is attached to the thing "${foreign}"`);
  }
  const made = current.created?.getTime() ?? 0;
  const table = await timeSeriesTableNameIfDeployed();
  const seen = table === undefined ? undefined : await lastSeen(table, name);
  return { previous, certificate, isCurrent, ...((seen === undefined || seen <= made) && { unseenSince: made }) };
}

/** Why a board could not connect with the certificate. */
async function problemWith(certificate: Certificate | undefined, device: string): Promise<string | undefined> {
  if (certificate === undefined) return 'has no certificate';
  if (certificate.status !== 'ACTIVE') return `is ${certificate.status}`;
  if (!(await thingsOf(certificate)).includes(thingName(device))) return 'is not attached to its thing';
  if (!(await policyNamesOf(certificate.arn)).includes(policyName(device))) return 'has no policy';
  return undefined;
}
