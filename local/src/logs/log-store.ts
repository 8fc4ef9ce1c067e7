import { AwsError } from '../errors.ts';
import type { Account } from '../service.ts';
import type { Collection, State } from '../state/state.ts';
import type { Tags } from '../tags.ts';

export interface LogGroup {
  readonly name: string;
  /** Milliseconds since 1970, as all times of CloudWatch Logs. */
  readonly created: number;
  /** Undefined keeps events for ever. */
  readonly retentionInDays: number | undefined;
  readonly tags: Tags;
}

export interface LogStream {
  readonly group: string;
  readonly name: string;
  readonly created: number;
  readonly firstEvent: number | undefined;
  readonly lastEvent: number | undefined;
  readonly lastIngestion: number | undefined;
}

export interface LogEvent {
  /** Rises with each event that is stored, in all streams. */
  readonly id: string;
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
}

const DAY = 24 * 60 * 60 * 1000;
// Neither a group's nor a stream's name holds a colon.
const streamKey = (group: string, stream: string): string => `${group}:${stream}`;

/** Log groups, their streams, and the events as they came, a record a PutLogEvents. */
export class LogStore {
  readonly groups: Collection<LogGroup>;
  readonly #streams: Collection<LogStream>;
  readonly #batches: Collection<LogEvent[]>;
  /** Keys of the batches of a stream, oldest first. */
  readonly #batchKeys = new Map<string, string[]>();
  readonly #account: Account;
  #lastId = 0;

  constructor(state: State, account: Account) {
    this.groups = state.collection('logs.groups');
    this.#streams = state.collection('logs.streams');
    this.#batches = state.collection('logs.batches');
    this.#account = account;
    for (const key of [...this.#batches.keys()].sort()) {
      this.#keysOf(key.slice(0, key.lastIndexOf(':'))).push(key);
      this.#lastId = Math.max(this.#lastId, Number(this.#batches.get(key)?.at(-1)?.id ?? 0));
    }
  }

  /** What IAM is asked about: CloudWatch Logs names a stream even where an action has none, and then an empty one. */
  resource(group = '', stream = ''): string {
    return `${this.groupArn(group)}:log-stream:${stream}`;
  }

  groupArn(group: string): string {
    return `arn:aws:logs:${this.#account.region}:${this.#account.id}:log-group:${group}`;
  }

  group(name = ''): LogGroup {
    const group = this.groups.get(name);
    if (!group) throw notFound('log group');
    return group;
  }

  deleteGroup(name: string): void {
    for (const stream of this.streams(name)) {
      const key = streamKey(name, stream.name);
      for (const batch of this.#keysOf(key)) this.#batches.delete(batch);
      this.#batchKeys.delete(key);
      this.#streams.delete(key);
    }
    this.groups.delete(name);
  }

  streams(group: string): LogStream[] {
    return [...this.#streams.values()].filter((stream) => stream.group === group);
  }

  findStream(group: string, name: string): LogStream | undefined {
    return this.#streams.get(streamKey(group, name));
  }

  stream(group: string, name = ''): LogStream {
    const stream = this.findStream(group, name);
    if (!stream) throw notFound('log stream');
    return stream;
  }

  createStream(group: string, name: string): void {
    const times = { created: Date.now(), firstEvent: undefined, lastEvent: undefined, lastIngestion: undefined };
    this.#streams.set(streamKey(group, name), { group, name, ...times });
  }

  append(stream: LogStream, events: readonly { readonly timestamp: number; readonly message: string }[]): void {
    const key = streamKey(stream.group, stream.name);
    const keys = this.#keysOf(key);
    this.#dropExpired(stream, keys);
    const ingestionTime = Date.now();
    const batch = events.map(({ timestamp, message }) => ({ id: this.#nextId(), timestamp, ingestionTime, message }));
    const batchKey = `${key}:${batch[0]?.id}`;
    this.#batches.set(batchKey, batch);
    keys.push(batchKey);
    const timestamps = batch.map(({ timestamp }) => timestamp);
    this.#streams.set(key, {
      ...stream,
      firstEvent: Math.min(stream.firstEvent ?? Infinity, ...timestamps),
      lastEvent: Math.max(stream.lastEvent ?? 0, ...timestamps),
      lastIngestion: ingestionTime,
    });
  }

  /** The events of a stream that are not past their group's retention, by time. */
  events({ group, name }: LogStream): LogEvent[] {
    const oldest = this.#oldest(group);
    return this.#keysOf(streamKey(group, name))
      .flatMap((key) => this.#batches.get(key) ?? [])
      .filter(({ timestamp }) => timestamp >= oldest)
      .sort((a, b) => a.timestamp - b.timestamp);
  }

  #oldest(group: string): number {
    const { retentionInDays } = this.group(group);
    return retentionInDays === undefined ? 0 : Date.now() - retentionInDays * DAY;
  }

  #dropExpired(stream: LogStream, keys: string[]): void {
    const oldest = this.#oldest(stream.group);
    while (keys[0] !== undefined && (this.#batches.get(keys[0])?.at(-1)?.timestamp ?? 0) < oldest)
      this.#batches.delete(keys.shift() ?? '');
  }

  #keysOf(stream: string): string[] {
    const keys = this.#batchKeys.get(stream) ?? [];
    this.#batchKeys.set(stream, keys);
    return keys;
  }

  #nextId(): string {
    return String(++this.#lastId).padStart(16, '0');
  }
}

const notFound = (what: string): AwsError =>
  new AwsError('ResourceNotFoundException', `The specified ${what} does not exist.`);
