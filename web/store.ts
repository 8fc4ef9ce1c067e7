import type { CloudWatchView, DeviceView, Message, ServerEvent } from './wire.ts';

/** Of each device, so many messages are known again when they come twice. */
const REMEMBERED = 500;

/** What the page knows of the present, and who wants to hear of it. */
export class Store {
  cloud = '';
  leftOut = '';
  devices: readonly DeviceView[] | undefined;
  watched: CloudWatchView | undefined;
  problems: readonly string[] = [];
  /** Of the page's own server. */
  serverProblem: string | undefined;
  readonly #seen = new Map<string, Set<string>>();
  readonly #onChange = new Set<() => void>();
  readonly #onMessages = new Set<(messages: readonly Message[]) => void>();

  take(event: ServerEvent): void {
    switch (event.type) {
      case 'fleet':
        this.cloud = event.cloud;
        this.leftOut = event.leftOut ?? '';
        this.devices = event.devices.map((view) => newer(view, this.device(view.device)));
        break;
      case 'messages':
        return this.#takeMessages(event.messages);
      case 'watch':
        this.watched = event;
        break;
      case 'problems':
        this.problems = event.problems;
        break;
    }
    this.#changed();
  }

  setServerProblem(problem: string | undefined): void {
    this.serverProblem = problem;
    this.#changed();
  }

  device(name: string): DeviceView | undefined {
    return this.devices?.find(({ device }) => device === name);
  }

  /** @returns what ends it */
  onChange(listener: () => void): () => void {
    this.#onChange.add(listener);
    return () => this.#onChange.delete(listener);
  }

  /** Messages as they arrive, each once. @returns what ends it */
  onMessages(listener: (messages: readonly Message[]) => void): () => void {
    this.#onMessages.add(listener);
    return () => this.#onMessages.delete(listener);
  }

  #takeMessages(all: readonly Message[]): void {
    const messages = all.filter((message) => this.#isNew(message));
    if (messages.length === 0) return;
    const newest = new Map(messages.map((message) => [message.device, message]));
    this.devices = this.devices?.map((view) => {
      const message = newest.get(view.device);
      return message === undefined ? view : newer({ ...view, newest: message }, view);
    });
    for (const listener of this.#onMessages) listener(messages);
    this.#changed();
  }

  #isNew({ device, arrival }: Message): boolean {
    const seen = this.#seen.get(device) ?? new Set();
    this.#seen.set(device, seen);
    if (seen.has(arrival)) return false;
    seen.add(arrival);
    if (seen.size > REMEMBERED) for (const oldest of seen) return seen.delete(oldest); // a set keeps its order
    return true;
  }

  #changed(): void {
    for (const listener of this.#onChange) listener();
  }
}

/** Messages arrive faster than the state of all devices: the newest one known stays. */
function newer(view: DeviceView, before: DeviceView | undefined): DeviceView {
  const newest = [view.newest, before?.newest].reduce((one, other) =>
    one === undefined || (other !== undefined && other.arrival > one.arrival) ? other : one,
  );
  const lastSeen = Math.max(view.lastSeen ?? 0, newest?.received ?? 0);
  return { ...view, ...(newest && { newest }), ...(lastSeen > 0 && { lastSeen }) };
}
