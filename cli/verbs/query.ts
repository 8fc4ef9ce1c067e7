import { type Command, InvalidArgumentError, Option } from 'commander';
import { NAME_PATTERN, NAME_RULE } from '../../lib/fleet/names.ts';
import { timeSeries, type TimeSeries } from '../aws/deployment.ts';
import { pagesOfRows, type Row } from '../rows/time-series.ts';
import { CliError } from '../terminal/cli-error.ts';
import { csvLines } from '../rows/csv.ts';
import { columnsOf, withFields } from '../rows/field-path.ts';
import { fleetDevice } from '../fleet/fleet-device.ts';
import type { CommonOptions } from '../common-options.ts';
import { mergedRows, peeked } from '../rows/merged-rows.ts';
import { fieldsOf, rowJson, rowLine } from '../rows/row-text.ts';
import { timeOf } from '../rows/row-time.ts';
import { isWithin, lateRows, MOST_HELD, rowsByTime } from '../rows/rows-by-time.ts';
import { numbersIn } from '../series/numbers.ts';
import { type Stat, STATS } from '../series/summary.ts';
import { windows } from '../series/windows.ts';
import { type Output, print, printSentence, type Terminal, wrapped } from '../terminal/terminal.ts';
import { lengthOfTime, pointInTime } from '../terminal/time.ts';

interface QueryOptions extends CommonOptions {
  readonly since: number;
  readonly until?: number;
  readonly field?: readonly string[];
  readonly last?: number;
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
    .argument('<device...>', 'may also be such as are not in the fleet any more', deviceNames)
    .addOption(
      new Option('--since <time>', 'from then on: 90s, 15m, 24h, 7d, 2026-01-31, or such as 2026-01-31T08:00')
        .argParser((text) => pointInTime(text))
        .default(pointInTime('24h'), '24h, or with --last any time'),
    )
    .option('--until <time>', 'up to then (default: now)', (text) => pointInTime(text))
    .option(
      '--field <name...>',
      'only these fields, and only messages that have one of them; wind.speed is the field speed inside of wind',
      fieldNames,
    )
    .addOption(
      new Option('--last <number>', 'only the newest so many messages').argParser(positiveInteger).conflicts('limit'),
    )
    .option('--limit <number>', 'at most so many messages, the oldest first', positiveInteger)
    .option('--every <time>', 'a line a window of time instead of a message: 10m, 1h, 1d', lengthOfTime)
    .addOption(new Option('--stat <name>', 'what to say of a window (default: avg)').choices(STATS))
    .addOption(new Option('--json', 'print a JSON object a line').conflicts(['csv', 'chart']))
    .addOption(new Option('--csv', 'print CSV, a column a field').conflicts('chart'))
    .option('--chart', 'draw the fields that hold numbers, a panel each, as wide as the terminal')
    .addHelpText(
      'after',
      `
Prints a line for each message, the oldest first. Its time is "measured", when the reading was taken, if the board told the
age of the reading; otherwise it is "received", when AWS got the message. Both are milliseconds since 1970 by the clock of
AWS. A reading that came up to a week late is listed at the time when it was taken. If the column "raw" holds the whole
payload, the fields of its JSON object are columns all the same.

Dates and times are local, unless they name a zone as 2026-01-31T08:00Z does.

With --every, "received" is when a window of these times begins. Windows of days are local days, those of weeks begin on
Mondays, and shorter ones begin with the local day where a day has a whole number of them, else at multiples since 1970.

CSV also has the local time in a form that spreadsheets read, and a ' in front of text that they would take for a formula.

Examples:
  bin/fleet query kitchen-sensor --since 24h
  bin/fleet query kitchen-sensor --last 5
  bin/fleet query kitchen-sensor garage-door --since 7d --csv > week.csv
  bin/fleet query kitchen-sensor --since 2026-01-31 --json | jq .temperature
  bin/fleet query kitchen-sensor --since 24h --field temperature --every 10m
  bin/fleet query kitchen-sensor --since 7d --field temperature humidity --chart`,
    )
    .action((devices: string[]) => {
      const options = command.optsWithGlobals<QueryOptions>();
      const anyTime = options.last !== undefined && command.getOptionValueSource('since') === 'default';
      return query(devices, anyTime ? { ...options, since: 0 } : options, terminal);
    });
}

async function query(devices: readonly string[], options: QueryOptions, terminal: Terminal): Promise<void> {
  const { since, until, field: fields, every, stat, chart } = options;
  if (until !== undefined && until <= since) throw new CliError('--until has to be later than --since');
  if (stat !== undefined && !every && !chart) throw new CliError('--stat says what of? add --every or --chart');

  const series = await timeSeries(options.names);
  const { pages, columns } = await (options.last === undefined
    ? oldestFirst(series, devices, options)
    : newest(series, devices, options, options.last));
  let isEmpty = true;
  for await (const line of linesOf(
    pages,
    { ...options, columns, severalDevices: devices.length > 1 },
    terminal.stdout,
  )) {
    await print(terminal.stdout, line);
    isEmpty = false;
  }
  if (!isEmpty) return;
  for (const device of devices) fleetDevice(options, device); // perhaps the name is wrong
  const joined = fields?.find((field) => field.includes(','));
  if (joined !== undefined) {
    const apart = joined.split(',').filter(Boolean).join(' ');
    await printSentence(
      terminal.stderr,
      `nothing has a field ${JSON.stringify(joined)}; for several: --field ${apart}`,
    );
    return;
  }
  // A program sees that nothing came.
  if (options.json || options.csv) return;
  const span = since === 0 && until === undefined ? '' : ' in this span of time';
  const of = `of ${devices.join(' or ')}${fields ? ` with ${fields.join(' or ')}` : ''}${span}`;
  await print(terminal.stderr, wrapped(terminal.stderr, `nothing: no ${chart ? 'number' : 'message'} ${of}`));
}

