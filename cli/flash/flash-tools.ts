import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { z } from 'zod';
import type { Board } from '../../lib/fleet/schema.ts';
import { unlessItThrows } from '../../lib/fleet/unless-it-throws.ts';
import { CliError } from '../terminal/cli-error.ts';

/** A program and its arguments, as they are handed over: no shell comes between. */
export type CommandLine = readonly [file: string, ...args: string[]];

/** What is to be flashed. */
export interface Flashing {
  readonly board: Board;
  /** The folder of the sketch. */
  readonly sketch: string;
  /** Such as `/dev/ttyUSB0`; undefined for the one that the tool finds. */
  readonly port: string | undefined;
}

/** A tool that builds sketches and uploads them. */
export interface FlashTool {
  /** As people call it. */
  readonly name: string;
  readonly file: string;
  /** Whether its monitor types into the serial port what another program writes to it. */
  readonly canType: boolean;
  /** What builds the sketch and uploads it, one after the other. */
  steps(flashing: Flashing): CommandLine[];
  /** What follows the serial log. */
  monitor(flashing: Flashing): CommandLine;
  /** The port of the only board; undefined where the tool finds it by itself. @throws {CliError} when there is none, or several */
  port(): Promise<string | undefined>;
}

/** Of the sketches. */
const BAUD = '115200';

/** The boards of the fleet file, as arduino-cli calls them (fully qualified board names); firmware/README.md has them, too. */
export const FQBN: Readonly<Record<Board, string>> = {
  esp8266: 'esp8266:esp8266:d1_mini',
  esp32: 'esp32:esp32:esp32',
  'esp32-c3': 'esp32:esp32:esp32c3:CDCOnBoot=cdc',
  'esp32-s3': 'esp32:esp32:esp32s3:CDCOnBoot=cdc',
  'esp32-c6': 'esp32:esp32:esp32c6:CDCOnBoot=cdc',
};

/** What `arduino-cli board list --json` answers, as far as it matters (arduino-cli 1.x). */
const boardList = z.object({
  detected_ports: z
    .array(z.object({ port: z.object({ address: z.string(), protocol: z.string() }) }))
    .nullish()
    .transform((ports) => ports ?? []),
});

class ArduinoCli implements FlashTool {
  readonly name = 'arduino-cli';
  readonly canType = true; // until its input ends: then it ends as well
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  steps({ board, sketch, port = 'PORT' }: Flashing): CommandLine[] {
    const fqbn = ['--fqbn', FQBN[board]];
    return [
      [this.file, 'compile', '--libraries', join('firmware', 'libraries'), ...fqbn, sketch],
      [this.file, 'upload', ...fqbn, '--port', port, sketch],
    ];
  }

  monitor({ port = 'PORT' }: Flashing): CommandLine {
    return [this.file, 'monitor', '--port', port, '--config', `baudrate=${BAUD}`, '--quiet'];
  }

  async port(): Promise<string> {
    const text = await outputOf([this.file, 'board', 'list', '--json']);
    const answer = boardList.safeParse(unlessItThrows(() => JSON.parse(text) as unknown));
    const ports = (answer.data?.detected_ports ?? [])
      .filter(({ port: { protocol } }) => protocol === 'serial')
      .map(({ port: { address } }) => address);
    const [only, another] = ports;
    if (only === undefined) throw new CliError('arduino-cli sees no board; plug it in, or name its port: --port PORT');
    if (another !== undefined)
      throw new CliError(`there are several ports; choose one: --port ${ports.join(', --port ')}`);
    return only;
  }
}

class PlatformIo implements FlashTool {
  readonly name = 'PlatformIO';
  readonly canType = false; // "pio device monitor" wants a terminal (platformio-core, issue 5113)
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  /** The environments of platformio.ini bear the names of the boards. */
  steps({ board, sketch, port }: Flashing): CommandLine[] {
    const chosen = port === undefined ? [] : ['--upload-port', port];
    return [[this.file, 'run', '--project-dir', sketch, '--environment', board, '--target', 'upload', ...chosen]];
  }

  monitor({ board, sketch, port }: Flashing): CommandLine {
    const chosen = port === undefined ? [] : ['--port', port];
    return [this.file, 'device', 'monitor', '--project-dir', sketch, '--environment', board, '--baud', BAUD, ...chosen];
  }

  port(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

/** The tools by the names of their programs, the first that is installed first. */
const TOOLS: Readonly<Record<string, new (file: string) => FlashTool>> = { 'arduino-cli': ArduinoCli, pio: PlatformIo };

export const TOOL_NAMES = Object.keys(TOOLS);

/**
 * The tool that is installed.
 *
 * @param name one of {@link TOOL_NAMES}; undefined for the first that there is
 * @param mayBeMissing whether it is only to be shown
 * @throws {CliError} when there is none, with the two ways to get one
 */
export function flashTool(name: string | undefined, mayBeMissing = false): FlashTool {
  for (const each of name === undefined ? TOOL_NAMES : [name]) {
    const [file, Tool] = [installed(each), TOOLS[each]];
    if (file !== undefined && Tool !== undefined) return new Tool(file);
  }
  if (mayBeMissing) return name === 'pio' ? new PlatformIo('pio') : new ArduinoCli('arduino-cli');
  throw new CliError(
    `${name ?? 'neither arduino-cli nor pio'} is ${name === undefined ? '' : 'not '}installed; either get arduino-cli and a core ` +
      '(https://arduino.github.io/arduino-cli/latest/installation/), or PlatformIO, which gets the rest by itself ' +
      '(https://docs.platformio.org/en/latest/core/installation/)',
  );
}

/** The path of a program; PlatformIO's extension of editors installs it where no PATH leads. */
function installed(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const penv = join(homedir(), '.platformio', 'penv', process.platform === 'win32' ? 'Scripts' : 'bin');
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  return [...folders, penv].map((folder) => join(folder, file)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What a program writes. @throws {CliError} when it fails, with what it says */
async function outputOf([file, ...args]: CommandLine): Promise<string> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code === 0) return stdout;
  throw new CliError(`${shown([file, ...args])} has failed: ${stderr.trim().split('\n').at(-1) ?? ''}`);
}

/** A command as one would type it into a shell. */
export function shown(command: CommandLine): string {
  return command.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
