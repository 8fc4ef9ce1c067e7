import { scaleLinear, scaleUtc } from 'd3-scale';
import { line } from 'd3-shape';
import type { Point } from './downsample.ts';
import { type Size, svg, type Theme } from './frame.ts';
import { element, fitting, textElement } from './markup.ts';
import { timeAxis } from './time-axis.ts';

/** The curves of one field, by device. */
export interface Panel {
  readonly field: string;
  readonly curves: ReadonlyMap<string, readonly Point[]>;
}

export interface Chart {
  readonly devices: readonly string[];
  readonly panels: readonly Panel[];
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** Of the clock that people look at, such as `+02:00`. */
  readonly offset: string;
  /** What else there is to say, in small print below. */
  readonly remarks: readonly string[];
}

/** A device's, by its place among those that were asked for. */
export const COLOURS = ['#0972d3', '#d45b07', '#037f0c', '#c33d69', '#8456ce', '#8d6605', '#008793', '#687078'];

/** Around the panels, in pixels. */
export const MARGIN = { top: 22, right: 14, bottom: 36, left: 78 };
const TITLE_HEIGHT = 20;
const PIXELS_A_TICK = 40;
/** A curve of a few points has them marked: a single one would not show at all. */
const FEW_POINTS = 30;

/** A picture of time-series: a panel a field, one below the other, a colour a device. */
export function drawChart(chart: Chart, size: Size, theme: Theme): string {
  const { devices, panels, from, to, offset, remarks } = chart;
  const left = MARGIN.left;
  const right = Math.max(left + 1, size.width - MARGIN.right);
  const bottom = size.height - MARGIN.bottom;
  const x = scaleUtc([from, to], [left, right]);
  const panelHeight = Math.max(TITLE_HEIGHT + 10, (bottom - MARGIN.top) / panels.length);
  const spots = panels.map((panel, index) => ({
    panel,
    top: MARGIN.top + index * panelHeight + TITLE_HEIGHT,
    bottom: MARGIN.top + (index + 1) * panelHeight,
  }));
  return svg(
    size,
    theme,
    `${panels.map(({ field }) => field).join(', ')} of ${devices.join(', ')}`,
    legend(devices, left, right),
    ...spots.flatMap((spot) => drawPanel(spot, devices, x, { left, right }, theme)),
    timeAxis({ from, to, offset, left, right, y: bottom }, theme),
    textElement({ x: left, y: size.height - 5, 'font-size': 10 }, fitting(remarks.join(' · '), right - left - 130)),
  );
}

function legend(devices: readonly string[], left: number, right: number): string {
  const room = (right - left) / devices.length;
  return devices
    .map((device, index) => {
      const x = left + index * room;
      return (
        element('rect', { x, y: 5, width: 12, height: 12, fill: colourOf(index) }) +
        textElement({ x: x + 17, y: 15 }, fitting(device, room - 24))
      );
    })
    .join('');
}

interface Spot {
  readonly panel: Panel;
  readonly top: number;
  readonly bottom: number;
}

function drawPanel(
  { panel: { field, curves }, top, bottom }: Spot,
  devices: readonly string[],
  x: (time: number) => number,
  { left, right }: { readonly left: number; readonly right: number },
  { faint }: Theme,
): string[] {
  const y = scaleLinear(domainOf([...curves.values()].flat()), [bottom, top]).nice();
  const count = Math.max(2, Math.floor((bottom - top) / PIXELS_A_TICK));
  const label = labelsOf(y.domain(), y.tickFormat(count), y.tickFormat(count, '.3~g'));
  const path = line<Point>(
    ({ time }) => x(time),
    ({ value }) => y(value),
  );
  return [
    textElement({ x: left, y: top - 6, 'font-weight': 'bold' }, fitting(field, right - left)),
    ...y.ticks(count).map((tick) => {
      const height = y(tick);
      return (
        element('line', { x1: left, x2: right, y1: height, y2: height, stroke: faint }) +
        textElement({ x: left - 6, y: height + 4, 'text-anchor': 'end' }, label(tick))
      );
    }),
    ...[...curves].map(([device, points]) => {
      const stroke = colourOf(devices.indexOf(device));
      const dots = points.length > FEW_POINTS ? [] : points;
      return (
        element('path', { d: path(points) ?? '', fill: 'none', stroke, 'stroke-width': 1.5 }) +
        dots.map(({ time, value }) => element('circle', { cx: x(time), cy: y(value), r: 2.5, fill: stroke })).join('')
      );
    }),
  ];
}

const colourOf = (index: number): string => COLOURS[index % COLOURS.length] ?? '#0972d3';

function domainOf(points: readonly Point[]): [number, number] {
  let [least, greatest] = [Infinity, -Infinity];
  for (const { value } of points) {
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  // A level curve lies in the middle.
  const room = least === greatest ? Math.max(1, Math.abs(least) / 10) : 0;
  return [least - room, greatest + room];
}

type Format = (value: number) => string;

/** Figures as people write them while they are short. */
function labelsOf(domain: readonly number[], plain: Format, short: Format): Format {
  return domain.some((value) => plain(value).length > 8) ? short : plain;
}
