import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommonOptions } from '../common-options.ts';
import { fleetDevice } from '../fleet/fleet-device.ts';
import { finishRotation, finishRotations } from '../rotate/finish.ts';
import { addGeneration, examine, type NewGeneration } from '../rotate/next-generation.ts';
import { rotateOverTheAir } from '../rotate/over-the-air.ts';
import { beginWave } from '../rotate/wave.ts';
import { givingNewIdentity } from '../secrets/secrets-command.ts';
import { CliError } from '../terminal/cli-error.ts';
import { withSpinner } from '../terminal/spinner.ts';
import { printDone, printSentence, type Terminal } from '../terminal/terminal.ts';
import { lengthOfTime } from '../terminal/time.ts';

interface RotateOptions extends CommonOptions {
  readonly csr?: string;
  readonly localKey?: true;
  readonly finish?: true;
  readonly yes?: true;
  readonly all?: true;
  readonly olderThan?: number;
  readonly atMost?: number;
  readonly dryRun?: true;
  readonly json?: true;
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('[device]')
    .addOption(
      new Option('--csr <file>', 'of a device that keeps its own key: the request for its new one').conflicts([
        'localKey',
        'finish',
        'all',
      ]),
    )
    .addOption(
      new Option('--local-key', 'make the new key on this machine, so that no cloud ever has it').conflicts([
        'finish',
        'all',
      ]),
    )
    .option('--finish', 'take the older generation away')
    .option('--yes', 'with --finish: also when the board has not connected by its newest identity')
    .option('--all', 'a wave of devices, or with --finish all of which that can be done')
    .addOption(new Option('--older-than <time>', 'with --all: whose identity is that old').argParser(lengthOfTime))
    .addOption(new Option('--at-most <number>', 'with --all: devices in the wave').argParser(wholeNumber))
    .option('--dry-run', 'with --all: say what would be done, and write nothing')
    .option('--json', 'with --all: print a JSON array')
    .addHelpText(
      'after',
      `
Adds a generation to the device's fleet file, such as generations: [1, 2]. Once that is deployed, the device has a new
identity beside the one before, so a board is never without one. With --finish, the older generation leaves the fleet file,
and the next deployment deletes its certificate and its key. This is refused until the board's last connection was by the
newest identity.

A device with "key: board" rotates over the air: its generation rises, and once that is deployed, the same command tells its
board, which makes a new key. When it has used that, the cloud deletes the certificate before.

With --all --older-than TIME it does so for every device whose identity is older, the oldest first: as many as their sites have
room for, in a wave. A site begins the next wave when all devices of the one before have finished. At the first device that
cannot rotate it stops, and writes nothing. A device with a csr rotates alone. Exit code of --all --finish: 1 when there are
devices to finish, and none of them can be.

Examples:
  bin/fleet rotate kitchen-sensor
  bin/fleet rotate kitchen-sensor --finish
  bin/fleet rotate vault --csr devices/vault-2.csr
  bin/fleet rotate --all --older-than 1y
  bin/fleet rotate --all --finish`,
    )
    .action((device: string | undefined) => rotate(device, command.optsWithGlobals<RotateOptions>(), terminal));
}

async function rotate(name: string | undefined, options: RotateOptions, terminal: Terminal): Promise<void> {
  const { all, finish, olderThan, atMost, dryRun, json, yes } = options;
  if (all !== true) {
    if (name === undefined) throw usage('name a device, or say --all');
    if ((olderThan ?? atMost ?? dryRun ?? json) !== undefined)
      throw usage('--older-than, --at-most, --dry-run and --json go with --all');
    return rotateOne(name, options, terminal);
  }
  if (name !== undefined) throw usage(`--all is for every device, and ${name} is one`);
  if (finish) {
    if ((olderThan ?? atMost ?? yes) !== undefined)
      throw usage('--all --finish goes without --older-than, --at-most and --yes');
    return finishRotations(options, terminal);
  }
  if (yes) throw usage('--yes goes with --finish');
  if (olderThan === undefined) throw usage('--all needs --older-than TIME, such as 1y, or --finish');
  return beginWave({ ...options, olderThan }, terminal);
}

const usage = (problem: string) => new CliError(`${problem}; see: bin/fleet rotate --help`);

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Allowed: a whole number from 1 on.');
  return Number(text);
}

async function rotateOne(name: string, options: RotateOptions, terminal: Terminal): Promise<void> {
  const target = fleetDevice(options, name);
  const { device, file } = target;
  if (device.revoked) {
    throw new CliError(`${name} is revoked (${file}); for a new identity, take "revoked" away there first`);
  }
  if (device.enrols) return rotateOverTheAir(target, options, terminal);
  if (options.finish) return finishRotation(target, options, terminal);

  const { stdout } = terminal;
  const examined = await withSpinner(terminal, 'Asking AWS', examine(target));
  let generations: readonly NewGeneration[] = device.generations;
  if (examined.isWritten) {
    const numbers = generations.map(({ number }) => number).join(', ');
    const already = `${file} says generations: [${numbers}] already, which is not deployed yet`;
    const [given] = options.localKey ? ['--local-key'] : options.csr === undefined ? [] : ['--csr'];
    if (given !== undefined)
      throw new CliError(`${already}; deploy it first, or give it its csr there, without ${given}`);
    await printDone(stdout, already);
  } else {
    generations = await addGeneration(target, examined, options, terminal);
  }
  await printSentence(stdout, 'Next:');
  await printSentence(stdout, '  commit it, and deploy it: npx cdk deploy --all');
  await printSentence(stdout, `  ${givingNewIdentity(device, generations.at(-1), options)}`);
  if (generations.length > 1)
    await printSentence(stdout, `  take the old identity away: bin/fleet rotate ${name} --finish`);
}
