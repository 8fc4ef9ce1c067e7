import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { certificatesOf } from '../../aws/certificates.ts';
import { readCertificate, readKey } from '../../aws/identities.ts';
import { CODE, codeHash, codeText, wantedOf } from '../../lib/fleet/enrolment.ts';
import type { FleetNames } from '../../lib/fleet/names.ts';
import { brokerEndpoint } from '../aws/connection.ts';
import { deployedIngest } from '../aws/deployment.ts';
import type { CommonOptions } from '../common-options.ts';
import { claimHeader, claimIn } from '../enrol/claim-header.ts';
import { newCode } from '../enrol/code.ts';
import { storeOf } from '../fleet/enrolment-store.ts';
import { fleetDevice } from '../fleet/fleet-device.ts';
import { refuseUnlessIgnored } from '../secrets/git-ignore.ts';
import { refuseUnlessRegular, writePrivateFiles } from '../secrets/private-file.ts';
import { rootCertificates } from '../secrets/root-certificates.ts';
import { CliError, NotDeployedError } from '../terminal/cli-error.ts';
import { withSpinner } from '../terminal/spinner.ts';
import { print, printSentence, type Terminal } from '../terminal/terminal.ts';
import { formatMillisecond } from '../terminal/time.ts';

interface EnrolOptions extends CommonOptions {
  /** A file, or true for the one that firmware includes. */
  readonly header?: string | true;
  readonly force?: true;
}

/** In a library, so that each sketch that includes it finds it. */
const HEADER = 'firmware/libraries/FleetIdentity/src/claim.h';

const DAY_MS = 86_400_000;

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('[device]')
    .option('--header [file]', 'write what the firmware of all boards needs')
    .option('--force', 'with --header: replace a file of another fleet, or that fleet enrol has not written')
    .addHelpText(
      'after',
      `
Prints the line that makes a board this device: its name, a code, and the broker. The board makes its key, and gets its
certificate with the code, which works once and for a day; a new line ends the one before. The device has "key: board" in
its fleet file, or stands in a list, and is deployed.

The header is the same for all boards of the fleet. Unless a file is named, it goes to
${HEADER}. It holds a private key that reaches the enrolment and nothing else;
the file can be read by its owner alone, and is refused where git would track it.

Examples:
  bin/fleet enrol --header
  bin/fleet enrol attic`,
    )
    .action((device: string | undefined) => enrol(device, command.optsWithGlobals<EnrolOptions>(), terminal));
}

async function enrol(device: string | undefined, options: EnrolOptions, terminal: Terminal): Promise<void> {
  const { header } = options;
  if (device === undefined && header === undefined) throw new CliError('name a device, or add --header');
  if (header !== undefined) await writeHeader(header === true ? HEADER : header, options, terminal);
  if (device !== undefined) await printLine(device, options, terminal);
}

async function writeHeader(file: string, { names, force }: EnrolOptions, terminal: Terminal): Promise<void> {
  refuseUnlessIgnored(file);
  const former = refuseUnlessRegular(file) ? readFileSync(file, 'utf8') : undefined;
  if (former !== undefined && !force && claimIn(former) !== names.claim) {
    const whose = claimIn(former) === undefined ? 'was not written by fleet enrol' : `is of another fleet`;
    throw new CliError(`${file} ${whose}; to replace it, add --force, or write elsewhere`);
  }
  const asked = Promise.all([claimOf(names), readKey(names.claimPath), rootCertificates(), deployedIngest(names)]);
  const [{ certificatePem }, privateKeyPem, roots, ingest] = await withSpinner(terminal, 'Asking AWS', asked);
  if (privateKeyPem === undefined) throw new CliError('the claim has lost its private key; see: bin/fleet doctor');
  const text = claimHeader({ names, ingest, rootCertificates: roots, certificatePem, privateKeyPem });
  writePrivateFiles(new Map([[file, text]]));
  await printSentence(terminal.stderr, `Wrote ${file}`);
}

/** @throws {CliError} when boards cannot enrol at all */
async function claimOf({ claimPath, enrolmentStack }: FleetNames) {
  const claim = await readCertificate(claimPath);
  if (claim === undefined) throw new NotDeployedError(`stack "${enrolmentStack}", without which no board can enrol,`);
  return claim;
}

async function printLine(name: string, options: EnrolOptions, terminal: Terminal): Promise<void> {
  const target = fleetDevice(options, name);
  const { site, device, file } = target;
  if (!device.enrols) {
    throw new CliError(`the board of ${name} does not make its key; to have it do so, write "key: board" into ${file}`);
  }
  if (device.revoked) throw new CliError(`${name} is revoked (${file}); take "revoked: true" away first, and deploy`);
  const thing = site.names.thing(name);
  const store = storeOf(target);
  const asked = Promise.all([store.read(), certificatesOf(thing), brokerEndpoint(), claimOf(site.names)]);
  const [enrolment, certificates = [], { host, port }] = await withSpinner(terminal, 'Asking AWS', asked);
  if (enrolment === undefined) throw new NotDeployedError(`device "${name}"`);
  if (enrolment.wants !== wantedOf(device)) {
    throw new CliError(`what ${file} says of ${name} is not deployed yet; run: npx cdk deploy --all`);
  }
  const code = newCode();
  const expires = Math.floor((Date.now() + DAY_MS) / 1_000);
  await store.change({ [CODE]: codeText({ hash: codeHash(code), expires }) });
  await print(terminal.stdout, `enrol ${name} ${code} ${host}:${port}`);
  await printSentence(
    terminal.stderr,
    `Type this line into the serial monitor of its board. It works once, until ${formatMillisecond(expires * 1_000)}.`,
  );
  if (certificates.some(({ status }) => status === 'ACTIVE')) {
    await printSentence(
      terminal.stderr,
      `${name} has an identity already, which works on until a board has used the new one.`,
    );
  }
}
