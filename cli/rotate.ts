import type { Command } from 'commander';
import { raiseGeneration } from '../lib/fleet/edit.ts';
import { siteStackName, thingName } from '../lib/fleet/names.ts';
import { findCertificate } from './aws/certificates.ts';
import { thingsOfSite } from './aws/deployment.ts';
import { generationOf, isIssued, readRecords } from './aws/identity-records.ts';
import { CliError, NotDeployedError } from './cli-error.ts';
import type { CommonOptions } from './common-options.ts';
import { finishRotation } from './finish-rotation.ts';
import { fleetDevice, type SiteDevice } from './fleet-device.ts';
import { withSpinner } from './spinner.ts';
import { print, printDone, type Terminal } from './terminal.ts';

interface RotateOptions extends CommonOptions {
  readonly finish?: true;
  readonly yes?: true;
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<device>')
    .option('--finish', 'take the identity before the current one away')
    .option('--yes', 'with --finish: do not ask, and do not wait until the device has been seen')
    .addHelpText(
      'after',
      `
Raises "generation" in the device's fleet file. Once that is deployed, the device has a new identity, and the one before
works on until --finish takes it away, so a board is never without one. A device that keeps its own key gets a new
certificate for that key; for another key, put its new request in the place of the old one.

Examples:
  npx fleet rotate kitchen-sensor
  npx fleet rotate kitchen-sensor --finish`,
    )
    .action((device: string) => rotate(device, command.optsWithGlobals<RotateOptions>(), terminal));
}

async function rotate(name: string, { fleet, finish, yes }: RotateOptions, terminal: Terminal): Promise<void> {
  const target = fleetDevice(fleet, name);
  const { site, device } = target;
  if (device.revoked) {
    throw new CliError(`${name} is revoked (${site.file}); for a new identity, take "revoked: true" away first`);
  }
  if (finish) return finishRotation(target, yes ?? false, terminal);

  const { stdout } = terminal;
  const { isRaised, isUsable } = await withSpinner(terminal, 'Asking AWS', examine(target));
  if (isRaised) {
    await printDone(stdout, `${site.file} says generation: ${device.generation} already, which is not deployed yet`);
  } else {
    await printDone(stdout, `${site.file} says generation: ${raiseGeneration(site.file, name)}`);
  }
  await print(stdout, 'Next:');
  await print(stdout, `  commit it, and deploy it: npx cdk deploy ${siteStackName(site.name)}`);
  await print(
    stdout,
    device.csr === undefined
      ? `  flash the board with its new identity: npx fleet secrets ${name}`
      : '  give the board its new certificate',
  );
  // A certificate that is gone or REVOKED goes with the deployment.
  if (isUsable) await print(stdout, `  take the old identity away: npx fleet rotate ${name} --finish`);
}

interface Examined {
  /** The fleet file asks for a new identity already. */
  readonly isRaised: boolean;
  /** A board may be using the current identity. */
  readonly isUsable: boolean;
}

/** @throws {CliError} when there is nothing to rotate, and when the deployment would refuse to */
async function examine({ site, device: { name, generation } }: SiteDevice): Promise<Examined> {
  const [things, { identity, previous }] = await Promise.all([thingsOfSite(site.name), readRecords(site.name, name)]);
  if (!things.includes(thingName(name))) throw new NotDeployedError(`device "${name}"`);
  if (isIssued(previous) && (await findCertificate(previous.certificateId))?.status === 'ACTIVE') {
    throw new CliError(
      `${name} still has its identity of generation ${generationOf(previous)} beside the current one; ` +
        `once its board uses the current one, run: npx fleet rotate ${name} --finish`,
    );
  }
  if (!isIssued(identity)) return { isRaised: false, isUsable: false };
  const certificate = await findCertificate(identity.certificateId);
  return { isRaised: generation > generationOf(identity), isUsable: certificate?.status === 'ACTIVE' };
}
