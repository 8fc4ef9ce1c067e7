import type { Command } from 'commander';
import { timeSeries } from '../aws/deployment.ts';
import { eachDevice, fleetDevice } from '../fleet/fleet-device.ts';
import { follow } from '../rows/follow.ts';
import type { CommonOptions } from '../common-options.ts';
import { rowJson, rowLine } from '../rows/row-text.ts';
import { print, printSentence, printWarning, type Terminal } from '../terminal/terminal.ts';
import { pointInTime } from '../terminal/time.ts';
import { untilInterrupted } from '../terminal/until-interrupted.ts';

interface TailOptions extends CommonOptions {
  readonly since?: number;
  readonly json?: true;
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('[device...]', 'only these')
    .option('--since <time>', 'start with what arrived since then, such as 10m', (text) => pointInTime(text))
    .option('--json', 'print a JSON object a line, with every column of the table')
    .addHelpText(
      'after',
      `
Prints a line for each message as it arrives, until Ctrl-C: when its reading was taken, or else when it arrived, its device,
its topic and its fields.

Examples:
  bin/fleet tail
  bin/fleet tail kitchen-sensor garage-door --since 10m
  bin/fleet tail --json | jq .temperature`,
    )
    .action((devices: string[]) => tail(devices, command.optsWithGlobals<TailOptions>(), terminal));
}

async function tail(only: readonly string[], options: TailOptions, terminal: Terminal): Promise<void> {
  const { since, json } = options;
  const { stdout, stderr } = terminal;
  const targets = only.length > 0 ? only.map((name) => fleetDevice(options, name)) : eachDevice(options);
  const devices = [...new Set(targets.map(({ device }) => device.name))];
  const series = await timeSeries(options.names);
  await untilInterrupted(async (signal) => {
    if (stderr.isTTY) {
      for (const { device, file } of only.length > 0 ? targets : [])
        if (device.revoked)
          await printWarning(stderr, `${device.name} is revoked (${file}), so no message of it can come`);
      await printSentence(stderr, 'Waiting for messages; Ctrl-C ends it.');
    }
    for await (const rows of follow(series, devices, since ?? Date.now(), signal)) {
      for (const row of rows) await print(stdout, json ? rowJson(row) : rowLine(stdout, row));
    }
  });
}
