import type { Dispatcher } from '../dispatcher.ts';
import { AwsError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Principal } from '../policy/principal.ts';
import type { LambdaFunction } from './function-store.ts';
import type { LogLine } from './log-lines.ts';

/** What PutLogEvents takes at a time (API Reference): 10,000 events, and 1 MiB at 26 bytes an event beside its message. */
function* batches(lines: readonly LogLine[]): Generator<LogLine[]> {
  let batch: LogLine[] = [];
  let bytes = 0;
  for (const line of lines) {
    const size = Buffer.byteLength(line.message) + 26;
    if (batch.length === 10_000 || bytes + size > 1_048_576) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(line);
    bytes += size;
  }
  yield batch;
}

/**
 * The log stream of one execution environment. It is written with the function's own role, so a role that may not write logs
 * has none: that is said once and does not hinder the function (Developer Guide, "Sending Lambda function logs to CloudWatch").
 */
export class FunctionLogs {
  readonly stream: string;
  readonly #dispatcher: Dispatcher;
  readonly #log: Log;
  readonly #group: string;
  readonly #role: Principal;
  readonly #function: string;
  #usable: Promise<boolean> | undefined;

  constructor(fn: LambdaFunction, stream: string, role: Principal, dispatcher: Dispatcher, log: Log) {
    this.stream = stream;
    this.#dispatcher = dispatcher;
    this.#log = log;
    this.#group = fn.logGroup;
    this.#role = role;
    this.#function = fn.name;
  }

  async write(lines: readonly LogLine[]): Promise<void> {
    this.#usable ??= this.#createStream();
    if (!(await this.#usable)) return;
    try {
      for (const logEvents of batches(lines)) await this.#call('PutLogEvents', { logEvents });
    } catch (error) {
      this.#give(error);
      this.#usable = Promise.resolve(false);
    }
  }

  async #createStream(): Promise<boolean> {
    try {
      await this.#call('CreateLogStream', {}).catch(async (error: unknown) => {
        if (!(error instanceof AwsError) || error.code !== 'ResourceNotFoundException') throw error;
        await this.#dispatcher.invoke(this.#role, 'logs', 'CreateLogGroup', { logGroupName: this.#group });
        await this.#call('CreateLogStream', {});
      });
      return true;
    } catch (error) {
      this.#give(error);
      return false;
    }
  }

  async #call(operation: string, input: object): Promise<unknown> {
    const where = { logGroupName: this.#group, logStreamName: this.stream };
    return this.#dispatcher.invoke(this.#role, 'logs', operation, { ...where, ...input });
  }

  #give(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#log.warn(`the logs of the Lambda function ${this.#function} are lost: ${why}`);
  }
}
