import type { Command } from 'commander';
import { timeSeries } from '../aws/deployment.ts';
import { rowAtTheEnd } from '../rows/time-series.ts';
import type { CommonOptions } from '../common-options.ts';
import { concurrently } from '../../aws/concurrently.ts';
import { eachDevice, fleetDevice } from '../fleet/fleet-device.ts';
import { fieldsText, rowJson } from '../rows/row-text.ts';
import { timeOf } from '../rows/row-time.ts';
import { colours, lineWidth, print, printWarning, type Terminal, wrapped } from '../terminal/terminal.ts';
import { formatAgo } from '../terminal/time.ts';
import { Unknowns } from '../fleet/unknowns.ts';

interface LatestOptions extends CommonOptions {
  readonly json?: true;
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('[device...]', 'only these')
    .option(
      '--json',
      'print a JSON object a line, with every column of the table; "received" is null where there is none',
    )
    .addHelpText(
      'after',
      `
Prints a line for each device of the fleet files, in their order: how long ago the reading of its newest message was taken
(or the message arrived, if the board did not tell its age), and its fields. What AWS does not allow this user to read is
"unknown" (in JSON "unknown": true).

Examples:
  bin/fleet latest
  bin/fleet latest kitchen-sensor garage-door
  bin/fleet latest --json | jq -r '[.device, .temperature] | @csv'`,
    )
    .action((devices: string[]) => latest(devices, command.optsWithGlobals<LatestOptions>(), terminal));
}

async function latest(only: readonly string[], options: LatestOptions, terminal: Terminal): Promise<void> {
  const { json } = options;
  const { stdout, stderr } = terminal;
  const found = only.length > 0 ? only.map((name) => fleetDevice(options, name)) : eachDevice(options);
  const devices = [...new Set(found.map(({ device }) => device.name))];
  const unknowns = new Unknowns();
  const what = 'what devices sent';
  const series = await unknowns.orUndefined(what, timeSeries(options.names));
  const rows = await concurrently(devices, async (device) => {
    if (series === undefined) return undefined;
    return unknowns.orUndefined(
      what,
      rowAtTheEnd(series, device, 'newest').then((row) => ({ row })),
    );
  });
  for (const line of unknowns.lines) await printWarning(stderr, line);

  const { dim, cyan } = colours(stdout);
  const width = Math.max(0, ...devices.map((device) => device.length));
  for (const [index, device] of devices.entries()) {
    const known = rows[index];
    const row = known?.row;
    if (json) {
      const none = { received: null, device, ...(known === undefined && { unknown: true }) };
      await print(stdout, row === undefined ? JSON.stringify(none) : rowJson(row));
      continue;
    }
    const ago = known === undefined ? 'unknown' : row === undefined ? 'never' : formatAgo(timeOf(row));
    const fields = row === undefined ? '' : `  ${fieldsText(row)}`;
    const line = `${cyan(device.padEnd(width))}  ${dim(ago.padStart(AGO_WIDTH))}${fields}`;
    await print(stdout, wrapped(stdout, line, lineWidth(stdout), width + AGO_WIDTH + 4));
  }
}

const AGO_WIDTH = '119 min ago'.length;
