import { type Command, Option } from 'commander';
import { certificatesOf, findCertificate } from '../../aws/certificates.ts';
import { enrolmentOf } from '../../aws/enrolments.ts';
import { storedIdentities } from '../../aws/identities.ts';
import { resourcesOfSite } from '../../aws/stacks.ts';
import { readCertificateRequest } from '../../lib/fleet/certificate-request.ts';
import { writeGenerations } from '../../lib/fleet/edit.ts';
import { wantedOf } from '../../lib/fleet/enrolment.ts';
import { generationKeys, newestGeneration } from '../../lib/fleet/generations.ts';
import { publish } from '../aws/connection.ts';
import { CliError, NotDeployedError } from '../terminal/cli-error.ts';
import type { CommonOptions } from '../common-options.ts';
import { finishRotation, stillHas } from '../fleet/finish-rotation.ts';
import { fleetDevice, type SiteDevice } from '../fleet/fleet-device.ts';
import { withNewKey } from '../secrets/local-key.ts';
import { givingNewIdentity } from '../secrets/secrets-command.ts';
import { forgotten, isUndeployed } from '../fleet/recorded-certificates.ts';
import { withSpinner } from '../terminal/spinner.ts';
import { printSentence, printDone, type Terminal } from '../terminal/terminal.ts';

interface RotateOptions extends CommonOptions {
  readonly csr?: string;
  readonly localKey?: true;
  readonly finish?: true;
  readonly yes?: true;
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<device>')
    .addOption(
      new Option('--csr <file>', 'of a device that keeps its own key: the request for its new one').conflicts([
        'localKey',
        'finish',
      ]),
    )
    .addOption(
      new Option('--local-key', 'make the new key on this machine, so that no cloud ever has it').conflicts('finish'),
    )
    .option('--finish', 'take the older generation away')
    .option('--yes', 'with --finish: also when the board has not connected by its newest identity')
    .addHelpText(
      'after',
      `
Adds a generation to the device's fleet file, such as generations: [1, 2]. Once that is deployed, the device has a new
identity beside the one before, so a board is never without one. With --finish, the older generation leaves the fleet file,
and the next deployment deletes its certificate and its key. This is refused until the board's last connection was by the
newest identity.

A device with "key: board" rotates over the air: its generation rises, and once that is deployed, the same command tells its
board, which makes a new key. When it has used that, the cloud deletes the certificate before.

Examples:
  bin/fleet rotate kitchen-sensor
  bin/fleet rotate kitchen-sensor --finish
  bin/fleet rotate vault --csr devices/vault-2.csr`,
    )
    .action((device: string) => rotate(device, command.optsWithGlobals<RotateOptions>(), terminal));
}

async function rotate(name: string, options: RotateOptions, terminal: Terminal): Promise<void> {
  const target = fleetDevice(options, name);
  const { site, device } = target;
  if (device.revoked) {
    throw new CliError(`${name} is revoked (${site.file}); for a new identity, take "revoked: true" away first`);
  }
  if (device.enrols) return rotateOverTheAir(target, options, terminal);
  if (options.finish) return finishRotation(target, options, terminal);

  const { stdout } = terminal;
  const { isWritten, isUsable } = await withSpinner(terminal, 'Asking AWS', examine(target));
  let generations: readonly NewGeneration[] = device.generations;
  if (isWritten) {
    const numbers = generations.map(({ number }) => number).join(', ');
    const already = `${site.file} says generations: [${numbers}] already, which is not deployed yet`;
    const [given] = options.localKey ? ['--local-key'] : options.csr === undefined ? [] : ['--csr'];
    if (given !== undefined)
      throw new CliError(`${already}; deploy it first, or give it its csr there, without ${given}`);
    await printDone(stdout, already);
  } else {
    generations = await addGeneration(target, isUsable, options, terminal);
  }
  await printSentence(stdout, 'Next:');
  await printSentence(stdout, '  commit it, and deploy it: npx cdk deploy --all');
  await printSentence(stdout, `  ${givingNewIdentity(device, generations.at(-1), options)}`);
  if (generations.length > 1)
    await printSentence(stdout, `  take the old identity away: bin/fleet rotate ${name} --finish`);
}

/**
 * Raises the generation that the fleet file wants; or once that is deployed, and its board has no such identity yet, tells the board
 * so. A board asks at each start as well, and the cloud ends the identity before once the new one is used.
 */
