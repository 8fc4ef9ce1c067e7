import type { Row } from '../rows/time-series.ts';
import { CliError } from '../terminal/cli-error.ts';
import { timeOf } from '../rows/row-time.ts';
import { lineWidth, type Output, printable, wrapped } from '../terminal/terminal.ts';
import { formatLength, formatMillisecond } from '../terminal/time.ts';
import { FittingWindows } from './fitting-windows.ts';
import { numbersIn } from './numbers.ts';
import { drawPanels, type Panel, type Point } from './panels.ts';
import type { Stat } from './summary.ts';

export interface ChartOptions {
  readonly fields: readonly string[] | undefined;
  readonly stat: Stat;
  /** Least length of a column, in milliseconds. */
  readonly every: number;
  /** Whether rows of several devices come; without it, the name of the one is left out. */
  readonly severalDevices?: boolean;
  /** The span that was asked for, in milliseconds since 1970: what of a column lies outside, it does not have. */
  readonly since?: number;
  readonly until?: number;
}

/**
 * What is too little where a part of the time is missing, and stands for no time but its own. An average, a minimum and a
 * maximum are none the less true, also for a little while after.
 */
const GROWING: readonly Stat[] = ['sum', 'count'];

/** Of a stream that does not say. */
const COLUMNS = 80;

/** A narrower terminal breaks the lines. */
const LEAST_COLUMNS = 24;

/** What an axis with short labels takes beside the plot. */
const MARGIN = 6;

/** Of fields that nobody named; more would not be looked at, and a device may make up as many as it likes. */
const MOST_PANELS = 12;

/** Past this, the difference of two numbers may be no number any more. */
const LARGEST = 1e300;

/** What is nearer to 0 is 0 on any axis, and its steps would be no numbers. */
const SMALLEST = 1e-300;

/**
 * Draws the numbers of devices, a panel a device and field, one below the other, as wide as the terminal. A column stands
 * for a span of time, and has what the statistic says of it.
 *
 * @returns lines; none when there are no numbers
 * @throws {CliError} when there are more fields than anybody looks at, and none were named
 */
export async function chart(
  output: Output,
  pages: AsyncIterable<readonly Row[]>,
  { fields, stat, every, severalDevices, since = -Infinity, until = Infinity }: ChartOptions,
): Promise<string[]> {
  const width = Math.max(lineWidth(output) ?? COLUMNS, LEAST_COLUMNS);
  const windows = new FittingWindows(width - MARGIN, every);
  const fieldOf = new Map<string, string>();
  for await (const page of pages) {
    for (const row of page) {
      const device = severalDevices ? `${row.device?.S} ` : '';
      for (const [field, number] of numbersIn(row, fields)) {
        const name = `${device}${field}`;
        fieldOf.set(name, field);
        windows.add(name, timeOf(row), number);
      }
    }
    if (fields === undefined) refuseTooMany(windows.names);
  }
  const order = (name: string) => (fields ?? []).indexOf(fieldOf.get(name) ?? '');
  const names = windows.names.sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1));
  const drawn = (isPart: (from: number) => boolean) =>
    names.map((name) => ({ name, ...pointsOf(windows, name, stat, isPart) }));
  const isPart = (from: number) => from < since || from + windows.length > until;
  const whole = GROWING.includes(stat) ? drawn(isPart) : [];
  // Where there is nothing else, a part of a window says more than nothing.
  const series = whole.some(({ lines }) => lines.length > 0) ? whole : drawn(() => false);
  const panels: Panel[] = series.filter(({ lines }) => lines.length > 0);
  if (panels.length === 0) return [];
  const leftOut = series.reduce((count, one) => count + one.leftOut, 0);
  return [
    ...drawPanels(panels, width),
    wrapped(
      output,
      footer(panels, stat, windows.length, until) +
        (series.some(({ parts }) => parts > 0) ? ', without the windows that the span cuts' : '') +
        (leftOut === 0 ? '' : `, ${leftOut} past ${LARGEST} left out`),
      width,
    ),
  ];
}

function refuseTooMany(names: readonly string[]): void {
  if (names.length <= MOST_PANELS) return;
  const some = names.map(printable).join(', ');
  throw new CliError(`a chart has ${MOST_PANELS} panels, and there are more fields (${some}); choose: --field ...`);
}

/** A line ends where a gap begins. */
function pointsOf(
  windows: FittingWindows,
  name: string,
  stat: Stat,
  isPart: (from: number) => boolean,
): { lines: Point[][]; leftOut: number; parts: number } {
  const gaps = windows.afterGaps(name, GROWING.includes(stat));
  const lines: Point[][] = [];
  let leftOut = 0;
  let parts = 0;
  for (const [from, text] of windows.of(name, stat)) {
    if (isPart(from)) {
      parts += 1;
      continue;
    }
    const value = Number(text);
    if (Math.abs(value) > LARGEST) {
      leftOut += 1;
      continue;
    }
    if (lines.length === 0 || gaps.has(from)) lines.push([]);
    lines.at(-1)?.push([from, Math.abs(value) < SMALLEST ? 0 : value]);
  }
  return { lines, leftOut, parts };
}

function footer(panels: readonly Panel[], stat: Stat, length: number, until: number): string {
  const times = panels.flatMap(({ lines }) => lines.flat()).map(([time]) => time);
  const digits = length < 60_000 ? 'yyyy-mm-dd hh:mm:ss' : 'yyyy-mm-dd hh:mm';
  const [from, to] = [Math.min(...times), Math.min(Math.max(...times) + length, until)].map((time) =>
    formatMillisecond(time).slice(0, digits.length),
  );
  return `${from} to ${to}, ${stat} of ${formatLength(length)}`;
}
