import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type LogLine, readLines } from './log-lines.ts';
import type { Answer, InvocationMessage, RunnerMessage } from './protocol.ts';

export interface ExecutionEnvironmentOptions {
  /** Folder with the function's code. */
  readonly folder: string;
  /** All the environment variables there are. */
  readonly variables: Readonly<Record<string, string>>;
  /** Seconds an event may take. */
  readonly timeout: number;
  /** Megabytes of JavaScript objects. */
  readonly memory: number;
}

/** An event and how long it took. */
export interface Outcome {
  readonly answer: Answer;
  readonly lines: readonly LogLine[];
  readonly milliseconds: number;
}

const RUNNER = new URL('./runner.mjs', import.meta.url);
/** Developer Guide, "Init phase": loading the code may take 10 seconds. */
const INIT_SECONDS = 10;

const timedOut = (requestId: string, seconds: number): Answer => ({
  error: {
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`,
  },
});

const exited = (requestId: string, code: number | null, signal: string | null): Answer => {
  const how = signal ? `signal: ${signal === 'SIGKILL' ? 'killed' : signal}` : `exit status ${code}`;
  const why = code === 0 ? 'exited without providing a reason' : `exited with error: ${how}`;
  return { error: { errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${requestId} Error: Runtime ${why}` } };
};

interface Running {
  readonly requestId: string;
  readonly lines: LogLine[];
  /** Outputs from which the end of the invocation has not come yet, and 1 for the answer itself. */
  open: number;
  answer: Answer | undefined;
  last: boolean;
  readonly done: (answer: Answer) => void;
}

/** A process that runs one function, for one event at a time, as AWS's execution environments do. */
export class ExecutionEnvironment {
  readonly #options: ExecutionEnvironmentOptions;
  readonly #process: ChildProcess;
  readonly #ready: Promise<void>;
  readonly #closed: Promise<unknown>;
  #running: Running | undefined;
  #alive = true;

  constructor(options: ExecutionEnvironmentOptions) {
    this.#options = options;
    this.#process = fork(RUNNER, [], {
      cwd: options.folder,
      env: options.variables,
      execArgv: [`--max-old-space-size=${options.memory}`],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own: what the function starts ends with it, and Ctrl-C in the terminal is for the local cloud.
      detached: true,
    });
    this.#closed = once(this.#process, 'close');
    this.#process.once('exit', () => this.end());
    // A process that could not be started has no exit, but is closed as well.
    this.#process.once('error', () => this.end());
    this.#process.once('close', (code, signal) => {
      const { requestId = '', answer, done } = this.#running ?? {};
      done?.(answer ?? exited(requestId, code, signal));
    });
    this.#ready = new Promise((resolve) => {
      this.#process.on('message', (message: RunnerMessage) => {
        if ('ready' in message) resolve();
        else if (message.requestId === this.#running?.requestId) {
          this.#running.answer = message.answer;
          this.#running.last = message.last;
          this.#ended(message.requestId);
        }
      });
    });
    for (const output of [this.#process.stdout, this.#process.stderr]) {
      if (output)
        readLines(output, {
          line: (line) => this.#running?.lines.push(line),
          end: (requestId) => this.#ended(requestId),
        });
    }
  }

  /** Resolves when its code is loaded, or is not in the time that it has. */
  async loaded(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, INIT_SECONDS * 1000)));
    await Promise.race([this.#ready, this.#closed, late]);
    clearTimeout(timer);
  }

  /** Whether it takes another event. */
  get alive(): boolean {
    return this.#alive;
  }

  async invoke(message: Omit<InvocationMessage, 'deadline'>): Promise<Outcome> {
    const { requestId } = message;
    const lines: LogLine[] = [];
    let timer: NodeJS.Timeout | undefined;
    const limit = (seconds: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (this.#running) this.#running.answer ??= timedOut(requestId, seconds);
        this.end();
      }, seconds * 1000);
    };
    const answered = new Promise<Answer>((done) => {
      this.#running = { requestId, lines, open: 3, answer: undefined, last: false, done };
    });
    let started = Date.now();
    limit(INIT_SECONDS);
    void this.#ready.then(() => {
      if (!this.#alive) return;
      started = Date.now();
      limit(this.#options.timeout);
      const deadline = started + this.#options.timeout * 1000;
      // Where the process has gone in the meantime, its end is the answer.
      this.#process.send({ ...message, deadline } satisfies InvocationMessage, () => undefined);
    });
    const answer = await answered;
    clearTimeout(timer);
    this.#running = undefined;
    return { answer, lines, milliseconds: Date.now() - started };
  }

  /** Kills the process and what it started. */
  end(): void {
    this.#alive = false;
    try {
      if (this.#process.pid !== undefined) process.kill(-this.#process.pid, 'SIGKILL');
    } catch {
      // None of the group is left.
    }
  }

  /** Resolves when nothing of it runs any more. */
  async ended(): Promise<void> {
    await this.#closed;
  }

  #ended(requestId: string): void {
    const running = this.#running;
    if (running?.requestId !== requestId) return;
    running.open -= 1;
    if (running.open > 0 || !running.answer) return;
    if (running.last) this.end();
    running.done(running.answer);
  }
}
