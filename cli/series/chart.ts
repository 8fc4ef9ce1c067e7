import { stripVTControlCharacters } from 'node:util';
import { scaleLinear, scaleTime } from 'd3-scale';
import plot, { type Point, type Settings } from 'simple-ascii-chart';
import type { Row } from '../aws/time-series.ts';
import { CliError } from '../cli-error.ts';
import { colours, type Output, printable } from '../terminal.ts';
import { formatLength, formatMillisecond } from '../time.ts';
import { FittingWindows } from './fitting-windows.ts';
import { numbersIn } from './numbers.ts';
import type { Stat } from './summary.ts';

export interface ChartOptions {
  readonly fields: readonly string[] | undefined;
  readonly stat: Stat;
  /** Least length of a column, in milliseconds. */
  readonly every: number;
}

/** Of a stream that does not say. */
const COLUMNS = 80;
const ROWS = 16;

/** A narrower terminal breaks the lines. */
const LEAST_COLUMNS = 24;

/** What an axis with short labels takes beside the plot. */
const MARGIN = 6;

/** How several series are told apart, with colours and without. */
const MARKS = [
  { symbol: '●', colour: 'cyan' },
  { symbol: '○', colour: 'yellow' },
  { symbol: '▲', colour: 'green' },
  { symbol: '△', colour: 'magenta' },
  { symbol: '■', colour: 'blue' },
  { symbol: '□', colour: 'red' },
] as const;

/**
 * Draws the numbers of a device, a series a field, as wide as the terminal. A column stands for a span of time, and has
 * what the statistic says of it.
 *
 * @returns lines; none when there are no numbers
 * @throws {CliError} when there are more fields than can be told apart
 */
export async function chart(
  output: Output,
  pages: AsyncIterable<readonly Row[]>,
  { fields, stat, every }: ChartOptions,
): Promise<string[]> {
  const width = Math.max(output.columns ?? COLUMNS, LEAST_COLUMNS);
  const windows = new FittingWindows(width - MARGIN, every);
  for await (const page of pages) {
    for (const row of page) {
      for (const [field, number] of numbersIn(row, fields)) windows.add(field, Number(row.received?.N), number);
    }
    refuseTooMany(windows.fields);
  }
  const names = fields?.filter((field) => windows.fields.includes(field)) ?? windows.fields.sort();
  if (names.length === 0) return [];

  const series = names.map((name) => windows.of(name).map(([from, summary]): Point => [from, summary.value(stat)]));
  return [...legend(output, names), ...drawn(output, series, width), footer(series, stat, windows.length)];
}

function refuseTooMany(fields: readonly string[]): void {
  if (fields.length <= MARKS.length) return;
  const some = fields.map(printable).join(' ');
  throw new CliError(`a chart tells ${MARKS.length} fields apart, and there are more (${some}); choose: --field ...`);
}

/** Which field it is, or which mark is which. */
function legend(output: Output, names: readonly string[]): string[] {
  if (names.length === 1) return names.map(printable);
  return [names.map((name, index) => `${mark(output, index)} ${printable(name)}`).join('   ')];
}

function mark(output: Output, series: number): string {
  const { symbol, colour } = MARKS[series] as (typeof MARKS)[number];
  return colours(output)[colour](symbol);
}

function drawn(output: Output, series: Point[][], width: number): string[] {
  // What the labels take beside the plot is known once they are there, and changes a little with its width.
  for (let room = width - MARGIN; ;) {
    const lines = plot(series, settings(output, series, room)).split('\n');
    const excess = Math.max(...lines.map(visibleLength)) - width;
    if (excess <= 0 || room === 1) return lines.map((line) => line.trimEnd()).filter((line) => line !== '');
    room = Math.max(1, room - excess);
  }
}

function settings(output: Output, series: readonly Point[][], width: number): Settings {
  const points = series.flat();
  const y = scaleLinear()
    .domain(extent(points.map(([, value]) => value)))
    .nice(5);
  const [from, to] = extent(points.map(([time]) => time));
  const times = scaleTime()
    .domain([from, to])
    .ticks(Math.max(2, Math.floor(width / 14)));
  return {
    width,
    height: ROWS,
    yRange: y.domain() as [number, number],
    customYAxisTicks: y.ticks(5),
    customXAxisTicks: times.map(Number),
    formatter: (value, { axis }) =>
      axis === 'x' ? timeLabel(value, to - from) : shortened(y.tickFormat(5)(value), value),
    ...(series.length > 1 && {
      lineFormatter: ({ input, plotX, plotY }) => {
        // It gets a sorted copy of the series, whose points are the same.
        const index = series.findIndex((points) => points.includes(input[0] as Point));
        return { x: plotX, y: plotY, symbol: mark(output, index) };
      },
    }),
  };
}

/** Least and most; apart, be it that all are the same. */
function extent(numbers: readonly number[]): [number, number] {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return least === most ? [least - 1, most + 1] : [least, most];
}

/** 300,000,000 would leave no room for the plot. */
function shortened(label: string, value: number): string {
  return label.length > 9 ? value.toPrecision(3) : label;
}

/** As much of a time as tells it from its neighbours. */
function timeLabel(time: number, span: number): string {
  const text = formatMillisecond(time);
  if (span > 2 * 86_400_000) return text.slice('yyyy-'.length, 'yyyy-mm-dd'.length);
  return text.slice('yyyy-mm-dd '.length, span > 300_000 ? 'yyyy-mm-dd hh:mm'.length : 'yyyy-mm-dd hh:mm:ss'.length);
}

function footer(series: readonly Point[][], stat: Stat, length: number): string {
  const times = series.flat().map(([time]) => time);
  const digits = length < 60_000 ? 'yyyy-mm-dd hh:mm:ss' : 'yyyy-mm-dd hh:mm';
  const [from, to] = [Math.min(...times), Math.max(...times) + length].map((time) =>
    formatMillisecond(time).slice(0, digits.length),
  );
  return `${from} to ${to}, ${stat} of ${formatLength(length)}`;
}

function visibleLength(line: string): number {
  return [...stripVTControlCharacters(line)].length;
}
