import { createHash, randomUUID } from 'node:crypto';
import type { Collection } from '../state/state.ts';

/** Times in milliseconds since 1970. */
export interface StoredMessage {
  readonly id: string;
  readonly body: string;
  readonly sent: number;
  /** User id of the sender. */
  readonly sender: string;
  /** When the message may be received (again). */
  readonly visibleAt: number;
  readonly receives: number;
  readonly firstReceived: number | undefined;
  /** Of the latest receipt, the only one that deletes. */
  readonly receiptHandle: string | undefined;
}

export interface ReceiveOptions {
  readonly most: number;
  /** Seconds that the messages are then hidden. */
  readonly visibility: number;
  /** Seconds to wait for a message when there is none. */
  readonly wait: number;
  /** Seconds after which a message is dropped. */
  readonly retention: number;
}

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/**
 * The messages of one queue: those that can be received in the order in which they came or came back, and those that are
 * hidden, since they are delayed or have been received.
 */
export class MessageQueue {
  readonly #messages: Collection<StoredMessage>;
  readonly #prefix: string;
  readonly #ready = new Map<string, StoredMessage>();
  readonly #hidden = new Map<string, StoredMessage>();
  readonly #waiting = new Set<() => void>();
  /** Nothing hidden is visible before. A queue may hide tens of thousands of messages, so they are not gone through each time. */
  #nextVisible = Infinity;
  #inFlight = 0;
  #last = 0;
  #open = true;

  /** `stored` are the queue's messages from before a restart, by their keys in the collection. */
  constructor(messages: Collection<StoredMessage>, queue: string, stored: readonly string[]) {
    this.#messages = messages;
    this.#prefix = `${queue}/`;
    for (const key of [...stored].sort()) {
      const message = messages.get(key);
      if (message) this.#hide(key, message);
      this.#last = Number(key.slice(this.#prefix.length));
    }
  }

  send(body: string, delay: number, sender: string): StoredMessage {
    const now = Date.now();
    const more = { receives: 0, firstReceived: undefined, receiptHandle: undefined };
    const message = { id: randomUUID(), body, sent: now, sender, visibleAt: now + delay * 1000, ...more };
    const key = this.#prefix + String(++this.#last).padStart(16, '0');
    this.#messages.set(key, message);
    if (delay > 0) this.#hide(key, message);
    else this.#ready.set(key, message);
    this.#wake();
    return message;
  }

  /** The messages that there are, or the first that come within the time to wait. */
  async receive(options: ReceiveOptions): Promise<StoredMessage[]> {
    const deadline = Date.now() + options.wait * 1000;
    for (;;) {
      const received = this.#take(options);
      if (received.length > 0 || Date.now() >= deadline || !this.#open) return received;
      await this.#change(Math.min(deadline, this.#nextVisible));
    }
  }

  /** Whether the handle is one of this queue's, be it that its message is gone. */
  owns(receiptHandle: string): boolean {
    return /^\d{16}$/.test(receiptHandle.split('.')[0] ?? '');
  }

  /** Takes the message away. A handle that is not the latest of its message does nothing. */
  delete(receiptHandle: string): void {
    const key = this.#find(receiptHandle);
    if (key !== undefined) this.#drop(key);
  }

  /** Whether the message was in flight. */
  changeVisibility(receiptHandle: string, seconds: number): boolean {
    const key = this.#find(receiptHandle);
    const message = key === undefined ? undefined : this.#hidden.get(key);
    if (key === undefined || !message) return false;
    const changed = { ...message, visibleAt: Date.now() + seconds * 1000 };
    this.#messages.set(key, changed);
    this.#unhide(key);
    this.#hide(key, changed);
    this.#wake();
    return true;
  }

  purge(): void {
    for (const key of [...this.#ready.keys(), ...this.#hidden.keys()]) this.#drop(key);
  }

  /** Takes all away and answers who waits. */
  close(): void {
    this.#open = false;
    this.purge();
    this.#wake();
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  count(retention: number): { readonly visible: number; readonly delayed: number; readonly inFlight: number } {
    this.#show();
    for (const [key, { sent }] of this.#ready) if (sent + retention * 1000 < Date.now()) this.#drop(key);
    const { inFlight } = this;
    return { visible: this.#ready.size, delayed: this.#hidden.size - inFlight, inFlight };
  }

  #take({ most, visibility, retention }: ReceiveOptions): StoredMessage[] {
    this.#show();
    const now = Date.now();
    const taken: StoredMessage[] = [];
    for (const [key, message] of this.#ready) {
      if (taken.length === most) break;
      if (message.sent + retention * 1000 < now) {
        this.#drop(key);
        continue;
      }
      const received = {
        ...message,
        visibleAt: now + visibility * 1000,
        receives: message.receives + 1,
        firstReceived: message.firstReceived ?? now,
        receiptHandle: `${key.slice(this.#prefix.length)}.${randomUUID()}`,
      };
      this.#messages.set(key, received);
      this.#ready.delete(key);
      this.#hide(key, received);
      taken.push(received);
    }
    return taken;
  }

  #show(): void {
    const now = Date.now();
    if (now < this.#nextVisible) return;
    this.#nextVisible = Infinity;
    for (const [key, message] of this.#hidden) {
      if (message.visibleAt > now) {
        this.#nextVisible = Math.min(this.#nextVisible, message.visibleAt);
        continue;
      }
      this.#unhide(key);
      this.#ready.set(key, message);
    }
  }

  #hide(key: string, message: StoredMessage): void {
    this.#hidden.set(key, message);
    this.#nextVisible = Math.min(this.#nextVisible, message.visibleAt);
    if (message.receives > 0) this.#inFlight += 1;
  }

  #unhide(key: string): void {
    const receives = this.#hidden.get(key)?.receives ?? 0;
    this.#hidden.delete(key);
    if (receives > 0) this.#inFlight -= 1;
  }

  #find(receiptHandle: string): string | undefined {
    const key = this.#prefix + (receiptHandle.split('.')[0] ?? '');
    const message = this.#hidden.get(key) ?? this.#ready.get(key);
    return message?.receiptHandle === receiptHandle ? key : undefined;
  }

  #drop(key: string): void {
    this.#ready.delete(key);
    this.#unhide(key);
    this.#messages.delete(key);
  }

  /** Resolves when a message is sent or shown, at the latest then. */
  async #change(latest: number): Promise<void> {
    let wake = (): void => undefined;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      wake = resolve;
      this.#waiting.add(wake);
      timer = setTimeout(resolve, Math.max(0, latest - Date.now())).unref();
    });
    clearTimeout(timer);
    this.#waiting.delete(wake);
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}
