import type { Command } from 'commander';
import { timeSeries } from './aws/deployment.ts';
import { rowAtTheEnd } from './aws/time-series.ts';
import type { CommonOptions } from './common-options.ts';
import { concurrently } from './concurrently.ts';
import { fleetDevice, fleetDevices } from './fleet-device.ts';
import { fieldsText, rowJson } from './row-text.ts';
import { timeOf } from './row-time.ts';
import { colours, print, type Terminal } from './terminal.ts';
import { formatAgo } from './time.ts';

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
Prints a line a device of the fleet files, in their order: how long ago the reading of its newest message was taken,
or that message arrived where the board did not tell its age, and its fields.

Examples:
  npx fleet latest
  npx fleet latest kitchen-sensor garage-door
  npx fleet latest --json | jq -r '[.device, .temperature] | @csv'`,
    )
    .action((devices: string[]) => latest(devices, command.optsWithGlobals<LatestOptions>(), terminal));
}

async function latest(only: readonly string[], options: LatestOptions, { stdout }: Terminal): Promise<void> {
  const { json } = options;
  const found = only.length > 0 ? only.map((name) => fleetDevice(options, name)) : fleetDevices(options);
  const devices = [...new Set(found.map(({ device }) => device.name))];
  const series = await timeSeries(options.names);
  const rows = await concurrently(devices, (device) => rowAtTheEnd(series, device, 'newest'));

  const { dim, cyan } = colours(stdout);
  const width = Math.max(0, ...devices.map((device) => device.length));
  for (const [index, device] of devices.entries()) {
    const row = rows[index];
    if (json) {
      await print(stdout, row === undefined ? JSON.stringify({ received: null, device }) : rowJson(row));
      continue;
    }
    const ago = row === undefined ? 'never' : formatAgo(timeOf(row));
    const fields = row === undefined ? '' : `  ${fieldsText(row)}`;
    await print(stdout, `${cyan(device.padEnd(width))}  ${dim(ago.padStart(AGO_WIDTH))}${fields}`);
  }
}

const AGO_WIDTH = '119 min ago'.length;
