import { ask } from './connection.ts';
import { element, KeyedList, setText, type Shown } from './dom.ts';
import { type DenialGroup, groupedDenials } from './denials.ts';
import { isDenial, reasonText } from './device-state.ts';
import { counted, formatTime } from './format.ts';
import type { Store } from './store.ts';
import type { AlarmView, DeadLetterView, Denial, DeviceView, Known } from './wire.ts';

/** A part of the page with a heading. */
export function section(title: string, ...content: (Node | string)[]): HTMLElement {
  return element('section.block', element('h2', title), ...content);
}

/** The fleet's alarms, those that ring first. */
export class Alarms {
  readonly #note = element('p.muted.theirs');
  readonly #list = new KeyedList<AlarmView>(element('ul.plain'), ({ name }) => name, shownAlarm);
  readonly element = section('Alarms', this.#note, this.#list.element);

  show(alarms: Known<readonly AlarmView[]> | undefined): void {
    const known = knownOf(alarms) ?? [];
    const ringing = known.filter(({ state }) => state === 'ALARM');
    this.#list.show(ringing);
    const quiet = known.length - ringing.length;
    setText(
      this.#note,
      remarkOf(alarms) ??
        (known.length === 0
          ? 'No alarm is deployed.'
          : `${counted(quiet, 'alarm')} ${quiet === 1 ? 'is' : 'are'} quiet.`),
    );
  }
}

function shownAlarm(): Shown<AlarmView> {
  const [head, description, name] = [element('strong.alarm'), element('p.theirs'), element('p.muted.theirs')];
  return {
    element: element('li.item.bad', head, description, name),
    update: (alarm) => {
      setText(head, alarm.since === undefined ? 'Rings' : `Rings since ${formatTime(alarm.since)}`);
      setText(description, alarm.description);
      setText(name, alarm.name);
    },
  };
}

/** How many dead letters wait, and a look at some. */
export class DeadLetters {
  readonly #note = element('p.muted.theirs');
  readonly #button = element('button', { type: 'button' }, 'Look at ten');
  readonly #letters = element('ul.plain');
  readonly element = section('Dead letters', this.#note, this.#button, this.#letters);

  constructor() {
    this.#button.addEventListener('click', () => void this.#look());
  }

  show(deadLetters: Known<number> | undefined): void {
    const waiting = knownOf(deadLetters);
    setText(
      this.#note,
      remarkOf(deadLetters) ??
        (waiting === 0
          ? 'None: the table took every message.'
          : `${counted(waiting ?? 0, 'message')} that the table did not take. To make rows of them: bin/fleet redrive`),
    );
    this.#button.hidden = !waiting;
    if (waiting === 0) this.#letters.replaceChildren();
  }

  async #look(): Promise<void> {
    this.#button.disabled = true;
    try {
      const letters = await ask<readonly DeadLetterView[]>('/api/dead-letters');
      this.#letters.replaceChildren(...letters.map(shownLetter));
      if (letters.length === 0) this.#letters.replaceChildren(element('li', 'Somebody else has received them.'));
    } catch (error) {
      this.#letters.replaceChildren(element('li.failure.theirs', (error as Error).message));
    }
    this.#button.disabled = false;
  }
}

function shownLetter({ topic, arrived, payload }: DeadLetterView): HTMLElement {
  const head = [arrived === undefined ? undefined : formatTime(arrived), topic].filter(Boolean).join('  ');
  return element(
    'li.item',
    element('p.theirs', head || 'No message of a rule'),
    element('pre.theirs', { tabindex: 0, role: 'group', 'aria-label': 'The lost message' }, payload),
  );
}

/** What the broker did not allow, and why, as far as the cloud tells. */
export class Denials {
  readonly #device: string | undefined;
  readonly #note = element('p.muted.theirs');
  readonly #list = new KeyedList<DenialGroup>(
    element('ul.plain'),
    ({ denial: { what, client, certificate, topic, why } }) => JSON.stringify([what, client, certificate, topic, why]),
    shownDenial,
  );
  readonly element = section('Denied', this.#list.element, this.#note);

  /** @param device only what this one was denied, or what was tried with its certificate or in its name */
  constructor(device?: string) {
    this.#device = device;
  }

  show({ watched, devices = [] }: Store): void {
    const denials = watched?.denials;
    const logged = knownOf(denials);
    const all = groupedDenials(logged ?? devices.flatMap(denialOfSession), devices);
    const ours = all.filter(
      ({ device, denial }) => this.#device === undefined || [device, denial.client].includes(this.#device),
    );
    this.#list.show(ours.slice(0, 20));
    const none = logged !== undefined && ours.length === 0;
    setText(this.#note, remarkOf(denials) ?? (none ? 'Nothing in the last three hours.' : ''));
  }
}

/** Without the broker's log, there is still how each last session ended. */
function denialOfSession({ device, disconnected }: DeviceView): Denial[] {
  if (disconnected === undefined || !isDenial(disconnected.reason)) return [];
  return [{ time: disconnected.since, what: 'Disconnect', client: device, why: reasonText(disconnected.reason) }];
}

function shownDenial({ denial: { what, client, certificate, topic, why } }: DenialGroup): Shown<DenialGroup> {
  const [when, who] = [element('span.muted'), element('p.theirs')];
  return {
    element: element(
      'li.item.bad',
      when,
      element('p.theirs', [what, client, topic].filter(Boolean).join('  ')),
      ...(certificate === undefined ? [] : [who]),
      element('p.theirs', why),
    ),
    update: ({ count, first, last, device: holder }) => {
      setText(when, count === 1 ? formatTime(last) : `${formatTime(last)}, ${count} times since ${formatTime(first)}`);
      setText(
        who,
        `Certificate ${certificate?.slice(0, 8)} ${holder === undefined ? 'of no device of the fleet' : `of ${holder}`}`,
      );
    },
  };
}

function knownOf<T>(known: Known<T> | undefined): T | undefined {
  return known !== undefined && 'value' in known ? known.value : undefined;
}

function remarkOf<T>(known: Known<T> | undefined): string | undefined {
  if (known === undefined) return 'Asking the cloud …';
  return 'unknown' in known ? known.unknown : undefined;
}
