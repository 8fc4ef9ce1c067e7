import type { Command } from 'commander';
import { timeSeries } from '../aws/deployment.ts';
import { eachDevice, fleetDevice } from '../fleet/fleet-device.ts';
import { follow } from '../rows/follow.ts';
import type { CommonOptions } from '../common-options.ts';
import { rowJson, rowLine } from '../rows/row-text.ts';
import { print, type Terminal } from '../terminal/terminal.ts';
import { pointInTime } from '../terminal/time.ts';
import { untilInterrupted } from '../terminal/until-interrupted.ts';

interface TailOptions extends CommonOptions {
  readonly since?: number;
  readonly json?: true;
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('[device]', 'only this one')
    .option('--since <time>', 'start with what arrived since then, such as 10m', (text) => pointInTime(text))
    .option('--json', 'print a JSON object a line, with every column of the table')
    .addHelpText(
      'after',
      `
Prints a line for each message as it arrives, until Ctrl-C: when its reading was taken, or else when it arrived, its device,
its topic and its fields.

Examples:
  bin/fleet tail
  bin/fleet tail kitchen-sensor --since 10m
  bin/fleet tail --json | jq .temperature`,
    )
    .action((device: string | undefined) => tail(device, command.optsWithGlobals<TailOptions>(), terminal));
}

async function tail(only: string | undefined, options: TailOptions, terminal: Terminal): Promise<void> {
  const { since, json } = options;
  const targets = only === undefined ? eachDevice(options) : [fleetDevice(options, only)];
  const devices = targets.map(({ device }) => device.name);
  const series = await timeSeries(options.names);

  await untilInterrupted(async (signal) => {
    for await (const rows of follow(series, devices, since ?? Date.now(), signal)) {
      for (const row of rows) await print(terminal.stdout, json ? rowJson(row) : rowLine(terminal.stdout, row));
    }
  });
}
