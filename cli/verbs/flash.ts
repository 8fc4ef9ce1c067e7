import { type Command, Option } from 'commander';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { chipFamily } from '../../lib/fleet/schema.ts';
import { timeSeries } from '../aws/deployment.ts';
import { type Row, rowAtTheEnd } from '../rows/time-series.ts';
import { CliError } from '../terminal/cli-error.ts';
import type { CommonOptions } from '../common-options.ts';
import { askWifi } from '../secrets/ask-wifi.ts';
import { type CommandLine, type Flashing, type FlashTool, flashTool, shown, TOOL_NAMES } from '../flash/flash-tools.ts';
import { EnrolDialogue } from '../flash/enrol-dialogue.ts';
import { refuseUnfit } from '../flash/sketch.ts';
import { type Enrollable, enrollable } from '../enrol/line.ts';
import { fleetDevice, type SiteDevice } from '../fleet/fleet-device.ts';
import { Follower } from '../rows/follow.ts';
import { warnOfLocalBroker } from '../secrets/local-broker.ts';
import { writePrivateFiles } from '../secrets/private-file.ts';
import { rowLine } from '../rows/row-text.ts';
import { HEADER, writeHeader } from './enrol.ts';
import { refuseRevoked, secrets } from './secrets.ts';
import { hasWifi, withWifi } from '../secrets/secrets-header.ts';
import { withSpinner } from '../terminal/spinner.ts';
import { colours, type Output, print, printable, type Terminal } from '../terminal/terminal.ts';
import { formatLength, lengthOfTime } from '../terminal/time.ts';
import { untilInterrupted } from '../terminal/until-interrupted.ts';

interface FlashOptions extends CommonOptions {
  readonly port?: string;
  readonly sketch?: string;
  readonly with?: string;
  readonly key?: string;
  readonly force?: true;
  /** Milliseconds. */
  readonly wait: number;
  readonly dryRun?: true;
}

/** The sketch for boards that make their keys, of either chip. */
const ENROLLED = 'firmware/libraries/FleetIdentity/examples/Enrolled';

const POLL_MS = 1_000;

/** How long a monitor may take to let go of the port. */
const GOODBYE_MS = 2_000;

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<device>')
    .option('--port <port>', 'where the board is plugged in, such as /dev/ttyUSB0 or COM3 (default: the only one)')
    .option('--sketch <dir>', 'the folder of the sketch (default: that which publishes a temperature)')
    .addOption(
      new Option('--with <tool>', 'the tool to use (default: the first that is installed)').choices(TOOL_NAMES),
    )
    .option('--key <file>', 'the private key of a device that made its own, as for fleet secrets')
    .option('--force', 'replace a secrets.h of another device, or a claim.h of another fleet')
    .addOption(
      new Option('--wait <time>', 'for the first row').argParser(lengthOfTime).default(lengthOfTime('2m'), '2m'),
    )
    .option('--dry-run', 'print the commands, and do nothing')
    .addHelpText(
      'after',
      `
Writes the identity into the sketch, asks for the Wi-Fi where secrets.h has none yet, builds the sketch for the board of the
fleet file, uploads it, and shows the serial log until the first row of the board has arrived, which it prints. It needs arduino-cli with the core
of the chip, or PlatformIO.

For a device whose board makes its key it builds the sketch Enrolled, which holds no identity. When the board asks for its line, it
types the Wi-Fi and the line of fleet enrol into the serial port. This needs arduino-cli. A board that has an identity already
does not ask, and keeps it.

Examples:
  bin/fleet flash kitchen-sensor
  bin/fleet flash garage-door --port /dev/ttyUSB0 --sketch firmware/esp32-door
  bin/fleet flash kitchen-sensor --dry-run`,
    )
    .action((device: string) => flash(device, command.optsWithGlobals<FlashOptions>(), terminal));
}

