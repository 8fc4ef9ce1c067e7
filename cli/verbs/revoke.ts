import type { Command } from 'commander';
import { shortId } from '../../aws/certificates.ts';
import { cloudName, printCloud } from '../aws/cloud.ts';
import { confirm } from '../terminal/confirm.ts';
import type { CommonOptions } from '../common-options.ts';
import { revocable } from '../fleet/revocable.ts';
import { carryOut, isCarriedOut, type Revocation, revocationOf } from '../fleet/revocation.ts';
import { withSpinner } from '../terminal/spinner.ts';
import { printSentence, printDone, type Terminal } from '../terminal/terminal.ts';
import { untilInterrupted } from '../terminal/until-interrupted.ts';

interface RevokeOptions extends CommonOptions {
  readonly yes?: true;
  readonly dryRun?: true;
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<device>')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'say what would be done, and do nothing')
    .addHelpText(
      'after',
      `
All certificates of the device become REVOKED, which AWS IoT never takes back. Then its session is ended, and "revoked:
true" is written into its fleet file. No deployment brings the device back, and no other device notices. If the device is
revoked already, it says so and changes nothing. A device whose line is gone from the fleet file is revoked as well, as long
as it is deployed.

Examples:
  bin/fleet revoke garage-door --dry-run
  bin/fleet revoke garage-door`,
    )
    .action((device: string) => revoke(device, command.optsWithGlobals<RevokeOptions>(), terminal));
}

async function revoke(name: string, options: RevokeOptions, terminal: Terminal): Promise<void> {
  const { yes, dryRun } = options;
  const asked = async () => {
    const revocation = await revocationOf(await revocable(options, name));
    return { revocation, isDone: await isCarriedOut(revocation) };
  };
  const [{ revocation, isDone }, cloud] = await withSpinner(
    terminal,
    'Asking AWS',
    Promise.all([asked(), cloudName()]),
  );
  const { stdout } = terminal;
  if (isDone) {
    await printCloud(terminal, cloud);
    return printSentence(stdout, alreadyRevoked(revocation));
  }
  if (dryRun || yes) await printCloud(terminal, cloud); // otherwise the question says it
  if (dryRun) {
    for (const step of revocation.plan) await printSentence(stdout, `would ${step}`);
    return;
  }
  if (!yes) await confirm(terminal, cloud, `Revoke ${name}? This is final: ${revocation.plan.join('; ')}.`);
  await untilInterrupted((signal) =>
    carryOut(
      revocation,
      (step) => printDone(stdout, step),
      (work) => withSpinner(terminal, 'Waiting until its session has ended', work),
      signal,
    ),
  );
}

function alreadyRevoked({ target: { device, file }, certificates }: Revocation): string {
  const ids = certificates.map(shortId).join(', ');
  const state =
    certificates.length === 0
      ? 'it has no certificate'
      : certificates.length === 1
        ? `its certificate is REVOKED (${ids})`
        : `its certificates are REVOKED (${ids})`;
  const says = file === undefined ? 'no fleet file has it' : `${file} says so`;
  return `${device.name} is revoked already: ${state}, it is not connected, and ${says}. Nothing was changed.`;
}
