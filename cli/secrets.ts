import type { Command } from 'commander';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { telemetryTopicPrefix } from '../lib/fleet/names.ts';
import { newestGeneration } from '../lib/fleet/read.ts';
import { chipFamily } from '../lib/fleet/schema.ts';
import { findCertificate, shortId } from '../aws/certificates.ts';
import { deployedIngest } from './aws/deployment.ts';
import { type Identity, type OfGeneration, type PublicIdentity, readIdentity, readPublicIdentity } from './identity.ts';
import { CliError, NotDeployedError } from './cli-error.ts';
import { fleetDevice, type SiteDevice } from './fleet-device.ts';
import { refuseUnlessIgnored } from './git-ignore.ts';
import { writePrivateFile } from './private-file.ts';
import type { CommonOptions } from './common-options.ts';
import { rootCertificates } from './root-certificates.ts';
import { hasWifi, secretsHeader } from './secrets-header.ts';
import { withSpinner } from './spinner.ts';
import { colours, print, type Terminal } from './terminal.ts';

interface SecretsOptions extends CommonOptions {
  readonly out?: string;
  readonly pem?: string;
  /** A file, or false for none. */
  readonly key?: string | false;
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<device>')
    .option('--out <file>', 'where to write the header (default: secrets.h in the sketch of the board)')
    .option('--pem <dir>', 'write certificate.pem, private-key.pem and root-ca.pem instead, for any other MQTT client')
    .option('--key <file>', 'the private key of a device that made its own (csr in the fleet file), in PEM')
    .option('--no-key', 'write no private key: a secure element on the board keeps it')
    .addHelpText(
      'after',
      `
The files can be read by their owner alone, and are refused where git would track them. A second run keeps the name
and the password of the Wi-Fi that stand in the header.

Examples:
  npx fleet secrets kitchen-sensor
  npx fleet secrets kitchen-sensor --pem secrets/kitchen-sensor
  npx fleet secrets vault --key devices/vault.key`,
    )
    .action((device: string) => secrets(device, command.optsWithGlobals<SecretsOptions>(), terminal));
}

async function secrets(name: string, { fleet, out, pem, key }: SecretsOptions, terminal: Terminal): Promise<void> {
  const target = fleetDevice(fleet, name);
  const { board } = target.device;
  const header =
    out ?? (pem === undefined ? join('firmware', `${chipFamily(board)}-telemetry`, 'secrets.h') : undefined);
  const pemFiles = pem === undefined ? undefined : pemFilesIn(pem);
  for (const file of [header, pemFiles?.privateKey]) if (file !== undefined) refuseUnlessIgnored(file);

  const loading = Promise.all([usableIdentity(target, key), rootCertificates(), deployedIngest()]);
  const [identity, roots, ingest] = await withSpinner(terminal, 'Asking AWS', loading);
  const newest = newestGeneration(target.device).number;
  if (identity.generation !== newest) {
    const notYet = `generation ${newest} of ${name} is not deployed yet; this is generation ${identity.generation}`;
    await print(terminal.stderr, colours(terminal.stderr).yellow(`! ${notYet}`));
  }
  if (header !== undefined) {
    const former = existsSync(header) ? readFileSync(header, 'utf8') : undefined;
    const text = secretsHeader({ board, identity, rootCertificates: roots, ingest, former });
    writePrivateFile(header, text);
    const next = hasWifi(text) ? '' : '; fill in WIFI_SSID and WIFI_PASSWORD there';
    await print(terminal.stdout, `Wrote ${header}${next}`);
  }
  if (pemFiles !== undefined) {
    writePrivateFile(pemFiles.certificate, identity.certificatePem);
    writePrivateFile(pemFiles.rootCa, roots);
    if (!('privateKeyPem' in identity)) {
      await print(terminal.stdout, `Wrote ${pemFiles.certificate}, ${pemFiles.rootCa}`);
      return;
    }
    writePrivateFile(pemFiles.privateKey, identity.privateKeyPem);
    await print(terminal.stdout, `Wrote ${Object.values(pemFiles).join(', ')}. For example:`);
    await print(terminal.stdout, `  ${exampleOfUse(identity, pemFiles)}`);
  }
}

/** @throws {CliError} when the device has none, or one that the broker would refuse */
async function usableIdentity(
  target: SiteDevice,
  key: SecretsOptions['key'],
): Promise<(Identity | PublicIdentity) & OfGeneration> {
  const { name, revoked } = target.device;
  if (revoked) throw new CliError(`${name} is revoked (${target.site.file}): its identity is of no use any more`);
  const identity = await (key === undefined ? readIdentity : readPublicIdentity)(target);
  if (identity === undefined) throw new NotDeployedError(`device "${name}"`);
  const certificate = await findCertificate(identity.certificateId);
  if (certificate?.status === 'ACTIVE') return key ? withKey(identity, name, key) : identity;
  const state = certificate === undefined ? 'is gone' : `is ${certificate.status}`;
  throw new CliError(
    `certificate ${shortId({ id: identity.certificateId })} of ${name} ${state}, and the broker would refuse it; ` +
      'see: npx fleet list',
  );
}

/** @throws {CliError} when the file does not hold the key of that certificate; it says nothing of what it holds */
function withKey(identity: PublicIdentity & OfGeneration, name: string, file: string): Identity & OfGeneration {
  const privateKeyPem = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (privateKeyPem === undefined) throw new CliError(`--key: there is no file ${file}`);
  if (!isKeyOf(identity.certificatePem, privateKeyPem)) {
    throw new CliError(`--key: ${file} does not hold the private key of ${name}'s certificate, in PEM`);
  }
  return { ...identity, privateKeyPem };
}

function isKeyOf(certificatePem: string, privateKeyPem: string): boolean {
  try {
    return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem));
  } catch {
    return false; // not a key at all
  }
}

interface PemFiles {
  readonly certificate: string;
  readonly privateKey: string;
  readonly rootCa: string;
}

function pemFilesIn(folder: string): PemFiles {
  return {
    certificate: join(folder, 'certificate.pem'),
    privateKey: join(folder, 'private-key.pem'),
    rootCa: join(folder, 'root-ca.pem'),
  };
}

function exampleOfUse({ host, port, thingName }: Identity, { certificate, privateKey, rootCa }: PemFiles): string {
  return (
    `mosquitto_pub -h ${host} -p ${port} --cafile ${rootCa} --cert ${certificate} --key ${privateKey} ` +
    `-i ${thingName} -q 1 -t ${telemetryTopicPrefix(thingName)}/telemetry -m '{"temperature":21.5}'`
  );
}
