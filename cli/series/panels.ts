import { scaleLinear, scaleTime } from 'd3-scale';
import plot, { type Point, type Settings } from 'simple-ascii-chart';
import { printable } from '../terminal/terminal.ts';
import { formatMillisecond } from '../terminal/time.ts';

export type { Point };

/** A field. */
export interface Panel {
  readonly name: string;
  /** One, or several with gaps between them; each has a point, in the order of time, in milliseconds since 1970. */
  readonly lines: readonly (readonly Point[])[];
}

/** Rows above the lowest one, about: of one panel, of each of two, and of each of more. */
const HEIGHTS = [14, 9, 7] as const;

/** Characters between two labels of the axis of time, at least. */
const BETWEEN = 6;

/** What stands alone between gaps. */
const DOT = '•';

/** Draws panels one below the other, each with an axis of its own for its numbers, all with the same axis of time. */
export function drawPanels(panels: readonly Panel[], width: number): string[] {
  const times = panels.flatMap(({ lines }) => lines.flat()).map(([time]) => time);
  const span = [Math.min(...times), Math.max(...times)] as const;
  const height = HEIGHTS[Math.min(panels.length, HEIGHTS.length) - 1] ?? 7;
  // What the labels take beside the plot is known once they are there, and changes a little with its width.
  for (let room = width; ;) {
    const drawn = aligned(panels.map((panel) => draw(panel, { span, width: room, height })));
    const excess = Math.max(...drawn.flat().map((line) => line.length)) - width;
    if (excess > 0 && room > 1) {
      room = Math.max(1, room - excess);
      continue;
    }
    return panels.flatMap(({ name }, index) => [
      ...(index === 0 ? [] : ['']),
      printable(name),
      ...(drawn[index] as string[]),
    ]);
  }
}

/** Moves the plots to the right until their axes stand in one column. */
function aligned(drawn: readonly string[][]): string[][] {
  const axes = drawn.map((lines) => (lines[0] ?? '').indexOf('▲'));
  const most = Math.max(...axes);
  return drawn.map((lines, index) => lines.map((line) => ' '.repeat(most - (axes[index] as number)) + line));
}

interface Frame {
  readonly span: readonly [from: number, to: number];
  /** Of the plot alone. */
  readonly width: number;
  /** One of {@link HEIGHTS}. */
  readonly height: number;
}

function draw({ lines }: Panel, frame: Frame): string[] {
  const points = lines.flat();
  const { settings, least } = settingsOf(points, frame);
  // The library has no range of time to be set: an end of the span that has no point of the field gets one, which is taken
  // out again by its colour.
  const ends = frame.span.filter((end) => points.every(([time]) => time !== end)).map((end): Point[] => [[end, least]]);
  const input = [...ends, ...lines.map((line) => [...line])];
  const color = input.map((line, index) =>
    index < ends.length ? 'ansiBlack' : line.length > 1 ? 'ansiCyan' : 'ansiRed',
  );
  return plot(input, { ...settings, color: color as Settings['color'] })
    .replace(coloured(30), (_, text: string) => ' '.repeat(text.length))
    .replace(coloured(31), (_, text: string) => DOT.repeat(text.length))
    .replace(coloured(36), '$1')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}

const coloured = (code: number): RegExp => new RegExp(`\\u001b\\[${code}m([^\\u001b]*)\\u001b\\[0m`, 'g');

function settingsOf(points: readonly Point[], { span, width, height }: Frame): { settings: Settings; least: number } {
  const y = scaleLinear()
    .domain(extent(points.map(([, value]) => value)))
    .nice(5);
  const [from, to] = extent(span);
  const values = y.ticks(5);
  const steps = Math.max(1, values.length - 1);
  const [least, most] = y.domain() as [number, number];
  return {
    least,
    settings: {
      width,
      // As many rows for each step: else the rounding to rows would bend straight lines.
      height: steps * Math.max(1, Math.round(height / steps)) + 1,
      yRange: [least, most],
      customYAxisTicks: values,
      customXAxisTicks: timesOf(
        from,
        to,
        Math.max(2, Math.floor(width / (timeLabel(from, to - from).length + BETWEEN))),
      ),
      formatter: (value, { axis }) =>
        axis === 'x' ? timeLabel(value, to - from) : shortened(y.tickFormat(5)(value), value),
    },
  };
}

/** Times that an axis shows, no more than these: only such as their label says to the millisecond. */
function timesOf(from: number, to: number, most: number): number[] {
  // The library gives about as many as it is asked for.
  for (let count = most; ; count--) {
    const times = scaleTime().domain([from, to]).ticks(count).map(Number);
    if (times.length <= most || count === 1) return times.filter((time) => isSaid(time, to - from));
  }
}

/** Least and most; apart, be it that all are the same. */
function extent(numbers: readonly number[]): [number, number] {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  // Nearer together, the steps between them are lost in the digits of a double.
  if (most - least > 1e-12 * Math.max(Math.abs(least), Math.abs(most))) return [least, most];
  const apart = Math.max(1, Math.abs(least) / 10); // 1 is nothing beside 1e20
  return [least - apart, most + apart];
}

/** 300,000,000 would leave no room for the plot. */
function shortened(label: string, value: number): string {
  return label.length > 9 ? value.toPrecision(3) : label;
}

/** As much of a time as tells it from its neighbours. */
function timeLabel(time: number, span: number): string {
  return formatMillisecond(time).slice(...digitsOf(span));
}

/** Whether nothing but zeros follows what the label says. */
function isSaid(time: number, span: number): boolean {
  return /^[ 0:.]*$/.test(formatMillisecond(time).slice(digitsOf(span)[1]));
}

function digitsOf(span: number): [from: number, to: number] {
  if (span > 366 * DAY) return [0, 'yyyy-mm-dd'.length];
  if (span > 2 * DAY) return ['yyyy-'.length, 'yyyy-mm-dd'.length];
  return ['yyyy-mm-dd '.length, (span > 300_000 ? 'yyyy-mm-dd hh:mm' : 'yyyy-mm-dd hh:mm:ss').length];
}

const DAY = 86_400_000;
