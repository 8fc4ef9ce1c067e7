import { CommanderError } from 'commander';
import { type Certificate, findCertificate, shortId, thingsOf } from '../../aws/certificates.ts';
import { readCertificate } from '../../aws/identities.ts';
import { policyNamesOf } from '../../aws/policies.ts';
import { isDeploying } from '../../aws/stacks.ts';
import { writeGenerations } from '../../lib/fleet/edit.ts';
import { type Generation, generationKeys, newestGeneration } from '../../lib/fleet/generations.ts';
import type { Site } from '../../lib/fleet/read.ts';
import { cloudName, printCloud } from '../aws/cloud.ts';
import { concurrently } from '../../aws/concurrently.ts';
import { usedIdentitiesTableIfDeployed } from '../aws/deployment.ts';
import { lastConnection } from '../aws/last-connection.ts';
import { CliError } from '../terminal/cli-error.ts';
import { givingNewIdentity } from '../secrets/secrets-command.ts';
import { fleetDevices, type SiteDevice, type WhichFleet } from '../fleet/fleet-device.ts';
import { ProgressBar } from '../terminal/progress-bar.ts';
import { withSpinner } from '../terminal/spinner.ts';
import { colours, indentedJson, print, printSentence, printDone, type Terminal } from '../terminal/terminal.ts';
import { formatMinute } from '../terminal/time.ts';

/**
 * Takes the older generation out of the fleet file, so that the next deployment deletes it.
 *
 * @param options `yes`: do not insist that the device has used its newest identity
 * @throws {CliError} when there is no older one, or when the newest one would not carry the device
 */
export async function finishRotation(
  target: SiteDevice,
  { yes, ...which }: WhichFleet & { readonly yes?: boolean },
  terminal: Terminal,
): Promise<void> {
  const { site, device } = target;
  const { name, generations } = device;
  if (generations.length < 2) throw new CliError(`${name} has no generation beside its newest one: nothing to finish`);
  const stacks = Promise.all([isDeploying(site), usedIdentitiesTableIfDeployed(site.names)]);
  const examined = stacks.then(([isDeploying, table]) => examine(target, { isDeploying, table }));
  const asked = Promise.all([examined, cloudName()]);
  const [doubt, cloud] = await withSpinner(terminal, 'Asking AWS', asked);
  await printCloud(terminal, cloud);
  if (doubt !== undefined) {
    if (!yes) {
      const first = givingNewIdentity(device, newestGeneration(device), which);
      throw new CliError(`${doubt}; ${first}; or if you are sure that it has it, add --yes`);
    }
    await printSentence(terminal.stderr, colours(terminal.stderr).yellow(`! ${doubt}`));
  }
  const older = dropOlder(target);
  await printDone(terminal.stdout, `${site.file} says generations: [${newestGeneration(device).number}]`);
  const numbers = older.map(({ number }) => number).join(', ');
  await printNext(`a board that still uses generation ${numbers} cannot connect any more`, older, terminal);
}

/**
 * Does the same for every device of which nothing speaks against it, and names the others with the reason.
 *
 * @param options `dryRun`: write nothing. `json`: print a JSON array
 */
export async function finishRotations(
  { dryRun, json, ...which }: WhichFleet & { readonly dryRun?: true; readonly json?: true },
  terminal: Terminal,
): Promise<void> {
  const { stdout } = terminal;
  const rotating = fleetDevices(which).filter(
    ({ device: { revoked, enrols, generations } }) => !revoked && !enrols && generations.length > 1,
  );
  const cloud = await cloudName();
  const sites = [...new Map(rotating.map(({ site }) => [site.name, site])).values()];
  const deploying = new Map(await concurrently(sites, async (site) => [site.name, await isDeploying(site)] as const));
  const table = sites.length === 0 ? undefined : await usedIdentitiesTableIfDeployed(which.names);
  const bar = new ProgressBar(terminal, 'asking AWS', rotating.length);
  let done = 0;
  const examined = await concurrently(rotating, async (target) => {
    const stacks = { isDeploying: deploying.get(target.site.name) ?? false, table };
    const doubt = await examine(target, stacks).catch((error: unknown) => {
      if (error instanceof CliError) return error.message;
      throw error;
    });
    bar.update((done += 1));
    return { target, doubt };
  }).finally(() => bar.end());
  const finished = examined.filter(({ doubt }) => doubt === undefined);
  const older = dryRun ? [] : finished.flatMap(({ target }) => dropOlder(target));
  if (json) {
    const entries = examined.map(({ target: { site, device }, doubt }) => {
      return { site: site.name, device: device.name, finished: doubt === undefined, doubt: doubt ?? null };
    });
    await print(stdout, indentedJson(entries));
  } else {
    await printCloud(terminal, cloud);
    if (rotating.length === 0) await printSentence(stdout, 'no device has a generation beside its newest one');
    for (const { target, doubt } of examined) {
      const { site, device } = target;
      const generations = `generations: [${newestGeneration(device).number}]`;
      if (doubt === undefined)
        await printDone(stdout, `${site.file} ${dryRun ? 'would say' : 'says'} ${generations} of ${device.name}`);
      else await printSentence(stdout, colours(stdout).yellow(`! ${doubt}`));
    }
    if (older.length > 0)
      await printNext('boards that still use an older identity cannot connect any more', older, terminal);
  }
  if (rotating.length > 0 && finished.length === 0)
    throw new CommanderError(1, 'fleet.unfinished', 'none could be finished');
}

