import type * as sdk from '@aws-sdk/client-lambda';
import { AwsError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Pace } from '../pace/pace.ts';
import type { Operations } from '../service.ts';
import type { FunctionRunner } from './function-runner.ts';
import { type FunctionStore, type LambdaFunction, ONLY_VERSION } from './function-store.ts';
import type { Answer } from './protocol.ts';

/** API Reference, Invoke: 6 MB, and 1 MB for an event that waits in a queue. */
const MAX_SYNCHRONOUS_BYTES = 6 * 1024 * 1024;
const MAX_ASYNCHRONOUS_BYTES = 1024 * 1024;
const LOG_TAIL_BYTES = 4096;
/** How long an event waits for free concurrency (Developer Guide, invocation-async-error-handling). */
const MAX_AGE_MS = 6 * 3600 * 1000;

function readEvent({ Payload, InvocationType }: sdk.InvokeCommandInput): string {
  const most = InvocationType === 'Event' ? MAX_ASYNCHRONOUS_BYTES : MAX_SYNCHRONOUS_BYTES;
  const bytes = (Payload ?? new Uint8Array()) as Uint8Array;
  const { length } = bytes;
  if (length > most)
    throw new AwsError(
      'RequestTooLargeException',
      `${length} byte payload is too large for the limit (${most} bytes)`,
      413,
    );
  const text = length === 0 ? '{}' : Buffer.from(bytes).toString('utf8');
  try {
    JSON.parse(text);
  } catch {
    throw new AwsError('InvalidRequestContentException', 'Could not parse request body into json.');
  }
  return text;
}

const tooLarge = (length: number): Answer => ({
  error: {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size (${length} bytes) exceeded maximum allowed payload size (${MAX_SYNCHRONOUS_BYTES} bytes).`,
  },
});

/** Functions as they are invoked: at once, or by events that are tried again and that a restart loses. */
export class Invocations {
  readonly #store: FunctionStore;
  readonly #runner: FunctionRunner;
  readonly #log: Log;
  readonly #pace: Pace;
  #running = 0;
  readonly #retries = new Set<NodeJS.Timeout>();
  readonly #ended: (run: EventRun) => void;
  #closed = false;

  /** @param ended is told how each attempt at an event ended */
  constructor(store: FunctionStore, runner: FunctionRunner, log: Log, pace: Pace, ended: (run: EventRun) => void) {
    this.#store = store;
    this.#runner = runner;
    this.#log = log;
    this.#pace = pace;
    this.#ended = ended;
  }

  operation(): Operations<typeof sdk>['Invoke'] {
    return {
      action: 'lambda:InvokeFunction',
      takes: ['FunctionName', 'InvocationType', 'LogType', 'Payload', 'Qualifier'],
      resource: ({ FunctionName }) => this.#store.arn(FunctionName),
      resourcePolicy: ({ FunctionName }) => this.#store.policy(FunctionName),
      handle: async (input, { requestId }) => {
        const { InvocationType = 'RequestResponse', LogType } = input;
        const fn = this.#store.find(input.FunctionName, input.Qualifier);
        const event = readEvent(input);
        if (InvocationType === 'DryRun') return { StatusCode: 204 };
        if (InvocationType === 'Event') {
          this.#runLater({ fn, event, requestId, failed: 0, throttled: 0, since: Date.now() });
          return { StatusCode: 202 };
        }
        if (this.#isFull) throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
        const run = await this.#run(fn, event, requestId);
        const size = 'result' in run.answer ? Buffer.byteLength(run.answer.result) : 0;
        const answer = size > MAX_SYNCHRONOUS_BYTES ? tooLarge(size) : run.answer;
        const log = Buffer.from(run.lines.map(({ message }) => `${message}\n`).join('')).subarray(-LOG_TAIL_BYTES);
        return {
          StatusCode: 200,
          ExecutedVersion: ONLY_VERSION,
          ...('error' in answer && { FunctionError: 'Unhandled' }),
          ...(LogType === 'Tail' && { LogResult: log.toString('base64') }),
          Payload: Buffer.from('error' in answer ? JSON.stringify(answer.error) : answer.result),
        };
      },
    };
  }

  close(): void {
    this.#closed = true;
    for (const retry of this.#retries) clearTimeout(retry);
  }

  get #isFull(): boolean {
    return this.#running >= this.#pace.lambdaConcurrency;
  }

  async #run(...run: Parameters<FunctionRunner['run']>): ReturnType<FunctionRunner['run']> {
    this.#running += 1;
    try {
      return await this.#runner.run(...run);
    } finally {
      this.#running -= 1;
    }
  }

  // The same request id at every attempt, as in AWS: a function can tell by it that it has seen the event.
  #runLater(waiting: WaitingEvent): void {
    const { fn, event, requestId, failed, throttled, since } = waiting;
    if (this.#isFull) {
      const pauses = this.#pace.pauses('lambda-throttled');
      if (Date.now() - since > MAX_AGE_MS) return this.#drop(waiting, 'found no free concurrency for six hours');
      this.#again({ ...waiting, throttled: throttled + 1 }, pauses[throttled] ?? pauses.at(-1) ?? 0);
      return;
    }
    void this.#run(this.#store.functions.get(fn.name) ?? fn, event, requestId)
      .then(({ answer, last }) => ({
        error: 'error' in answer ? `${answer.error.errorType}: ${answer.error.errorMessage}` : undefined,
        last,
      }))
      .catch((error: unknown) => ({ error: error instanceof Error ? error.message : String(error), last: undefined }))
      .then((outcome) => {
        if (this.#closed) return;
        this.#ended({ functionName: fn.name, event, ...outcome });
        if (outcome.error === undefined) return;
        const pause = this.#pace.pauses('lambda-failed')[failed];
        if (pause === undefined) return this.#drop(waiting, `failed ${failed + 1} times`);
        this.#again({ ...waiting, failed: failed + 1 }, pause);
      });
  }

  #again(waiting: WaitingEvent, pause: number): void {
    const retry = setTimeout(() => {
      this.#retries.delete(retry);
      if (this.#store.functions.has(waiting.fn.name)) this.#runLater(waiting);
    }, pause);
    this.#retries.add(retry);
  }

  #drop({ fn, requestId }: WaitingEvent, why: string): void {
    this.#log.warn(`the Lambda function ${fn.name} ${why}; the event ${requestId} is dropped`);
  }
}

/** How an attempt at an event ended. */
export interface EventRun {
  readonly functionName: string;
  /** JSON. */
  readonly event: string;
  /** Undefined when the function did not fail. */
  readonly error: string | undefined;
  /** The last line that the function wrote; undefined when it wrote none. */
  readonly last: string | undefined;
}

/** An event on its way to a function. */
interface WaitingEvent {
  readonly fn: LambdaFunction;
  readonly event: string;
  readonly requestId: string;
  /** How often the function failed on it. */
  readonly failed: number;
  /** How often it found no free concurrency. */
  readonly throttled: number;
  /** Milliseconds since 1970. */
  readonly since: number;
}
