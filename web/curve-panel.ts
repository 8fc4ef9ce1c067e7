import uPlot from 'uplot';
import { element, setText } from './dom.ts';
import { formatClock, formatDay, formatNumber, formatTime } from './format.ts';
import type { Range, Series } from './series.ts';
import { theme } from './theme.ts';

const HEIGHT = 132;
const DAY_MS = 86_400_000;

export interface CurvePanelOptions {
  /** Panels of one name show their crosshairs at the same time. */
  readonly crosshair: string;
  /** Called with the part of the curve that a person marked. */
  readonly onSelect: (range: Range) => void;
}

/** One field: its name, its newest value, and its curve. */
export class CurvePanel {
  readonly element: HTMLElement;
  readonly #options: CurvePanelOptions;
  readonly #value = element('output.value', { 'aria-live': 'off' });
  readonly #note = element('span.note');
  readonly #canvas = element('div.canvas');
  readonly #observer = new ResizeObserver(() => this.#resize());
  readonly #field: string;
  #plot: uPlot | undefined;
  #series: Series | undefined;
  #range: Range = { since: 0, until: 1 };
  /** The time of the point that keys have gone to: a pixel may stand for many. */
  #read: number | undefined;

  constructor(field: string, options: CurvePanelOptions) {
    this.#options = options;
    this.#field = field;
    this.element = element(
      'div.panel',
      {
        tabindex: 0,
        role: 'group',
        on: {
          keydown: (event) => this.#move(event),
          blur: () => this.#leave(),
          pointermove: () => (this.#read = undefined),
        },
      },
      element('div.head', element('span.field.theirs', field), this.#note),
      this.#value,
      this.#canvas,
    );
    this.#observer.observe(this.#canvas);
  }

  show(series: Series, range: Range): void {
    this.#series = series;
    this.#range = range;
    if (this.#plot === undefined) this.#draw();
    else {
      if (this.#plot.data !== series.line) this.#plot.setData(series.line, false);
      this.#plot.setScale('x', { min: range.since, max: range.until });
    }
    this.#describe();
  }

  /** For colours that have changed. */
  redraw(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    this.#draw();
  }

  remove(): void {
    this.#observer.disconnect();
    this.#plot?.destroy();
  }

  #draw(): void {
    const width = this.#canvas.clientWidth;
    const series = this.#series;
    if (width === 0 || series === undefined) return; // until there is room
    const { isBoolean } = series;
    const colours = theme();
    const axis = {
      stroke: colours.muted,
      grid: { stroke: colours.grid, width: 1 },
      ticks: { show: false },
      font: FONT,
    };
    this.#plot = new uPlot(
      {
        width,
        height: HEIGHT,
        ms: 1,
        padding: [8, 12, 0, 0],
        legend: { show: false },
        cursor: {
          sync: { key: this.#options.crosshair, scales: ['x', null] },
          drag: { x: true, y: false, setScale: false },
          points: { size: 7, fill: colours.curve, stroke: colours.surface },
        },
        scales: {
          x: { min: this.#range.since, max: this.#range.until, auto: false },
          y: isBoolean ? { range: [-0.15, 1.15] } : { range: (_, min, max) => roomy(min, max) },
        },
        axes: [
          { ...axis, size: 26, space: 64, values: (_, times) => timeLabels(times, this.#range) },
          {
            ...axis,
            size: 58,
            space: 32,
            ...(isBoolean && { splits: () => [0, 1] }),
            values: (_, values) => values.map((value) => (isBoolean ? String(value === 1) : formatNumber(value))),
          },
        ],
        series: [
          {},
          {
            stroke: colours.curve,
            fill: colours.area,
            fillTo: (_, __, min) => min,
            width: 1.75,
            spanGaps: false,
            ...(isBoolean && uPlot.paths.stepped && { paths: uPlot.paths.stepped({ align: 1 }) }),
            points: { size: 5, fill: colours.curve, width: 0, filter: loneliest },
          },
        ],
        hooks: {
          setCursor: [() => this.#describe()],
          setSelect: [(plot) => this.#select(plot)],
        },
      },
      series.line,
      this.#canvas,
    );
  }

  #resize(): void {
    const width = this.#canvas.clientWidth;
    if (width === 0) return;
    if (this.#plot === undefined) this.#draw();
    else if (this.#plot.width !== width) this.#plot.setSize({ width, height: HEIGHT });
  }

  /** Says the newest value, or the one under the crosshair with its time. */
  #describe(): void {
    const series = this.#series;
    const last = series?.last;
    if (series === undefined || last === undefined) return;
    const text = (value: number) => (series.isBoolean ? String(value === 1) : formatNumber(value));
    const extremes = series.extremes ?? [last.value, last.value];
    const [times, values] = this.#plot?.data ?? [];
    const index = this.#read === undefined ? this.#plot?.cursor.idx : times?.indexOf(this.#read);
    const [time, value] = index == null ? [] : [times?.[index], values?.[index]];
    const range = series.isBoolean ? '' : `${text(extremes[0])} to ${text(extremes[1])}`;
    if (time !== undefined && typeof value === 'number') {
      setText(this.#value, text(value));
      setText(this.#note, formatTime(time));
    } else {
      setText(this.#value, text(last.value));
      setText(this.#note, range);
    }
    this.element.ariaLabel =
      `${this.#field}: ${text(last.value)} at ${formatTime(last.time)}` +
      (range && `; from ${range}`) +
      '. Arrow keys read the curve.';
  }

  #select(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < 8) return; // a click
    const [since, until] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#options.onSelect({ since: Math.floor(since), until: Math.ceil(until) });
  }

  /** Reads the curve by keys: the crosshair goes from point to point. */
  #move(event: KeyboardEvent): void {
    const plot = this.#plot;
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (plot === undefined || step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const [times, values] = plot.data;
    const points = [...times.keys()].filter((index) => values?.[index] != null);
    const at = points.indexOf(this.#read === undefined ? (plot.cursor.idx ?? -1) : times.indexOf(this.#read));
    const newest = points.length - 1;
    const next = at < 0 && step !== -Infinity ? newest : Math.min(newest, Math.max(0, at + step));
    const index = points[next];
    if (index === undefined) return;
    this.#read = times[index];
    this.#value.ariaLive = 'polite';
    const [left, top] = [plot.valToPos(times[index] ?? 0, 'x'), plot.valToPos(values?.[index] ?? 0, 'y')];
    plot.setCursor({ left: Math.max(0, left), top: Math.max(0, top) });
  }

  #leave(): void {
    this.#read = undefined;
    this.#value.ariaLive = 'off';
    this.#plot?.setCursor({ left: -10, top: -10 });
  }
}

const FONT = '11px system-ui, sans-serif';

/** Points stand where a line cannot: between two gaps. */
function loneliest(plot: uPlot, seriesIndex: number): number[] {
  const values = plot.data[seriesIndex] ?? [];
  const lonely: number[] = [];
  for (let index = 0; index < values.length; index++) {
    if (values[index] != null && values[index - 1] == null && values[index + 1] == null) lonely.push(index);
  }
  return lonely;
}

/** Some room above and below; a level line has the middle. */
function roomy(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null) return [0, 1];
  if (min === max) return [min - Math.max(Math.abs(min) * 0.1, 0.5), max + Math.max(Math.abs(max) * 0.1, 0.5)];
  const room = (max / 10 - min / 10) * 1.5; // the difference of two large numbers may be none
  return [min - room, max + room];
}

function timeLabels(times: readonly number[], { since, until }: Range): string[] {
  const [first = 0, second = first + DAY_MS] = times;
  return times.map((time, index) => {
    const before = times[index - 1];
    if (second - first >= DAY_MS) return formatDay(time).slice('yyyy-'.length);
    const clock = second - first >= 60_000 ? formatClock(time).slice(0, 'hh:mm'.length) : formatClock(time);
    const isNewDay = until - since > DAY_MS / 2 && before !== undefined && formatDay(before) !== formatDay(time);
    return isNewDay ? `${clock}\n${formatDay(time).slice('yyyy-'.length)}` : clock;
  });
}
