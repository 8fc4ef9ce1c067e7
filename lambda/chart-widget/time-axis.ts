import { scaleUtc } from 'd3-scale';
import type { Theme } from './frame.ts';
import { element, textElement } from './markup.ts';

export interface TimeAxis {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** Of the clock that people look at, such as `+02:00`. */
  readonly offset: string;
  /** Pixels. */
  readonly left: number;
  readonly right: number;
  readonly y: number;
}

const PIXELS_A_TICK = 110;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The axis of time: ticks at round times of the clock that people look at, and which unit they are in. */
export function timeAxis({ from, to, offset, left, right, y }: TimeAxis, { text }: Theme): string {
  const shift = shiftOf(offset);
  const x = scaleUtc([from + shift, to + shift], [left, right]);
  const [unit, start, end] = unitOf(to - from);
  const ticks = x.ticks(Math.max(2, Math.floor((right - left) / PIXELS_A_TICK)));
  return [
    element('line', { x1: left, x2: right, y1: y, y2: y, stroke: text }),
    ...ticks.map((tick) => {
      const label = tick.toISOString().slice(start, end).replace('T', ' ');
      // At the edges a label in the middle would reach out of the picture.
      const anchor = x(tick) - left < 40 ? 'start' : right - x(tick) < 40 ? 'end' : 'middle';
      return (
        element('line', { x1: x(tick), x2: x(tick), y1: y, y2: y + 5, stroke: text }) +
        textElement({ x: x(tick), y: y + 17, 'text-anchor': anchor }, label)
      );
    }),
    textElement({ x: right, y: y + 31, 'text-anchor': 'end', 'font-size': 10 }, `${unit}, UTC${offset}`),
  ].join('');
}

/** What a tick says, and where in an ISO date that stands. */
function unitOf(span: number): [string, number, number] {
  if (span <= 5 * MINUTE) return ['hh:mm:ss', 11, 19];
  if (span <= DAY) return ['hh:mm', 11, 16];
  return span <= 7 * DAY ? ['mm-dd hh:mm', 5, 16] : ['yyyy-mm-dd', 0, 10];
}

/** In milliseconds. */
function shiftOf(offset: string): number {
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number);
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * MINUTE;
}
