import { section } from './cloud-panels.ts';
import { ask } from './connection.ts';
import { showMessage } from './dialogs.ts';
import { element, setText } from './dom.ts';
import { formatTime } from './format.ts';
import type { Message } from './wire.ts';

/** Of those that arrive while somebody looks, so many stay; all of them are in the table. */
const MOST_LIVE = 100;

/** What arrived later than this after its reading was taken is said to be late, in milliseconds. */
const LATE_MS = 10_000;

/** The messages of one device, the newest first. */
export class Messages {
  readonly element: HTMLElement;
  readonly #device: string;
  readonly #list = element('ol.messages');
  readonly #note = element('p.muted', 'Reading …');
  readonly #older = element(
    'button',
    { type: 'button', hidden: true, on: { click: () => this.#load() } },
    'Older messages',
  );
  /** By arrival. */
  readonly #shown = new Map<string, HTMLElement>();
  #oldest: string | undefined;
  #hasLoaded = false;

  constructor(device: string) {
    this.#device = device;
    this.element = section('Messages', this.#note, this.#list, this.#older);
    this.#load();
  }

  add(messages: readonly Message[]): void {
    for (const message of messages) {
      const line = this.#line(message);
      if (line !== undefined) this.#list.prepend(line);
    }
    if (this.#oldest === undefined) {
      for (const [arrival, line] of this.#shown) {
        if (this.#shown.size <= MOST_LIVE) break;
        line.remove();
        this.#shown.delete(arrival);
      }
    }
    if (this.#hasLoaded) this.#note.hidden = this.#shown.size > 0;
  }

  #load(): void {
    this.#older.disabled = true;
    ask<readonly Message[]>('/api/messages', {
      device: this.#device,
      ...(this.#oldest !== undefined && { before: this.#oldest }),
    })
      .then((messages) => {
        const lines = messages.map((message) => this.#line(message)).filter((line) => line !== undefined);
        this.#list.append(...lines);
        this.#oldest = messages.at(-1)?.arrival ?? this.#oldest;
        this.#older.hidden = messages.length === 0;
        this.#hasLoaded = true;
        setText(this.#note, this.#shown.size === 0 ? 'No message yet.' : '');
        this.#note.hidden = this.#shown.size > 0;
      })
      .catch((error: unknown) => {
        setText(this.#note, (error as Error).message);
        this.#note.hidden = false;
        if (!this.#hasLoaded) setTimeout(() => this.#load(), 2_000);
      })
      .finally(() => (this.#older.disabled = false));
  }

  /** None where the message has one. */
  #line(message: Message): HTMLElement | undefined {
    if (this.#shown.has(message.arrival)) return undefined;
    const { received, measured = received, topic = '', text } = message;
    const late = received - measured > LATE_MS && element('span.late', `arrived ${formatTime(received)}`);
    const line = element(
      'li',
      element(
        'button',
        { type: 'button', on: { click: () => showMessage(message) } },
        element('span.time', formatTime(measured), late),
        element('span.topic.theirs', topic),
        element('span.text.theirs', text),
      ),
    );
    this.#shown.set(message.arrival, line);
    return line;
  }
}
