import { type Command, Option } from 'commander';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
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
import { fleetDevice } from '../fleet/fleet-device.ts';
import { Follower } from '../rows/follow.ts';
import { writePrivateFiles } from '../secrets/private-file.ts';
import { rowLine } from '../rows/row-text.ts';
import { secrets } from './secrets.ts';
import { hasWifi, withWifi } from '../secrets/secrets-header.ts';
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
    .option('--force', 'replace a secrets.h that is of another device, as for fleet secrets')
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

Examples:
  bin/fleet flash kitchen-sensor
  bin/fleet flash garage-door --port /dev/ttyUSB0 --sketch firmware/esp32-door
  bin/fleet flash kitchen-sensor --dry-run`,
    )
    .action((device: string) => flash(device, command.optsWithGlobals<FlashOptions>(), terminal));
}

async function flash(name: string, options: FlashOptions, terminal: Terminal): Promise<void> {
  const { device } = fleetDevice(options, name);
  const { sketch = join('firmware', `${chipFamily(device.board)}-telemetry`), names, dryRun } = options;
  const tool = flashTool(options.with);
  const planned: Flashing = { board: device.board, sketch, port: options.port };
  if (dryRun) {
    for (const step of [...tool.steps(planned), tool.monitor(planned)]) await print(terminal.stdout, shown(step));
    return;
  }

  const header = join(sketch, 'secrets.h');
  await secrets(name, { ...options, out: header }, terminal);
  const text = readFileSync(header, 'utf8');
  const wifi = hasWifi(text) ? undefined : await askWifi(terminal);
  if (wifi !== undefined) writePrivateFiles(new Map([[header, withWifi(text, wifi)]]));
  else if (!hasWifi(text)) {
    throw new CliError(
      `the board would find no network; fill in WIFI_SSID and WIFI_PASSWORD in ${header}, and run this again`,
    );
  }
  const flashing = { ...planned, port: planned.port ?? (await tool.port()) };
  const series = await timeSeries(names);
  const newest = await rowAtTheEnd(series, name, 'newest');
  await untilInterrupted(async (signal) => {
    for (const step of tool.steps(flashing)) await run(step, tool, signal, terminal);
    // By the clock of the cloud, from behind the newest row of before.
    const rows = new Follower(series, name, newest === undefined ? 0 : Number(newest.received?.N) + 1);
    await untilItsFirstRow({ name, rows, tool, flashing, wait: options.wait }, signal, terminal);
  });
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
}

/** @throws {CliError} when none comes, with what to look at */
async function untilItsFirstRow(
  { name, rows, tool, flashing, wait }: Awaited,
  interrupted: AbortSignal,
  terminal: Terminal,
): Promise<void> {
  const { stdout, stderr } = terminal;
  const command = tool.monitor(flashing);
  await print(stdout, colours(stdout).dim(`$ ${printable(shown(command))}`));
  // Some monitors want the terminal itself, for the keys that end them.
  const child = started(command, terminal.stdin.isTTY === true ? 'inherit' : 'pipe');
  const over = new AbortController();
  const log = [show(child.stdout, stdout), show(child.stderr, stderr)];
  const monitoring = ended(child).then(async (code) => {
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
  if (first !== undefined) return print(stdout, rowLine(stdout, first));
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
async function show(from: Readable, to: Output): Promise<void> {
  for await (const line of createInterface({ input: from, crlfDelay: Infinity }))
    await print(to, printable(line.replaceAll('\t', '    ')));
}
