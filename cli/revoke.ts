import type { Command } from 'commander';
import { setTimeout } from 'node:timers/promises';
import { markRevoked } from '../lib/fleet/edit.ts';
import { devicePath, thingName } from '../lib/fleet/names.ts';
import { type Certificate, certificatesOf, revoke as revokeCertificate, shortId } from '../aws/certificates.ts';
import { endConnection, isConnected } from './aws/connection.ts';
import { type StoredIdentity, storedIdentities } from '../aws/identities.ts';
import { CliError } from './cli-error.ts';
import { confirm } from './confirm.ts';
import { fleetDevice, type SiteDevice } from './fleet-device.ts';
import type { CommonOptions } from './common-options.ts';
import { withRecorded } from './recorded-certificates.ts';
import { withSpinner } from './spinner.ts';
import { print, printDone, type Terminal } from './terminal.ts';

interface RevokeOptions extends CommonOptions {
  readonly yes?: true;
  readonly dryRun?: true;
}

/** How long a session may outlive its certificate before we say so. */
const PATIENCE_MS = 30_000;

/** Long enough for a board to try again. */
const PAUSE_MS = 500;

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<device>')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'say what would be done, and do nothing')
    .addHelpText(
      'after',
      `
The certificate becomes REVOKED, which AWS IoT never takes back, and so does that of an unfinished rotation; the
device's session ends; "revoked: true" is written into its fleet file. No deployment brings the
device back, and no other device notices. Repeating it does no harm.

Examples:
  npx fleet revoke garage-door --dry-run
  npx fleet revoke garage-door`,
    )
    .action((device: string) => revoke(device, command.optsWithGlobals<RevokeOptions>(), terminal));
}

async function revoke(name: string, { fleet, yes, dryRun }: RevokeOptions, terminal: Terminal): Promise<void> {
  const target = fleetDevice(fleet, name);
  const certificates = await withSpinner(terminal, 'Asking AWS', certificatesFor(target));
  const plan = planFor(target, certificates);
  const { stdout } = terminal;
  if (dryRun) {
    for (const step of plan) await print(stdout, `would ${step}`);
    return;
  }
  if (!yes) await confirm(terminal, `Revoke ${name}? This is final: ${plan.join('; ')}.`);

  const done = (step: string) => printDone(stdout, step);
  if (certificates.length === 0) await done(`${name} has no certificate; the next deployment makes none`);
  for (const certificate of certificates) {
    await revokeCertificate(certificate);
    await done(`certificate ${shortId(certificate)} is REVOKED`);
  }
  try {
    await withSpinner(terminal, 'Waiting until its session has ended', cutOff(thingName(name)));
    await done(`${name} is not connected`);
  } finally {
    // The certificate stays REVOKED whatever becomes of the session, so the file has to say so.
    markRevoked(target.site.file, name);
    await done(`${target.site.file} says revoked: true; commit it`);
  }
}

/**
 * All that the device may use: what is attached to its thing, and what is stored of its generations. Whoever may not read
 * these, which have private keys in them, can revoke what is attached all the same: nothing else can connect.
 */
async function certificatesFor({ site, device: { name } }: SiteDevice): Promise<Certificate[]> {
  const attached = (await certificatesOf(thingName(name))) ?? [];
  const stored = storedIdentities(devicePath(site.name, name)).catch((error: unknown): StoredIdentity[] => {
    if (attached.length > 0 && error instanceof Error && error.name === 'AccessDeniedException') return [];
    throw error;
  });
  return withRecorded(attached, await stored);
}

function planFor({ site, device }: SiteDevice, certificates: readonly Certificate[]): string[] {
  const open = certificates.filter(({ status }) => status !== 'REVOKED');
  return [
    ...open.map((certificate) => `revoke certificate ${shortId(certificate)} (${certificate.status})`),
    `end the session of ${device.name}`,
    ...(device.revoked ? [] : [`write "revoked: true" into ${site.file}`]),
  ];
}

/**
 * Ends the session of a client, again where it came back before the revocation had spread: how long that takes, AWS
 * does not say.
 */
async function cutOff(clientId: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    await endConnection(clientId);
    const wasGone = !(await isConnected(clientId));
    await setTimeout(PAUSE_MS);
    if (wasGone && !(await isConnected(clientId))) return;
  }
  throw new CliError(
    `the certificate is REVOKED, but ${clientId} is still connected after ${PATIENCE_MS / 1_000} s; ` +
      `AWS IoT ends the session within minutes, or try again: npx fleet revoke ${clientId}`,
  );
}