async function rotateOverTheAir(
  { site, device }: SiteDevice,
  { csr, localKey, finish }: RotateOptions,
  terminal: Terminal,
): Promise<void> {
  const { name } = device;
  const thing = site.names.thing(name);
  if (finish)
    throw new CliError(`the cloud takes the older identity of ${name} away once its board uses the newer one`);
  if (csr !== undefined || localKey)
    throw new CliError(`the board of ${name} makes its key itself: without --csr and --local-key`);
  const asked = Promise.all([enrolmentOf(thing), certificatesOf(thing)]);
  const [enrolment, certificates = []] = await withSpinner(terminal, 'Asking AWS', asked);
  if (enrolment === undefined) throw new NotDeployedError(`device "${name}"`);
  if (!certificates.some(({ status }) => status === 'ACTIVE'))
    throw new CliError(`${name} has no identity that it could ask for another one with; run: bin/fleet enrol ${name}`);
  const { stdout } = terminal;
  const { number } = newestGeneration(device);
  if (enrolment.wants !== wantedOf(device)) {
    await printDone(stdout, `${site.file} says generations: [${number}] already, which is not deployed yet`);
  } else if ((enrolment.has?.generation ?? 0) < number) {
    await publish(`${site.names.commandTopic(name)}/identity/rotate`, '{}');
    await printDone(stdout, `told the board of ${name} to make a new key; one that is away asks when it starts again`);
    return;
  } else {
    writeGenerations(site.file, name, { generations: [number + 1] });
    await printDone(stdout, `${site.file} says generations: [${number + 1}]`);
  }
  await printSentence(stdout, 'Next:');
  await printSentence(stdout, '  commit it, and deploy it: npx cdk deploy --all');
  await printSentence(stdout, `  tell the board: bin/fleet rotate ${name}`);
}

type NewGeneration = Parameters<typeof generationKeys>[0][number];

/** Writes the next generation into the fleet file: beside those there are, or instead of the newest where no board can use that. */
async function addGeneration(
  { site, device }: SiteDevice,
  isUsable: boolean,
  { csr, localKey }: RotateOptions,
  { stdout }: Terminal,
): Promise<readonly NewGeneration[]> {
  const newest = newestGeneration(device);
  const number = newest.number + 1;
  if (newest.csr !== undefined && csr === undefined && !localKey) {
    throw new CliError(
      `${device.name} keeps its own key; give it a new one, and its request: --csr FILE, or have it made here: --local-key`,
    );
  }
  const write = (path: string | undefined) => {
    const next = { number, keyType: newest.keyType, ...(path !== undefined && { csr: { path } }) };
    const generations = [...(isUsable ? device.generations : device.generations.slice(0, -1)), next];
    writeGenerations(site.file, device.name, generationKeys(generations));
    return generations;
  };
  if (!localKey) {
    if (csr !== undefined) refuseUnlessNew(csr, { site, device });
    const generations = write(csr);
    await printDone(stdout, `${site.file} says ${said(generations)}`);
    return generations;
  }
  const { keyFile, result } = await withNewKey(
    `${device.name}-${number}`,
    site.names.thing(device.name),
    newest.keyType,
    write,
  );
  await printDone(stdout, `${keyFile} is the private key; keep it, it is nowhere else`);
  await printDone(stdout, `${site.file} says ${said(result)}`);
  return result;
}

/** @throws {FleetFileError | CliError} for a request that AWS IoT would refuse, or for a key that the device has already */
function refuseUnlessNew(csr: string, { site, device }: SiteDevice): void {
  const { publicKey } = readCertificateRequest(csr, { file: site.file, line: device.line });
  const former = device.generations.find((generation) => generation.csr?.publicKey === publicKey);
  if (former === undefined) return;
  throw new CliError(`--csr: ${csr} is for the key of generation ${former.number}; make a new key, and its request`);
}

function said(generations: readonly NewGeneration[]): string {
  return `generations: [${generations.map(({ number }) => number).join(', ')}]`;
}

interface Examined {
  /** The fleet file has a generation already that is not deployed. */
  readonly isWritten: boolean;
  /** A board may be using the newest identity. */
  readonly isUsable: boolean;
}

/** @throws {CliError} when there is nothing to rotate, or a rotation is under way */
async function examine({ site, device }: SiteDevice): Promise<Examined> {
  const { names } = site;
  const { name, generations } = device;
  const [{ things, certificateIds }, identities, attached = []] = await Promise.all([
    resourcesOfSite(site),
    storedIdentities(names, names.devicePath(site.name, name)),
    certificatesOf(names.thing(name)),
  ]);
  if (!things.includes(names.thing(name))) throw new NotDeployedError(`device "${name}"`);
  const newest = newestGeneration(device);
  const known = { generations, identities, certificates: attached, deployedCertificateIds: certificateIds };
  if (isUndeployed(newest, known)) return { isWritten: true, isUsable: false };
  const recorded = identities.find(({ generation }) => generation === newest.number)?.certificate;
  // A board may also use a certificate whose record is lost.
  const [lost] = generations.length === 1 ? forgotten(known) : [];
  const certificate = recorded === undefined ? lost : await findCertificate(recorded.certificateId);
  const isUsable = certificate?.status === 'ACTIVE';
  const [oldest] = generations;
  if (isUsable && generations.length > 1 && oldest !== undefined) throw new CliError(stillHas(name, oldest.number));
  return { isWritten: false, isUsable };
}
