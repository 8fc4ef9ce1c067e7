import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newestGeneration } from '../../lib/fleet/generations.ts';
import type { FleetDevice } from '../../lib/fleet/read.ts';
import { type Certificate, certificatesOf, findCertificate, shortId, thingsOf } from '../../aws/certificates.ts';
import { storedIdentities } from '../../aws/identities.ts';
import { policyNamesOf } from '../../aws/policies.ts';
import { isDeploying, resourcesOfSite } from '../../aws/stacks.ts';
import { deployedIngest } from '../aws/deployment.ts';
import {
  type Identity,
  type OfGeneration,
  type PublicIdentity,
  readIdentity,
  readPublicIdentity,
} from '../secrets/identity.ts';
import { CliError, NotDeployedError } from '../terminal/cli-error.ts';
import { fleetDevice, type SiteDevice } from '../fleet/fleet-device.ts';
import { refuseSharedFolder, refuseUnlessIgnored } from '../secrets/git-ignore.ts';
import { privateKeyIn } from '../secrets/key-file.ts';
import { warnOfLocalBroker } from '../secrets/local-broker.ts';
import { refuseUnlessRegular, writePrivateFiles } from '../secrets/private-file.ts';
import type { CommonOptions } from '../common-options.ts';
import { isUndeployed } from '../fleet/recorded-certificates.ts';
import { rootCertificates } from '../secrets/root-certificates.ts';
import { headerOf, ownHeaderOf } from '../secrets/secrets-command.ts';
import { hasWifi, isBegun, ownerOf, secretsHeader, titleOf } from '../secrets/secrets-header.ts';
import { withSpinner } from '../terminal/spinner.ts';
import {
  type Output,
  print,
  printSentence,
  printWarning,
  proseWidth,
  type Terminal,
  wrapped,
} from '../terminal/terminal.ts';

/** What {@link secrets} is told. */
export interface SecretsOptions extends CommonOptions {
  readonly out?: string;
  readonly pem?: string;
  /** A file, or false for none. */
  readonly key?: string | false;
  readonly force?: true;
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<device>')
    .option('--out <file>', 'where to write the header (default: secrets.h in the sketch of the board)')
    .option('--pem <dir>', 'write certificate.pem, private-key.pem and root-ca.pem instead, for any other MQTT client')
    .option('--key <file>', 'the private key of a device that made its own (csr in the fleet file), in PEM')
    .option('--no-key', 'write no private key: a secure element on the board keeps it')
    .option('--force', 'replace files that are of another device, or that fleet secrets has not written')
    .addHelpText(
      'after',
      `
Only their owner can read the files, and a place where git would track them is refused. A second run keeps the name and the
password of the Wi-Fi in the header, with whatever follows them on their lines.

Examples:
  bin/fleet secrets kitchen-sensor
  bin/fleet secrets kitchen-sensor --pem secrets/kitchen-sensor
  bin/fleet secrets vault --key devices/vault.key`,
    )
    .action((device: string) => secrets(device, command.optsWithGlobals<SecretsOptions>(), terminal));
}

/**
 * Writes the identity of a device, as the verb does.
 *
 * @param asksWifi whether the caller asks for the Wi-Fi that the header lacks
 * @throws {CliError}
 */
