import { Denials } from './cloud-panels.ts';
import { Curves } from './curves.ts';
import { openCommand, openRevocation } from './dialogs.ts';
import { Chip, reasonText, stateOf } from './device-state.ts';
import { element, setText, type View } from './dom.ts';
import { formatAgo, formatDay, formatTime } from './format.ts';
import { Messages } from './messages.ts';
import type { Store } from './store.ts';
import type { DeviceView } from './wire.ts';

/** One device: how it is, its curves, its messages, and what can be done to it. */
export class DevicePage implements View {
  readonly title: string;
  readonly element: HTMLElement;
  readonly #device: string;
  readonly #store: Store;
  readonly #chip = new Chip();
  readonly #facts = element('dl.facts');
  readonly #warnings = element('ul.plain');
  readonly #actions: HTMLElement;
  readonly #missing = element('p.warning');
  readonly #curves: Curves;
  readonly #messages: Messages;
  readonly #denials: Denials;
  readonly #endings: (() => void)[];

  constructor(device: string, store: Store) {
    this.title = device;
    this.#device = device;
    this.#store = store;
    this.#curves = new Curves(device);
    this.#messages = new Messages(device);
    this.#denials = new Denials(device);
    const button = (text: string, kind: string, open: (view: DeviceView) => void) =>
      element(
        'button',
        {
          class: kind,
          type: 'button',
          on: {
            click: () => {
              const view = store.device(device);
              if (view !== undefined) open(view);
            },
          },
        },
        text,
      );
    this.#actions = element(
      'div.actions',
      button('Send a command …', 'primary', openCommand),
      button('Revoke …', 'danger quiet', openRevocation),
    );
    this.element = element(
      'div',
      element('nav', { 'aria-label': 'Back' }, element('a', { href: '#/' }, '← Fleet')),
      element('div.headline', element('h1', device), this.#chip.element, this.#actions),
      this.#missing,
      this.#warnings,
      this.#facts,
      this.#curves.element,
      this.#messages.element,
      this.#denials.element,
    );
    const ticker = setInterval(() => this.#show(), 1_000);
    this.#endings = [
      store.onChange(() => this.#show()),
      store.onMessages((all) => {
        const messages = all.filter((message) => message.device === device);
        if (messages.length === 0) return;
        this.#curves.add(messages);
        this.#messages.add(messages);
      }),
      () => clearInterval(ticker),
      () => this.#curves.close(),
    ];
    this.#show();
  }

  close(): void {
    for (const end of this.#endings) end();
  }

  #show(): void {
    const view = this.#store.device(this.#device);
    const isMissing = this.#store.devices !== undefined && view === undefined;
    this.#missing.hidden = !isMissing;
    setText(this.#missing, isMissing ? 'No fleet file and no stack has this device. What it sent is still here.' : '');
    this.#actions.hidden = view === undefined || view.revoked;
    this.#chip.element.hidden = view === undefined;
    this.#denials.show(this.#store);
    if (view === undefined) return;
    this.#chip.show(stateOf(view));
    this.#showList(this.#warnings, view.disagreements);
    this.#showFacts(view);
  }

  #showList(list: HTMLElement, lines: readonly string[]): void {
    if (list.dataset.lines === JSON.stringify(lines)) return;
    list.dataset.lines = JSON.stringify(lines);
    list.replaceChildren(...lines.map((line) => element('li.warning.theirs', line)));
  }

  #showFacts(view: DeviceView): void {
    const facts: [string, string][] = [
      ['Site', view.site],
      ['Board', view.board ?? 'not in the fleet file'],
      ['Connection', connectionText(view)],
      [
        'Last message',
        view.lastSeen === undefined ? 'none yet' : `${formatAgo(view.lastSeen)}, ${formatTime(view.lastSeen)}`,
      ],
      ...(view.certificates ?? []).map(({ id, status, expires }): [string, string] => [
        'Certificate',
        [`${id.slice(0, 8)} ${status}`, expires && `valid until ${formatDay(expires)}`].filter(Boolean).join(', '),
      ]),
    ];
    if (!view.certificates?.length) facts.push(['Certificate', view.certificates ? 'none' : 'unknown']);
    if (this.#facts.childElementCount !== facts.length) {
      this.#facts.replaceChildren(...facts.map(([name]) => element('div', element('dt', name), element('dd.theirs'))));
    }
    facts.forEach(([name, value], index) => {
      const [term, description] = this.#facts.children[index]?.children ?? [];
      if (term !== undefined) setText(term, name);
      if (description !== undefined) setText(description, value);
    });
  }
}

function connectionText({ connected, deployed, disconnected }: DeviceView): string {
  if (connected) return 'connected';
  if (!deployed) return 'not deployed';
  if (connected === undefined) return 'unknown';
  if (disconnected === undefined) return 'none for half an hour';
  return `ended ${formatAgo(disconnected.since)}: ${reasonText(disconnected.reason)}`;
}
