import type { Message } from '@aws-sdk/client-sqs';
import { type DeadLetterQueue, deleteMessages, type Receipt } from '../aws/dead-letter-queue.ts';
import { concurrently } from '../../aws/concurrently.ts';
import { isDenied } from '../terminal/error-message.ts';
import { type DeadLetter, deadLetterIn } from './dead-letter.ts';
import { UnplaceableError } from './redriven-rows.ts';

/** How many batches are under way at once. */
const WORKERS = 8;

/** What a row keeps of a payload: a column a field, or all of it in one. */
export type Form = 'columns' | 'raw';

/** A message that stays in the queue. */
export interface Left {
  readonly messageId: string;
  /** Where it is known. */
  readonly topic?: string;
  readonly reason: string;
}

/** What became of the dead letters: rows by their form, and what is left. */
export interface Tally extends Record<Form, number> {
  readonly left: Left[];
}

export interface RedriveOptions {
  readonly queue: DeadLetterQueue;
  /** Makes a row of a dead letter. What it throws ends the redrive, unless it is an {@link UnplaceableError}. */
  readonly place: (letter: DeadLetter) => Promise<Form>;
  /** Whether to delete what became a row. */
  readonly remove: boolean;
  /** How long to wait for messages that someone else has received, in milliseconds. */
  readonly patience: number;
  /** Ends it, once what is in flight is done. */
  readonly signal: AbortSignal;
  /** Called whenever dead letters were dealt with. */
  readonly onProgress: () => void;
}

/**
 * Makes rows of dead letters until there are no more. A message is deleted once its row is written and not before, and
 * the same message makes the same row again: it may end anywhere, be repeated, and run twice at once.
 */
export class Redrive {
  readonly tally: Tally = { columns: 0, raw: 0, left: [] };
  readonly #options: RedriveOptions;
  /** What is not deleted, by its id; without the bodies, since that may be all of the queue. */
  readonly #kept = new Map<string, Receipt>();
  #latest = Date.now();
  #failed = false;

  constructor(options: RedriveOptions) {
    this.#options = options;
  }

  /** @throws what `place` throws, and what SQS answers, after what was in flight is done */
  async run(): Promise<void> {
    const ends = await Promise.allSettled(Array.from({ length: WORKERS }, () => this.#work()));
    // Whoever comes next sees them at once; without this they come back by themselves.
    const denials: Error[] = [];
    await concurrently([...this.#kept.values()], (receipt) =>
      this.#options.queue.giveBack(receipt).catch((error: unknown) => {
        if (isDenied(error)) denials.push(error);
      }),
    );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    for (const denial of denials) throw denial; // of nothing else would anybody hear
  }

  async #work(): Promise<void> {
    const { queue, signal } = this.#options;
    try {
      while (!signal.aborted && !this.#failed) {
        const messages = await queue.receive();
        // One that was left comes back when this takes longer than it stays hidden.
        const unseen = messages.filter((message) => !this.#kept.has(idOf(message)));
        if (unseen.length > 0) await this.#deal(unseen);
        else if (messages.length === 0 && (await this.#isOver())) return;
      }
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  /** Others, of ours or of another redrive, may hold messages that they will never deal with, since they were killed. */
  async #isOver(): Promise<boolean> {
    const { queue, patience } = this.#options;
    const { visible, inFlight } = await queue.depth();
    return visible + inFlight <= this.#kept.size || Date.now() - this.#latest > patience;
  }

  async #deal(messages: readonly Message[]): Promise<void> {
    for (const message of messages) this.#kept.set(idOf(message), { ReceiptHandle: message.ReceiptHandle });
    const placed = await Promise.allSettled(messages.map((message) => this.#place(message)));
    const forms = new Map<Message, Form>();
    for (const [index, outcome] of placed.entries()) {
      if (outcome.status === 'fulfilled' && outcome.value) forms.set(messages[index] as Message, outcome.value);
    }
    await this.#remove(forms);
    this.#latest = Date.now();
    this.#options.onProgress();
    for (const outcome of placed) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** @returns undefined for what cannot be placed, which is noted then */
  async #place(message: Message): Promise<Form | undefined> {
    const letter = deadLetterIn(message);
    try {
      if (letter === undefined) throw new UnplaceableError('it is no message of the error action of a rule');
      return await this.#options.place(letter);
    } catch (error) {
      if (!(error instanceof UnplaceableError)) throw error;
      const topic = letter && { topic: letter.topic };
      this.tally.left.push({ messageId: idOf(message), ...topic, reason: error.message });
      return undefined;
    }
  }

  async #remove(placed: ReadonlyMap<Message, Form>): Promise<void> {
    const { queue, remove } = this.#options;
    const stay = remove ? await deleteMessages(queue, [...placed.keys()]) : undefined;
    for (const [message, form] of placed) {
      const messageId = idOf(message);
      const problem = stay?.get(messageId);
      if (problem === undefined) this.tally[form] += 1;
      else this.tally.left.push({ messageId, reason: `its row is written, but SQS did not delete it: ${problem}` });
      if (remove && problem === undefined) this.#kept.delete(messageId);
    }
  }
}

function idOf({ MessageId = '' }: Message): string {
  return MessageId;
}