export async function secrets(
  name: string,
  options: SecretsOptions,
  terminal: Terminal,
  asksWifi = false,
): Promise<void> {
  const { names, out, pem, key, force } = options;
  const target = fleetDevice(options, name);
  const thing = names.thing(name);
  const { board } = target.device;
  if (target.device.enrols) throw new CliError(onItsBoard(name));
  const header = out ?? (pem === undefined ? headerOf(board) : undefined);
  const pemFiles = pem === undefined ? undefined : pemFilesIn(pem);
  for (const file of [header, pemFiles?.privateKey]) if (file !== undefined) refuseUnlessIgnored(file);
  if (pem !== undefined) refuseSharedFolder(pem, name, options.fleet);
  const former = header === undefined ? undefined : textOf(header);
  for (const file of pemFiles === undefined ? [] : Object.values(pemFiles)) refuseUnlessRegular(file);

  const loading = Promise.all([usableIdentity(target, key), rootCertificates(), deployedIngest(names)]);
  const [identity, roots, ingest] = await withSpinner(terminal, 'Asking AWS', loading);
  const newest = newestGeneration(target.device).number;
  if (identity.generation !== newest) {
    await refuseLost(target);
    const notYet = `generation ${newest} of ${name} is not deployed yet; this is generation ${identity.generation}`;
    await printWarning(terminal.stderr, notYet);
  }
  const pems = pemFiles === undefined ? undefined : pemTexts(pemFiles, identity, roots);
  if (header !== undefined && !force) refuseForeignHeader(header, former, thing, target.device, key);
  if (pemFiles !== undefined && pems !== undefined && !force) refuseForeignPem(pemFiles, pems, thing);
  const hasKey = 'privateKeyPem' in identity;
  const without = hasKey ? '' : ', without a private key';
  if (header !== undefined) {
    const text = secretsHeader({ board, names, identity, rootCertificates: roots, ingest, former });
    writePrivateFiles(new Map([[header, text]]));
    const next = hasWifi(text) || asksWifi ? '' : '; fill in WIFI_SSID and WIFI_PASSWORD there';
    await printSentence(terminal.stdout, `Wrote ${header}${without}${next}`);
    await warnOfLocalBroker(identity.host, terminal);
  }
  if (pemFiles !== undefined && pems !== undefined) {
    writePrivateFiles(pems);
    const wrote = `Wrote ${[...pems.keys()].join(', ')}${without}`;
    await printSentence(terminal.stdout, hasKey ? `${wrote}. For example:` : wrote);
    if (hasKey) await print(terminal.stdout, exampleOfUse(terminal.stdout, identity, pemFiles));
  }
}

/** What is to be said to whoever asks for the identity of a device whose board makes its key. */
function onItsBoard(device: string): string {
  return `the key of ${device} is on its board, and nowhere else; to give the board an identity: bin/fleet enrol ${device}`;
}

/** @throws {CliError} when the fleet file says so of the device */
export function refuseRevoked({ device: { name, revoked }, file }: SiteDevice): void {
  if (revoked) throw new CliError(`${name} is revoked (${file}): its identity is of no use any more`);
}

/** @throws {CliError} when the device has none, or one that the broker would refuse */
async function usableIdentity(
  target: SiteDevice,
  key: SecretsOptions['key'],
): Promise<(Identity | PublicIdentity) & OfGeneration> {
  refuseRevoked(target);
  const { name } = target.device;
  const identity = await (key === undefined ? readIdentity : readPublicIdentity)(target);
  if (identity === undefined) throw await withoutIdentity(target);
  const certificate = await findCertificate(identity.certificateId);
  if (certificate?.status === 'ACTIVE') await refuseDetached(certificate, target);
  if (certificate?.status === 'ACTIVE')
    return key ? { ...identity, privateKeyPem: privateKeyIn(key, identity.certificatePem, name) } : identity;
  const state = certificate === undefined ? 'is gone' : `is ${certificate.status}`;
  throw new CliError(
    `certificate ${shortId({ id: identity.certificateId })} of ${name} ${state}, and the broker would refuse it; ` +
      'see: bin/fleet list',
  );
}

/** While a deployment is under way, the identity may still be made; else a device that the stack has has lost it. */
async function withoutIdentity({ site, device: { name } }: SiteDevice): Promise<CliError> {
  const [{ things }, underWay] = await Promise.all([resourcesOfSite(site), isDeploying(site)]);
  return things.includes(site.names.thing(name)) && !underWay
    ? new CliError(`${name} is deployed, but its identity is lost from the Parameter Store; see: bin/fleet doctor`)
    : new NotDeployedError(`device "${name}"`);
}

/** @throws {CliError} when the newest identity is deployed, and only what is stored of it is lost: the board may use it */
async function refuseLost({ site, device }: SiteDevice): Promise<void> {
  const { names } = site;
  const { name, generations } = device;
  const { number } = newestGeneration(device);
  if (await isDeploying(site)) return;
  const [{ certificateIds: deployedCertificateIds }, identities, certificates = []] = await Promise.all([
    resourcesOfSite(site),
    storedIdentities(names, names.devicePath(site.name, name)),
    certificatesOf(names.thing(name)),
  ]);
  if (isUndeployed({ number }, { generations, identities, certificates, deployedCertificateIds })) return;
  throw new CliError(
    `generation ${number} of ${name} is deployed, but its identity is lost from the Parameter Store; see: bin/fleet doctor`,
  );
}