interface Found {
  readonly pages: AsyncIterable<readonly Row[]>;
  /** Of CSV, where they are known. */
  readonly columns?: readonly string[] | undefined;
}

async function oldestFirst(series: TimeSeries, devices: readonly string[], options: QueryOptions): Promise<Found> {
  const { field: fields, limit = Infinity, every, csv } = options;
  const span = {
    ...spanOf(options),
    // With fields, messages without one of them are left out, and a page of the limit's size might hold none.
    ...(fields === undefined && options.limit !== undefined && { pageSize: options.limit + MOST_HELD }),
    // Of CSV, the first page says what the columns are.
    ...(!csv && { firstPage: Math.min(limit, FIRST_PAGE) + MOST_HELD }),
  };
  const sources = devices.map((device) => wanted(rowsByTime(series, device, span), fields));
  const [only] = sources;
  if (only !== undefined && sources.length === 1) return { pages: limited(only, limit), columns: fields };
  if (!csv || fields !== undefined) return { pages: limited(mergedRows(sources), limit), columns: fields };
  // The first page of all devices: that of one says nothing of the others.
  const ahead = await Promise.all(sources.map(peeked));
  const names = ahead.flatMap(({ first }) =>
    first.flatMap((row) => (every === undefined ? fieldsOf(row) : numbersIn(row, undefined).map(([name]) => name))),
  );
  return { pages: limited(mergedRows(ahead.map(({ pages }) => pages)), limit), columns: [...new Set(names)].sort() };
}

/** The last so many messages of all devices together, the oldest of them first. */
async function newest(
  series: TimeSeries,
  devices: readonly string[],
  options: QueryOptions,
  count: number,
): Promise<Found> {
  const { field: fields } = options;
  const span = spanOf(options);
  const rows: Row[] = [];
  for (const device of devices) {
    const backwards = { ...span, newestFirst: true, ...(fields === undefined && { pageSize: count }) };
    const pages = limited(wanted(within(pagesOfRows(series, device, backwards), span), fields), count);
    for await (const page of pages) rows.push(...page);
    // By their time, they may be later than any of those.
    for await (const page of wanted(onePage(await lateRows(series, device, span)), fields))
      rows.unshift(...page.toReversed());
  }
  const inOrder = rows.reverse().sort((a, b) => timeOf(a) - timeOf(b));
  return { pages: onePage(inOrder.slice(-count)), columns: fields };
}

async function* within(
  pages: AsyncIterable<readonly Row[]>,
  span: { readonly since: number; readonly until?: number },
): AsyncGenerator<readonly Row[]> {
  for await (const page of pages) yield page.filter((row) => isWithin(row, span));
}

async function* onePage(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  yield rows;
}

function spanOf({ since, until, field: fields }: QueryOptions) {
  return {
    since,
    ...(until !== undefined && { until }),
    ...(fields && { fields: [...new Set(fields.flatMap(columnsOf))] }),
  };
}

async function* linesOf(
  pages: AsyncIterable<readonly Row[]>,
  options: QueryOptions & Pick<Found, 'columns'> & { readonly severalDevices: boolean },
  stdout: Output,
): AsyncGenerator<string> {
  const { field: fields, every, stat = 'avg', json, csv, chart, columns, severalDevices } = options;
  if (chart) {
    const drawing = await import('../series/chart.ts');
    const { since, until = Date.now() } = options;
    const asked = { fields, stat, every: every ?? SHORTEST_COLUMN_MS, severalDevices, since, until };
    yield* await drawing.chart(stdout, pages, asked);
    return;
  }
  const rows = every === undefined ? pages : windows(pages, { every, stat, fields });
  if (csv) yield* csvLines(rows, columns);
  else yield* textLines(rows, (row) => (json ? rowJson(row, fields) : rowLine(stdout, row, fields)));
}

/** Of each page, the rows that have one of the fields, and no others of theirs. */
async function* wanted(
  pages: AsyncIterable<readonly Row[]>,
  fields: readonly string[] | undefined,
): AsyncGenerator<readonly Row[]> {
  for await (const page of pages) {
    yield fields === undefined
      ? page
      : page.map((row) => withFields(row, fields)).filter((row) => fields.some((field) => Object.hasOwn(row, field)));
  }
}

async function* limited(pages: AsyncIterable<readonly Row[]>, limit: number): AsyncGenerator<readonly Row[]> {
  let room = limit;
  for await (const page of pages) {
    yield page.slice(0, room);
    room -= page.length;
    if (room <= 0) return;
  }
}

async function* textLines(pages: AsyncIterable<readonly Row[]>, text: (row: Row) => string): AsyncGenerator<string> {
  for await (const page of pages) for (const row of page) yield text(row);
}

function deviceNames(text: string, before: readonly string[] = []): string[] {
  if (!NAME_PATTERN.test(text)) throw new InvalidArgumentError(`Allowed: ${NAME_RULE}.`);
  return [...new Set([...before, text])];
}

function fieldNames(text: string, before: readonly string[] = []): string[] {
  if (text === '') throw new InvalidArgumentError('Allowed: the name of a field; DynamoDB has none without a letter.');
  return [...new Set([...before, text])];
}

function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Allowed: a whole number from 1.');
  return Number(text);
}