async function flash(name: string, options: FlashOptions, terminal: Terminal): Promise<void> {
  const target = fleetDevice(options, name);
  const { board, enrols } = target.device;
  const { sketch = enrols ? ENROLLED : join('firmware', `${chipFamily(board)}-telemetry`), names, dryRun } = options;
  refuseRevoked(target);
  if (enrols && options.key !== undefined) {
    throw new CliError(`the board of ${name} makes its key itself: without --key`);
  }
  refuseUnfit(sketch, board);
  const tool = flashTool(options.with, dryRun);
  if (enrols && !tool.canType) {
    throw new CliError(
      `${tool.name} cannot type the line of ${name} on the serial port; install arduino-cli, or flash ${ENROLLED} and type the ` +
        `line yourself: bin/fleet enrol ${name}`,
    );
  }
  const planned: Flashing = { board, sketch, port: options.port };
  if (dryRun) {
    for (const step of [...tool.steps(planned), tool.monitor(planned)]) await print(terminal.stdout, shown(step));
    return;
  }

  const header = join(sketch, 'secrets.h');
  const enrolled = enrols ? await withClaim(target, options, terminal) : undefined;
  if (!enrols) await secrets(name, { ...options, out: header }, terminal, true);
  const flashing = { ...planned, port: await portOf(tool, options.port) }; // before a person is asked for anything
  const enrolling = enrolled && new EnrolDialogue(target, await askWifi(terminal), enrolled.newLine);
  if (!enrols) await fillInWifi(header, terminal);
  const series = await timeSeries(names);
  const newest = await rowAtTheEnd(series, name, 'newest');
  await untilInterrupted(async (signal) => {
    for (const step of tool.steps(flashing)) await run(step, tool, signal, terminal);
    // By the clock of the cloud, from behind the newest row of before.
    const rows = new Follower(series, name, newest === undefined ? 0 : Number(newest.received?.N) + 1);
    await untilItsFirstRow({ name, rows, tool, flashing, wait: options.wait, enrolling }, signal, terminal);
  });
}

/** @throws {CliError} when there is none */
async function portOf(tool: FlashTool, chosen: string | undefined): Promise<string | undefined> {
  if (chosen === undefined) return tool.port();
  if (!chosen.startsWith('/') || existsSync(chosen)) return chosen; // COM3 is no file
  throw new CliError(`there is no port ${chosen}; plug the board in, or name another one: --port PORT`);
}

/** Asks for the Wi-Fi that a header lacks. @throws {CliError} when there is nobody to ask */
async function fillInWifi(header: string, terminal: Terminal): Promise<void> {
  const text = readFileSync(header, 'utf8');
  if (hasWifi(text)) return;
  const wifi = await askWifi(terminal);
  if (wifi === undefined) {
    throw new CliError(
      `the board would find no network; fill in WIFI_SSID and WIFI_PASSWORD in ${header}, and run this again`,
    );
  }
  writePrivateFiles(new Map([[header, withWifi(text, wifi)]]));
}

/** Writes what the firmware of all boards has. @throws {CliError} when no board can enrol as the device */
async function withClaim(target: SiteDevice, options: FlashOptions, terminal: Terminal): Promise<Enrollable> {
  const enrolled = await withSpinner(terminal, 'Asking AWS', enrollable(target));
  await writeHeader(HEADER, options, terminal);
  await warnOfLocalBroker(enrolled.host, terminal);
  return enrolled;
}

/** @throws {CliError} when it fails */
async function run(command: CommandLine, tool: FlashTool, signal: AbortSignal, terminal: Terminal): Promise<void> {
  const { stdout } = terminal;
  await print(stdout, colours(stdout).dim(`$ ${printable(shown(command))}`));
  const child = started(command, 'ignore');
  const stop = () => child.kill();
  signal.addEventListener('abort', stop, { once: true });
  const [code] = await Promise.all([ended(child), show(child.stdout, stdout), show(child.stderr, terminal.stderr)]);
  signal.removeEventListener('abort', stop);
  if (signal.aborted) throw new CliError('interrupted; the board has what was uploaded last');
  if (code !== 0) throw new CliError(`${tool.name} has failed (exit code ${code}); what it says stands above`);
}

interface Awaited {
  readonly name: string;
  readonly rows: Follower;
  readonly tool: FlashTool;
  readonly flashing: Flashing;
  readonly wait: number;
  /** Undefined where its firmware has its identity. */
  readonly enrolling: EnrolDialogue | undefined;
}

