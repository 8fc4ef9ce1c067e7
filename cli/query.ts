import { type Command, InvalidArgumentError, Option } from 'commander';
import { NAME_PATTERN, NAME_RULE } from '../lib/fleet/names.ts';
import { timeSeriesTableName } from './aws/deployment.ts';
import { pagesOfRows, type Row } from './aws/time-series.ts';
import { CliError } from './cli-error.ts';
import { csvLines } from './csv.ts';
import { fleetDevice } from './fleet-device.ts';
import type { CommonOptions } from './common-options.ts';
import { rowJson, rowLine } from './row-text.ts';
import { print, type Terminal } from './terminal.ts';
import { pointInTime } from './time.ts';

interface QueryOptions extends CommonOptions {
  readonly since: number;
  readonly until?: number;
  readonly field?: readonly string[];
  readonly limit?: number;
  readonly json?: true;
  readonly csv?: true;
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<device>', 'may also be one that is not in the fleet any more', deviceName)
    .addOption(
      new Option('--since <time>', 'from then on: 90s, 15m, 24h, 7d, or such as 2026-01-31T08:00')
        .argParser((text) => pointInTime(text))
        .default(pointInTime('24h'), '24h'),
    )
    .option('--until <time>', 'up to then (default: now)', (text) => pointInTime(text))
    .option('--field <name...>', 'only these fields, and only messages that have one of them')
    .option('--limit <number>', 'at most so many messages, the oldest first', positiveInteger)
    .addOption(new Option('--json', 'print a JSON object a line, with every column of the table').conflicts('csv'))
    .option('--csv', 'print CSV, a column a field')
    .addHelpText(
      'after',
      `
Prints a line a message, the oldest first. "received" is in milliseconds since 1970, by the clock of AWS.

Examples:
  npx fleet query kitchen-sensor --since 24h
  npx fleet query kitchen-sensor --since 7d --field temperature humidity --csv > week.csv
  npx fleet query kitchen-sensor --since 2026-01-31 --until 2026-02-01 --json | jq .temperature`,
    )
    .action((device: string) => query(device, command.optsWithGlobals<QueryOptions>(), terminal));
}

async function query(device: string, options: QueryOptions, terminal: Terminal): Promise<void> {
  const { since, until, field: fields, limit = Infinity, json, csv } = options;
  if (until !== undefined && until <= since) throw new CliError('--until has to be later than --since');

  const span = {
    since,
    ...(until !== undefined && { until }),
    // With fields, messages without one of them are left out, and a page of the limit's size might hold none.
    ...(fields ? { fields } : { pageSize: options.limit }),
  };
  const pages = wanted(pagesOfRows(await timeSeriesTableName(), device, span), fields, limit);
  const { stdout } = terminal;
  let isEmpty = true;
  for await (const line of csv
    ? csvLines(pages, fields)
    : lines(pages, json ? rowJson : (row) => rowLine(stdout, row))) {
    await print(stdout, line);
    isEmpty = false;
  }
  if (isEmpty) fleetDevice(options.fleet, device); // perhaps the name is wrong
}

/** Of each page, the rows that have one of the fields, until there are as many as were asked for. */
async function* wanted(
  pages: AsyncIterable<readonly Row[]>,
  fields: readonly string[] | undefined,
  limit: number,
): AsyncGenerator<readonly Row[]> {
  let room = limit;
  for await (const page of pages) {
    const rows = page.filter((row) => fields === undefined || fields.some((field) => field in row)).slice(0, room);
    yield rows;
    room -= rows.length;
    if (room <= 0) return;
  }
}

async function* lines(pages: AsyncIterable<readonly Row[]>, text: (row: Row) => string): AsyncGenerator<string> {
  for await (const page of pages) for (const row of page) yield text(row);
}

function deviceName(text: string): string {
  if (!NAME_PATTERN.test(text)) throw new InvalidArgumentError(`Allowed: ${NAME_RULE}.`);
  return text;
}

function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Allowed: a whole number from 1.');
  return Number(text);
}
