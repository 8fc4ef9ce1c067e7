import type { Command } from 'commander';
import { cloudName, printCloud } from '../aws/cloud.ts';
import { fleetDevice } from '../fleet/fleet-device.ts';
import { confirm } from '../terminal/confirm.ts';
import type { CommonOptions } from '../common-options.ts';
import { carryOut, revocationOf } from '../fleet/revocation.ts';
import { withSpinner } from '../terminal/spinner.ts';
import { printSentence, printDone, type Terminal } from '../terminal/terminal.ts';

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
The certificate becomes REVOKED, which AWS IoT never takes back, and so does that of an unfinished rotation; the
device's session ends; "revoked: true" is written into its fleet file. No deployment brings the
device back, and no other device notices. Repeating it does no harm.

Examples:
  bin/fleet revoke garage-door --dry-run
  bin/fleet revoke garage-door`,
    )
    .action((device: string) => revoke(device, command.optsWithGlobals<RevokeOptions>(), terminal));
}

async function revoke(name: string, options: RevokeOptions, terminal: Terminal): Promise<void> {
  const { yes, dryRun } = options;
  const asked = Promise.all([revocationOf(fleetDevice(options, name)), cloudName()]);
  const [revocation, cloud] = await withSpinner(terminal, 'Asking AWS', asked);
  const { stdout } = terminal;
  if (dryRun || yes) await printCloud(terminal, cloud); // otherwise the question says it
  if (dryRun) {
    for (const step of revocation.plan) await printSentence(stdout, `would ${step}`);
    return;
  }
  if (!yes) await confirm(terminal, cloud, `Revoke ${name}? This is final: ${revocation.plan.join('; ')}.`);
  await carryOut(
    revocation,
    (step) => printDone(stdout, step),
    (work) => withSpinner(terminal, 'Waiting until its session has ended', work),
  );
}
