import type { Readings } from '@esp-fleet/local-cloud';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What the cloud says once it serves. */
export interface Started {
  readonly endpoint: string;
  readonly mqttPort: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly rootCaPem: string;
}

/** What the table is to do from now on. */
export type Command =
  | { readonly does: 'throttle'; readonly share: number; readonly seed: number }
  | { readonly does: 'open outage' | 'end outage' | 'end faults' };

const LIMIT_MS = 60_000;

/** A local cloud in a process of its own, which keeps everything in a folder. */
export class CloudProcess {
  readonly data: string;
  readonly #readings: Partial<Readings>;
  #child: ChildProcess | undefined;
  #started: Started | undefined;

  private constructor(data: string, readings: Partial<Readings>) {
    this.data = data;
    this.#readings = readings;
  }

  /** @param readings what AWS leaves open, where it is not the likeliest */
  static async start(data: string, readings: Partial<Readings> = {}): Promise<CloudProcess> {
    const cloud = new CloudProcess(data, readings);
    await cloud.restart();
    return cloud;
  }

  get started(): Started {
    if (this.#started === undefined) throw new Error('the local cloud does not run');
    return this.#started;
  }

  /** Options for any client of the AWS SDK. */
  get client() {
    const { endpoint, environment } = this.started;
    const { AWS_REGION: region = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = environment;
    const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
    return { endpoint, region, credentials };
  }

  /** Starts it anew over the same folder, on the same ports. */
  async restart(): Promise<void> {
    const { endpoint, mqttPort = 0 } = this.#started ?? {};
    const port = endpoint === undefined ? '0' : new URL(endpoint).port;
    const args = [this.data, port, String(mqttPort), JSON.stringify(this.#readings)];
    const log = openSync(`${this.data}.log`, 'a');
    this.#child = fork(fileURLToPath(new URL('cloud-process-main.ts', import.meta.url)), args, {
      execArgv: ['--max-semi-space-size=64', '--import', 'tsx'], // as `npm run local` has it
      stdio: ['ignore', log, log, 'ipc'],
    });
    const ended = once(this.#child, 'exit').then(() => {
      throw new Error(`the local cloud ended; see ${this.data}.log`);
    });
    ended.catch(() => undefined); // later it may
    const [started] = (await Promise.race([
      once(this.#child, 'message', { signal: AbortSignal.timeout(LIMIT_MS) }),
      ended,
    ])) as [Started];
    this.#started = started;
  }

  tell(command: Command): void {
    this.#child?.send(command);
  }

  /** At once, without a chance to write anything (`kill -9`), or in good order. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }
}