/** @throws {CliError} when the certificate is without the thing or the policy by which the broker lets it in */
async function refuseDetached(certificate: Certificate, { site, device }: SiteDevice): Promise<void> {
  const { name } = device;
  const [things, policies] = await Promise.all([thingsOf(certificate), policyNamesOf(certificate.arn)]);
  const missing = [
    ...(things.includes(site.names.thing(name)) ? [] : ['its thing']),
    ...(policies.includes(site.names.policy(name)) ? [] : ['its policy']),
  ].join(' and ');
  if (missing === '') return;
  throw new CliError(
    `certificate ${shortId(certificate)} of ${name} is not attached to ${missing}, and the broker would refuse it; ` +
      'see: bin/fleet doctor',
  );
}

const FORCE = 'to replace it, add --force, or write elsewhere';

/** A file as it stands; undefined when there is none. @throws {CliError} when it is no regular file */
function textOf(file: string): string | undefined {
  return refuseUnlessRegular(file) ? readFileSync(file, 'utf8') : undefined;
}

function refuseForeignHeader(
  file: string,
  text: string | undefined,
  thing: string,
  device: FleetDevice,
  key: SecretsOptions['key'],
): void {
  if (text === undefined) return;
  const owner = ownerOf(text);
  if (owner === thing || (owner === undefined && isBegun(text))) return;
  const whose = owner === undefined ? 'was not written by fleet secrets' : `holds the identity of ${owner}`;
  // With the key that was named, or the command would be refused for want of it.
  const which = key === false ? ' --no-key' : key === undefined ? '' : ` --key ${key}`;
  throw new CliError(
    `${file} ${whose}; ${FORCE}: bin/fleet secrets ${device.name} --out ${ownHeaderOf(device.name)}${which}`,
  );
}

/** Another identity of the device goes: one of another generation, or of another cloud. */
function refuseForeignPem({ certificate }: PemFiles, texts: ReadonlyMap<string, string>, thing: string): void {
  const owner = ownerOf(textOf(certificate) ?? '');
  if (owner === thing) return;
  for (const [file, text] of texts) {
    const there = textOf(file);
    if (there === undefined || there === text) continue;
    const whose =
      owner === undefined ? `was not written by fleet secrets for ${thing}` : `holds the identity of ${owner}`;
    throw new CliError(`${file} ${whose}; ${FORCE}`);
  }
}

type PemFiles = Readonly<Record<'certificate' | 'privateKey' | 'rootCa', string>>;

function pemFilesIn(folder: string): PemFiles {
  return {
    certificate: join(folder, 'certificate.pem'),
    privateKey: join(folder, 'private-key.pem'),
    rootCa: join(folder, 'root-ca.pem'),
  };
}

/** What the files are to hold. AWS IoT's certificates do not name their device; a line before it does, which readers skip (RFC 7468, 2). */
function pemTexts(files: PemFiles, identity: Identity | PublicIdentity, roots: string): ReadonlyMap<string, string> {
  return new Map([
    [files.certificate, `# ${titleOf(identity.thingName)}\n${identity.certificatePem}`],
    ...('privateKeyPem' in identity ? [[files.privateKey, identity.privateKeyPem] as const] : []),
    [files.rootCa, roots],
  ]);
}

/** Stands for a blank that is not to be broken at. */
const TIED = '\u0000';

/** A command, on a terminal in as many lines as it takes: a backslash joins them for the shell. */
function exampleOfUse(output: Output, { host, port, thingName, telemetryTopic }: Identity, files: PemFiles): string {
  const { certificate, privateKey, rootCa } = files;
  const options = [
    ...[`-h ${host}`, `-p ${port}`, `--cafile ${rootCa}`, `--cert ${certificate}`, `--key ${privateKey}`],
    ...[`-i ${thingName}`, '-q 1', `-t ${telemetryTopic}/telemetry`, `-m '{"temperature":21.5}'`],
  ];
  // An option and its value stay on one line: no blank parts them while lines are broken.
  const command = ['  mosquitto_pub', ...options.map((option) => option.replaceAll(' ', TIED))].join(' ');
  return wrapped(output, command, proseWidth(output) - 2, 4)
    .replaceAll('\n', ' \\\n')
    .replaceAll(TIED, ' ');
}
