import type { QueueAttributeName } from '@aws-sdk/client-sqs';
import { AwsError } from '../errors.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import { resourcePolicy } from '../policy/resource-policy.ts';
import type { Account, Call, Operation } from '../service.ts';
import type { Collection, State } from '../state/state.ts';
import type { Tags } from '../tags.ts';
import { MessageQueue, type StoredMessage } from './message-queue.ts';

export interface Queue {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly modified: number;
  readonly attributes: Readonly<Partial<Record<QueueAttributeName, string>>>;
  readonly tags: Tags;
}

interface QueueInput {
  QueueUrl?: string | undefined;
}

/** Queues and their messages. */
export class QueueStore {
  readonly queues: Collection<Queue>;
  readonly #messages: Collection<StoredMessage>;
  readonly #open = new Map<string, MessageQueue>();
  readonly #account: Account;
  readonly #endpoint: () => string;

  constructor(state: State, account: Account, endpoint: () => string) {
    this.queues = state.collection('sqs.queues');
    this.#messages = state.collection('sqs.messages');
    this.#account = account;
    this.#endpoint = endpoint;
    const keys = [...this.#messages.keys()];
    for (const { name } of this.queues.values()) {
      const own = keys.filter((key) => key.startsWith(`${name}/`));
      this.#open.set(name, new MessageQueue(this.#messages, name, own));
    }
  }

  arn(name: string): string {
    return `arn:aws:sqs:${this.#account.region}:${this.#account.id}:${name}`;
  }

  url({ name }: Queue): string {
    return `${this.#endpoint()}/${this.#account.id}/${name}`;
  }

  /** The name in a queue's URL. The host is not looked at: the local cloud may listen on another port than at the time. */
  nameOf(url = ''): string {
    const [, account, name = ''] = /^https?:\/\/[^/]+\/([^/]+)\/([^/]+)$/.exec(url) ?? [];
    return account === this.#account.id ? name : '';
  }

  find(name: string): Queue {
    const queue = this.queues.get(name);
    if (!queue) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
    return queue;
  }

  messages({ name }: Queue): MessageQueue {
    const messages = this.#open.get(name) ?? new MessageQueue(this.#messages, name, []);
    this.#open.set(name, messages);
    return messages;
  }

  delete(queue: Queue): void {
    this.messages(queue).close();
    this.#open.delete(queue.name);
    this.queues.delete(queue.name);
  }

  policy({ QueueUrl }: QueueInput): PolicyDocument | undefined {
    const text = this.queues.get(this.nameOf(QueueUrl))?.attributes.Policy;
    return text === undefined || text === '' ? undefined : resourcePolicy(text);
  }

  /** An operation on a queue that exists, open to whom the caller's own policies or the queue's allow it. */
  operation<I extends QueueInput, O extends object | void>(definition: {
    readonly action?: string;
    readonly takes: readonly (keyof I & string)[];
    readonly handle: (queue: Queue, input: I, call: Call) => O | Promise<O>;
  }): Operation<I, O> {
    return {
      ...(definition.action !== undefined && { action: definition.action }),
      takes: ['QueueUrl', ...definition.takes],
      resource: ({ QueueUrl }) => this.arn(this.nameOf(QueueUrl)),
      resourcePolicy: (input) => this.policy(input),
      handle: (input, call) => definition.handle(this.find(this.nameOf(input.QueueUrl)), input, call),
    };
  }
}
