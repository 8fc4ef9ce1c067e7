import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { readKey } from '../../aws/identities.ts';
import { deployedIngest } from '../aws/deployment.ts';
import type { CommonOptions } from '../common-options.ts';
import { claimHeader, claimIn } from '../enrol/claim-header.ts';
import { claimOf, enrollable } from '../enrol/line.ts';
import { fleetDevice } from '../fleet/fleet-device.ts';
import { refuseUnlessIgnored } from '../secrets/git-ignore.ts';
import { warnOfLocalBroker } from '../secrets/local-broker.ts';
import { refuseUnlessRegular, writePrivateFiles } from '../secrets/private-file.ts';
import { rootCertificates } from '../secrets/root-certificates.ts';
import { CliError } from '../terminal/cli-error.ts';
import { withSpinner } from '../terminal/spinner.ts';
import { print, printSentence, type Terminal } from '../terminal/terminal.ts';
import { formatMinute } from '../terminal/time.ts';

interface EnrolOptions extends CommonOptions {
  /** A file, or true for the one that firmware includes. */
  readonly header?: string | true;
  readonly force?: true;
}

/** In a library, so that each sketch that includes it finds it. */
export const HEADER = 'firmware/libraries/FleetIdentity/src/claim.h';

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
its fleet file, or stands in a list, and is deployed. bin/fleet flash does all of it, and types the line.

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

/** Writes what the firmware of all boards needs. @throws {CliError} where git would track it, or over what is of another fleet */
export async function writeHeader(
  file: string,
  { names, force }: Pick<EnrolOptions, 'names' | 'force'>,
  terminal: Terminal,
): Promise<void> {
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

async function printLine(name: string, options: EnrolOptions, terminal: Terminal): Promise<void> {
  const { isEnrolled, host, newLine } = await withSpinner(
    terminal,
    'Asking AWS',
    enrollable(fleetDevice(options, name)),
  );
  const { text, expires } = await withSpinner(terminal, 'Making a code', newLine());
  await print(terminal.stdout, text);
  await printSentence(
    terminal.stderr,
    `Type this line into the serial monitor of its board. It works once, until ${formatMinute(expires)}.`,
  );
  await warnOfLocalBroker(host, terminal);
  await printSentence(
    terminal.stderr,
    'A board that does not know your Wi-Fi needs two lines before that: wifi NAME, then password PASSWORD.',
  );
  if (isEnrolled) {
    await printSentence(
      terminal.stderr,
      `${name} has an identity already, which works on until a board has used the new one.`,
    );
  }
}