/** @throws {CliError} when none comes, with what to look at */
async function untilItsFirstRow(
  { name, rows, tool, flashing, wait, enrolling }: Awaited,
  interrupted: AbortSignal,
  terminal: Terminal,
): Promise<void> {
  const { stdout, stderr } = terminal;
  const command = tool.monitor(flashing);
  await print(stdout, colours(stdout).dim(`$ ${printable(shown(command))}`));
  // Some monitors want the terminal itself, for the keys that end them.
  const child = started(command, enrolling === undefined && terminal.stdin.isTTY === true ? 'inherit' : 'pipe');
  const over = new AbortController();
  let problem: Error | undefined;
  const fail = (error: Error) => {
    problem ??= error;
    over.abort();
  };
  child.stdin?.on('error', () => undefined); // its end says it
  const hear = async (line: string) => {
    const answer = await enrolling?.answerTo(line).catch(fail);
    if (typeof answer === 'string') child.stdin?.write(`${answer}\n`);
  };
  const log = [show(child.stdout, stdout, enrolling, hear), show(child.stderr, stderr)];
  const monitoring = ended(child).then(async (code) => {
    if (over.signal.aborted) return;
    if (enrolling?.isOpen === true && !interrupted.aborted)
      return fail(
        new CliError(
          `the serial port was closed (exit code ${code}) before the board had its line; see: bin/fleet enrol ${name}`,
        ),
      );
    if (code === 0) return over.abort(); // somebody ended it
    if (!over.signal.aborted && !interrupted.aborted)
      await print(
        stderr,
        colours(stderr).yellow(`! the serial log ended (exit code ${code}); still waiting for the row`),
      );
  });
  const signal = AbortSignal.any([over.signal, interrupted, AbortSignal.timeout(wait)]);
  let first: Row | undefined;
  try {
    while (first === undefined && !signal.aborted) {
      first = (await rows.newRows()).find(isOfAStart);
      if (first === undefined) await setTimeout(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    over.abort();
    child.kill('SIGINT'); // by which it leaves the terminal as it was
    await Promise.race([monitoring, setTimeout(GOODBYE_MS)]);
    child.kill('SIGKILL');
    await Promise.all([monitoring, ...log]);
  }
  if (problem !== undefined) throw problem;
  if (first !== undefined) return print(stdout, rowLine(stdout, first));
  if (enrolling?.hasAsked === false && timedOut(signal)) {
    throw new CliError(
      `within ${formatLength(wait)} the board did not ask for its line, and no row of ${name} came; a board that has an identity ` +
        `keeps it; to make it ${name}, type the line of: bin/fleet enrol ${name}`,
    );
  }
  const why = interrupted.aborted || !timedOut(signal) ? 'stopped' : `no row within ${formatLength(wait)}`;
  throw new CliError(
    `${why}: what the board says stands above, and firmware/README.md explains it; see: bin/fleet tail ${name}`,
  );
}

/** The sketches send a message when they start, so that none of an older life is taken for it; where topics are kept. */
function isOfAStart({ full_topic: topic }: Row): boolean {
  return topic?.S === undefined || topic.S.endsWith('/start');
}

function timedOut({ reason }: AbortSignal): boolean {
  return (reason as Error | undefined)?.name === 'TimeoutError';
}

function started([file, ...args]: CommandLine, stdin: 'ignore' | 'inherit' | 'pipe') {
  return spawn(file, args, { stdio: [stdin, 'pipe', 'pipe'] }) as ChildProcess & {
    readonly stdout: Readable;
    readonly stderr: Readable;
  };
}

async function ended(child: ChildProcess): Promise<number> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

/** What a tool or a board writes, line by line, so that none steers the terminal. */
async function show(
  from: Readable,
  to: Output,
  enrolling?: EnrolDialogue,
  hear: (line: string) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for await (const line of createInterface({ input: from, crlfDelay: Infinity })) {
    await print(to, printable((enrolling?.shown(line) ?? line).replaceAll('\t', '    ')));
    await hear(line);
  }
}
