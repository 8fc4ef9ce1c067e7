import { ask } from './connection.ts';
import { CurvePanel } from './curve-panel.ts';
import { element, KeyedList, setText } from './dom.ts';
import { counted, formatTime } from './format.ts';
import { type Range, type Series, SeriesSet } from './series.ts';
import { onThemeChange } from './theme.ts';
import type { Curves as CurvesAnswer, Message } from './wire.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const SPANS: readonly (readonly [label: string, name: string, milliseconds: number])[] = [
  ['15 min', '15 minutes', 15 * MINUTE],
  ['1 h', '1 hour', HOUR],
  ['6 h', '6 hours', 6 * HOUR],
  ['24 h', '24 hours', DAY],
  ['7 d', '7 days', 7 * DAY],
  ['30 d', '30 days', 30 * DAY],
];

/** More than a screen shows and the server answers: then the curves are asked for anew, thinned out. */
const MOST_POINTS = 20_000;

const MOST_FIELDS = 60;

/** The curves of one device: as they arrive, and back in time. */
export class Curves {
  readonly element: HTMLElement;
  readonly #device: string;
  readonly #note = element('p.muted', { role: 'status' });
  readonly #when = element('p.when');
  readonly #now: HTMLButtonElement;
  readonly #radios: readonly HTMLInputElement[];
  readonly #panels: KeyedList<Series>;
  readonly #shown = new Set<CurvePanel>();
  readonly #endings: (() => void)[];
  #length = 15 * MINUTE;
  /** The end of the span in milliseconds since 1970; undefined while it goes with the time. */
  #end: number | undefined;
  #series = new SeriesSet({ fields: [] });
  #remark = '';
  #loading: symbol | undefined;
  /** What arrives while the curves are on their way. */
  #waiting: Message[] = [];

  constructor(device: string) {
    this.#device = device;
    this.#radios = SPANS.map(([, , length]) =>
      element('input', {
        type: 'radio',
        name: 'span',
        checked: length === this.#length,
        on: { change: () => this.#go(length, this.#end) },
      }),
    );
    const choices = SPANS.map(([label, name], index) => {
      const radio = this.#radios[index];
      radio?.setAttribute('aria-label', name);
      return element('label', radio, element('span', label));
    });
    const step = (sign: number) => () => this.#go(this.#length, this.#until() + sign * this.#length);
    const button = (text: string, name: string, click: () => void) =>
      element('button', { type: 'button', 'aria-label': name, title: name, on: { click } }, text);
    this.#now = button('Live', 'Back to live', () => this.#go(this.#length, undefined));
    this.#panels = new KeyedList(
      element('div.panels'),
      ({ field }) => field,
      ({ field }) => {
        const panel = new CurvePanel(field, {
          crosshair: device,
          onSelect: ({ since, until }) => this.#go(until - since, until),
        });
        this.#shown.add(panel);
        return {
          element: panel.element,
          update: (series) => panel.show(series, this.#range()),
          remove: () => {
            this.#shown.delete(panel);
            panel.remove();
          },
        };
      },
    );
    this.element = element(
      'section.block',
      element(
        'div.headline',
        element('h2', 'Curves'),
        this.#when,
        element(
          'div.toolbar',
          element('fieldset.segments', element('legend.unseen', 'How far back'), ...choices),
          element('div.steps', button('‹', 'Earlier', step(-1)), button('›', 'Later', step(1)), this.#now),
        ),
      ),
      this.#note,
      this.#panels.element,
    );
    const ticker = setInterval(() => this.#end === undefined && this.#draw(), 1_000);
    this.#endings = [
      () => clearInterval(ticker),
      onThemeChange(() => {
        for (const panel of this.#shown) panel.redraw();
      }),
    ];
    this.#load();
  }

  close(): void {
    for (const end of this.#endings) end();
    this.#panels.clear();
  }

  add(messages: readonly Message[]): void {
    if (this.#loading !== undefined) this.#waiting.push(...messages);
    if (this.#end !== undefined) return; // it looks at the past
    for (const message of messages) this.#series.add(message, MOST_FIELDS);
    if (this.#series.all.some(({ length }) => length > MOST_POINTS)) this.#load();
    else this.#draw();
  }

  /** @param end undefined for a span that goes with the time, as one does whose end has not come */
  #go(length: number, end: number | undefined): void {
    this.#length = length;
    this.#end = end === undefined || end >= Date.now() ? undefined : end;
    this.#radios.forEach((radio, index) => (radio.checked = SPANS[index]?.[2] === length));
    this.#load();
  }

  #load(): void {
    const loading = (this.#loading = Symbol());
    const { since, until } = this.#span();
    this.#waiting = [];
    this.#remark = '';
    setText(this.#note, 'Reading …');
    ask<CurvesAnswer>('/api/curves', {
      device: this.#device,
      since: Math.max(0, Math.floor(since)),
      until: Math.ceil(until) + 1,
    })
      .then((answer) => {
        const { left, cutAt } = answer;
        if (this.#loading !== loading) return; // somebody has gone on meanwhile
        this.#series = new SeriesSet(answer);
        this.#remark = [
          left > 0 && `${counted(left, 'more field')} ${left === 1 ? 'is' : 'are'} not drawn.`,
          cutAt !== undefined &&
            `Messages before ${formatTime(cutAt)} are left out, since there are too many. Choose a shorter span.`,
        ]
          .filter(Boolean)
          .join(' ');
        this.#loading = undefined;
        if (this.#end === undefined) for (const message of this.#waiting) this.#series.add(message, MOST_FIELDS);
        this.#waiting = [];
        this.#draw();
      })
      .catch((error: unknown) => {
        if (this.#loading !== loading) return;
        setText(this.#note, (error as Error).message);
        setTimeout(() => this.#loading === loading && this.#load(), 2_000);
      });
  }

  #draw(): void {
    if (this.#end === undefined) this.#series.dropBefore(Date.now() - this.#length);
    const { since, until } = this.#range();
    this.#now.hidden = this.#end === undefined;
    setText(this.#when, this.#end === undefined ? '' : `${formatTime(since)} to ${formatTime(until)}`);
    const all = this.#series.all;
    this.#panels.show(all);
    if (this.#loading !== undefined) return; // the note says so
    setText(this.#note, this.#remark || (all.length === 0 ? 'No number arrived in this span of time.' : ''));
    this.#note.hidden = this.#note.textContent === '';
  }

  /** Of what is asked for. */
  #span(): Range {
    const until = this.#until();
    return { since: until - this.#length, until };
  }

  /** Of what is drawn. */
  #range(): Range {
    return this.#end === undefined ? this.#series.rangeUpTo(Date.now(), this.#length) : this.#span();
  }

  #until(): number {
    return this.#end ?? Date.now();
  }
}
