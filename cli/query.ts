import { type Command, InvalidArgumentError, Option } from 'commander';
import { NAME_PATTERN, NAME_RULE } from '../lib/fleet/names.ts';
import { timeSeriesTableName } from './aws/deployment.ts';
import { pagesOfRows, type Row } from './aws/time-series.ts';
import { CliError } from './cli-error.ts';
import { csvLines } from './csv.ts';
import { fleetDevice } from './fleet-device.ts';
import type { CommonOptions } from './common-options.ts';
import { rowJson, rowLine } from './row-text.ts';
import { type Stat, STATS } from './series/summary.ts';
import { windows } from './series/windows.ts';
import { type Output, print, type Terminal } from './terminal.ts';
import { lengthOfTime, pointInTime } from './time.ts';

interface QueryOptions extends CommonOptions {
  readonly since: number;
  readonly until?: number;
  readonly field?: readonly string[];
  readonly limit?: number;
  /** Milliseconds. */
  readonly every?: number;
  readonly stat?: Stat;
  readonly json?: true;
  readonly csv?: true;
  readonly chart?: true;
}

/** So many rows are there at once; a megabyte of them takes a while. */
const FIRST_PAGE = 100;

/** Where nothing else is said; a chart begins with it and makes it longer until all fits. */
const SHORTEST_COLUMN_MS = 1_000;

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
    .option('--every <time>', 'a line a window of time instead of a message: 10m, 1h, 1d', lengthOfTime)
    .addOption(new Option('--stat <name>', 'what to say of a window (default: avg)').choices(STATS))
    .addOption(new Option('--json', 'print a JSON object a line').conflicts(['csv', 'chart']))
    .addOption(new Option('--csv', 'print CSV, a column a field').conflicts('chart'))
    .option('--chart', 'draw the fields that hold numbers, as wide as the terminal')
    .addHelpText(
      'after',
      `
Prints a line a message, the oldest first. "received" is in milliseconds since 1970, by the clock of AWS. Where the whole
payload is kept in "raw", the fields of the JSON object that it holds are columns all the same.
With --every, windows begin at multiples of it since 1970 (UTC), and "received" is when a window begins.

Examples:
  npx fleet query kitchen-sensor --since 24h
  npx fleet query kitchen-sensor --since 7d --field temperature humidity --csv > week.csv
  npx fleet query kitchen-sensor --since 2026-01-31 --until 2026-02-01 --json | jq .temperature
  npx fleet query kitchen-sensor --since 24h --field temperature --every 10m --stat max
  npx fleet query kitchen-sensor --since 7d --field temperature humidity --chart`,
    )
    .action((device: string) => query(device, command.optsWithGlobals<QueryOptions>(), terminal));
}

async function query(device: string, options: QueryOptions, terminal: Terminal): Promise<void> {
  const { since, until, field: fields, limit = Infinity, every, stat, chart } = options;
  if (until !== undefined && until <= since) throw new CliError('--until has to be later than --since');
  if (stat !== undefined && !every && !chart) throw new CliError('--stat says what of? add --every or --chart');

  const span = {
    since,
    ...(until !== undefined && { until }),
    // With fields, messages without one of them are left out, and a page of the limit's size might hold none.
    ...(fields ? { fields } : { pageSize: options.limit }),
    // Of CSV, the first page says what the columns are.
    ...(!options.csv && { firstPage: Math.min(limit, FIRST_PAGE) }),
  };
  const pages = wanted(pagesOfRows(await timeSeriesTableName(), device, span), fields, limit);
  let isEmpty = true;
  for await (const line of linesOf(pages, options, terminal.stdout)) {
    await print(terminal.stdout, line);
    isEmpty = false;
  }
  if (!isEmpty) return;
  fleetDevice(options.fleet, device); // perhaps the name is wrong
  // A program sees that nothing came.
  if (!options.json && !options.csv) await print(terminal.stderr, `nothing: ${whatIsMissing(device, options)}`);
}

function whatIsMissing(device: string, { field: fields, chart }: QueryOptions): string {
  const of = `of ${device}${fields ? ` with ${fields.join(' or ')}` : ''} in this span of time`;
  return chart ? `no number ${of}` : `no message ${of}`;
}

async function* linesOf(
  pages: AsyncIterable<readonly Row[]>,
  { field: fields, every, stat = 'avg', json, csv, chart }: QueryOptions,
  stdout: Output,
): AsyncGenerator<string> {
  if (chart) {
    const drawing = await import('./series/chart.ts');
    yield* await drawing.chart(stdout, pages, { fields, stat, every: every ?? SHORTEST_COLUMN_MS });
    return;
  }
  const rows = every === undefined ? pages : windows(pages, { every, stat, fields });
  if (csv) yield* csvLines(rows, fields);
  else yield* textLines(rows, json ? rowJson : (row) => rowLine(stdout, row));
}

/** Of each page, the rows that have one of the fields, until there are as many as were asked for. */
async function* wanted(
  pages: AsyncIterable<readonly Row[]>,
  fields: readonly string[] | undefined,
  limit: number,
): AsyncGenerator<readonly Row[]> {
  let room = limit;
  for await (const page of pages) {
    const rows = page
      .filter((row) => fields === undefined || fields.some((field) => Object.hasOwn(row, field)))
      .slice(0, room);
    yield rows;
    room -= rows.length;
    if (room <= 0) return;
  }
}

async function* textLines(pages: AsyncIterable<readonly Row[]>, text: (row: Row) => string): AsyncGenerator<string> {
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