/** Takes all generations but the newest out of the fleet file. @returns those */
function dropOlder({ site, device }: SiteDevice): readonly Generation[] {
  const newest = newestGeneration(device);
  writeGenerations(site.file, device.name, generationKeys([newest]));
  return device.generations.filter((generation) => generation !== newest);
}

async function printNext(then: string, older: readonly Generation[], { stdout }: Terminal): Promise<void> {
  await printSentence(stdout, 'Next:');
  await printSentence(stdout, `  commit it, and deploy it: npx cdk deploy --all; then ${then}`);
  for (const { certificateId: id } of older.filter(({ certificateId }) => certificateId !== undefined)) {
    await printSentence(
      stdout,
      `  certificate ${shortId({ id: id ?? '' })} was there before the fleet: it is given back as it was, ACTIVE with its ` +
        `policies; to end it: aws iot update-certificate --certificate-id ${id} --new-status INACTIVE`,
    );
  }
}

/** What stacks say, the same of many devices. */
interface Stacks {
  /** Whether the site of the device is being deployed. */
  readonly isDeploying: boolean;
  /** Of the identities that were used, see lib/telemetry/used-identities.ts; undefined where it is not deployed. */
  readonly table: string | undefined;
}

/**
 * @returns why it looks as if the device did not use that identity; undefined where nothing speaks against it
 * @throws {CliError} when that identity would not carry the device
 */
async function examine({ site, device }: SiteDevice, { isDeploying, table }: Stacks): Promise<string | undefined> {
  const { name } = device;
  // A deployment that fails would go back to what was before.
  if (isDeploying) {
    throw new CliError(`the site ${site.name} is being deployed; wait until that is done, and try again`);
  }
  const { number } = newestGeneration(device);
  const recorded = await readCertificate(site.names.identityPath(site.name, name, number));
  if (recorded === undefined) {
    throw new CliError(
      `generation ${number} of ${name} is not deployed yet, or its record is lost; run: npx cdk deploy --all, or see: bin/fleet doctor`,
    );
  }
  const certificate = await findCertificate(recorded.certificateId);
  const problem = await problemWith(certificate, site, name);
  if (certificate === undefined || problem !== undefined) {
    throw new CliError(
      `the identity of generation ${number} of ${name} ${problem}, so the one before stays; see: bin/fleet doctor`,
    );
  }
  if (table === undefined) return `${site.names.telemetryStack} does not record yet by which identity ${name} connects`;
  const last = await lastConnection(table, site.names.thing(name));
  if (last === undefined)
    return `${name} has not connected by its newest identity yet, certificate ${shortId(certificate)}`;
  if (last.certificateId === certificate.id) return undefined;
  return (
    `${name} connected last by certificate ${shortId({ id: last.certificateId })} (${formatMinute(last.time)}), and not ` +
    `by its newest identity, ${shortId(certificate)}`
  );
}

/** Why a board could not connect with the certificate. */
async function problemWith(
  certificate: Certificate | undefined,
  { names }: Pick<Site, 'names'>,
  device: string,
): Promise<string | undefined> {
  if (certificate === undefined) return 'has no certificate';
  const label = `has certificate ${shortId(certificate)}, which`;
  if (certificate.status !== 'ACTIVE') return `${label} is ${certificate.status}`;
  if (!(await thingsOf(certificate)).includes(names.thing(device))) return `${label} is not attached to its thing`;
  if (!(await policyNamesOf(certificate.arn)).includes(names.policy(device))) return `${label} has no policy`;
  return undefined;
}

/** What is to be said of a device with two generations. */
export function stillHas(device: string, generation: number): string {
  return (
    `${device} still has its identity of generation ${generation} beside the newer one; ` +
    `once its board uses that, run: bin/fleet rotate ${device} --finish`
  );
}
