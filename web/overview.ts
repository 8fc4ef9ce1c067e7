import { Alarms, DeadLetters, Denials } from './cloud-panels.ts';
import { ask } from './connection.ts';
import { Chip, stateOf } from './device-state.ts';
import { element, KeyedList, setText, type Shown, type View } from './dom.ts';
import { counted, formatAgo, formatValue } from './format.ts';
import { SeriesSet } from './series.ts';
import { Sparkline } from './sparkline.ts';
import type { Store } from './store.ts';
import type { Curves, DeviceView, Message, Value } from './wire.ts';

/** What a card has room for. */
const MOST_VALUES = 4;

/** What its small curves show, in milliseconds. */
const SPAN_MS = 15 * 60_000;

/** From so many devices on, people search. */
const MANY = 12;

/** All devices, and what the cloud says of the fleet. */
export class Overview implements View {
  readonly title = 'Fleet';
  readonly element: HTMLElement;
  readonly #store: Store;
  readonly #summary = element('p.summary');
  readonly #search = element('input', {
    type: 'search',
    placeholder: 'Find a device',
    'aria-label': 'Find a device',
    on: { input: () => this.#show() },
  });
  readonly #cards: KeyedList<DeviceView>;
  readonly #nothing = element('p.muted');
  readonly #alarms = new Alarms();
  readonly #deadLetters = new DeadLetters();
  readonly #denials = new Denials();
  readonly #endings: (() => void)[];

  constructor(store: Store) {
    this.#store = store;
    const observer = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) cardOf.get(target)?.load();
    });
    const cardOf = new Map<Element, Card>();
    const shown = new Map<string, Card>();
    this.#cards = new KeyedList(
      element('ul.cards'),
      ({ device }) => device,
      (view) => {
        const card = new Card(view.device);
        cardOf.set(card.element, card);
        shown.set(view.device, card);
        observer.observe(card.element);
        return {
          element: card.element,
          update: (item) => card.update(item),
          remove: () => {
            observer.unobserve(card.element);
            cardOf.delete(card.element);
            shown.delete(view.device);
          },
        };
      },
    );
    this.element = element(
      'div',
      element('div.headline', element('h1', 'Fleet'), this.#summary, this.#search),
      this.#nothing,
      this.#cards.element,
      element('div.columns', this.#alarms.element, this.#deadLetters.element, this.#denials.element),
    );
    const ticker = setInterval(() => this.#show(), 1_000);
    this.#endings = [
      store.onChange(() => this.#show()),
      store.onMessages((messages) => {
        for (const message of messages) shown.get(message.device)?.add(message);
      }),
      () => clearInterval(ticker),
      () => observer.disconnect(),
    ];
    this.#show();
  }

  close(): void {
    for (const end of this.#endings) end();
  }

  #show(): void {
    const { devices, watched } = this.#store;
    const wanted = this.#search.value.trim().toLowerCase();
    const found = (devices ?? []).filter(({ device, site }) => `${site} ${device}`.includes(wanted));
    this.#search.hidden = (devices?.length ?? 0) < MANY;
    setText(
      this.#nothing,
      devices === undefined ? 'Asking the cloud …' : found.length === 0 ? 'No device of that name.' : '',
    );
    this.#nothing.hidden = this.#nothing.textContent === '';
    setText(this.#summary, devices === undefined ? '' : summaryOf(devices));
    this.#cards.show(found);
    this.#alarms.show(watched?.alarms);
    this.#deadLetters.show(watched?.deadLetters);
    this.#denials.show(this.#store);
  }
}

function summaryOf(devices: readonly DeviceView[]): string {
  const connected = devices.filter((device) => device.connected).length;
  return `${counted(devices.length, 'device')}, ${connected} connected`;
}

/** A device with its newest values. */
class Card implements Shown<DeviceView> {
  readonly element: HTMLElement;
  readonly #device: string;
  readonly #chip = new Chip();
  readonly #seen = element('p.muted');
  readonly #warning = element('p.warning');
  readonly #values = new KeyedList<Value>(
    element('ul.values'),
    ([field]) => field,
    () => this.#value(),
  );
  readonly #lines = new Map<string, Sparkline>();
  #series: SeriesSet | undefined;
  #waiting: Message[] = [];
  #isLoading = false;

  constructor(device: string) {
    this.#device = device;
    const link = element('a', { href: `#/device/${encodeURIComponent(device)}` }, device);
    this.element = element(
      'li.card',
      element('div.top', element('h2', link), this.#chip.element),
      this.#values.element,
      this.#warning,
      this.#seen,
    );
  }

  update(view: DeviceView): void {
    this.#chip.show(stateOf(view));
    setText(this.#seen, view.lastSeen === undefined ? 'no message yet' : `last message ${formatAgo(view.lastSeen)}`);
    const problems = view.disagreements.length;
    setText(this.#warning, problems === 0 ? '' : counted(problems, 'thing') + ' to settle');
    this.#warning.hidden = problems === 0;
    this.#values.show(view.newest?.values.slice(0, MOST_VALUES) ?? []);
    this.#draw();
  }

  /** Its curves, once somebody sees it. */
  load(): void {
    if (this.#isLoading) return;
    this.#isLoading = true;
    const until = Date.now();
    ask<Curves>('/api/curves', { device: this.#device, since: until - SPAN_MS, until: until + 1 })
      .then((curves) => {
        this.#series = new SeriesSet(curves);
        for (const message of this.#waiting.splice(0)) this.#series.add(message, MOST_VALUES);
        this.#draw();
      })
      .catch(() => (this.#isLoading = false)); // the page says what is wrong; it is loaded when it is seen again
  }

  add(message: Message): void {
    if (this.#series === undefined) this.#waiting.push(message);
    else this.#series.add(message, MOST_VALUES);
  }

  #draw(): void {
    const now = Date.now();
    this.#series?.dropBefore(now - SPAN_MS);
    const range = this.#series?.rangeUpTo(now, SPAN_MS) ?? { since: now - SPAN_MS, until: now };
    for (const series of this.#series?.all ?? []) this.#lines.get(series.field)?.show(series, range);
  }

  #value(): Shown<Value> {
    const [name, value] = [element('span.field.theirs'), element('span.value')];
    const line = new Sparkline();
    return {
      element: element('li', name, value, line.element as unknown as HTMLElement),
      update: ([field, newest]) => {
        this.#lines.set(field, line);
        setText(name, field);
        setText(value, formatValue(newest));
      },
    };
  }
}
