import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

const LIMIT_MS = 30_000;

export interface Surroundings {
  /** Where the broker is, whatever name and port the firmware asks for. */
  readonly port: number;
  /** What NTP servers do; forged: they say 2001. @default 'on' */
  readonly ntp?: 'on' | 'off' | 'forged';
  /** @default 'on' */
  readonly dns?: 'on' | 'off';
  /** What becomes of TCP; dropped: nothing answers, not even a refusal. @default 'on' */
  readonly tcp?: 'on' | 'dropped';
  /** A file for what outlives a deep sleep. @default none: it cannot sleep */
  readonly rtc?: string;
  /** A file that is the board's flash. @default none: it is empty at every start */
  readonly flash?: string;
  /** After how many operations of its flash the power is cut; 3.5: in the middle of the fourth. @default never */
  readonly cut?: number;
  /** How long it has been up already, in milliseconds. @default half a second before millis() overflows */
  readonly uptime?: number;
  /** Between two readings of the telemetry sketches, in milliseconds. @default 40 */
  readonly every?: number | undefined;
  /** Whether chance has it wait before it connects again, or never. @default 'random' */
  readonly backoff?: 'random' | 'none';
}

/** A board that runs a sketch: a process of this machine. */
export class Board {
  /** All that it printed. */
  serial = '';
  /** Levels of the pins that were switched. */
  readonly pins = new Map<number, number>();
  /** How often it slept deeply. */
  sleeps = 0;
  /** How often it erased a sector of its flash. */
  erases = 0;
  /** How many operations its flash has begun: erasures and writes. */
  flashOperations = 0;
  /** Whether its power was cut. */
  cut = false;
  /** Whether its program has ended, and all that it said is here. */
  ended = false;
  /** How often it restarted by its own will. */
  restarts = 0;
  /** How often a pin was switched on. */
  readonly rises = new Map<number, number>();
  /** For how long a pin was on when it was switched off last, in milliseconds, by the clock of the board. */
  readonly pulses = new Map<number, number>();
  /** When each reading was taken, by the clock of the board, in milliseconds. */
  readonly readings = new Map<number, number>();
  /** The clock of the board when it began to hurry or ended that, and the time of this machine then. */
  uptime: { readonly ms: number; readonly at: number } | undefined;
  /** How long each connection lasted that was told to be silent, from then on, in milliseconds by the clock of the board. */
  readonly silences: number[] = [];
  readonly #onSince = new Map<number, number>();
  readonly #process: ChildProcess;
  readonly #emulated: boolean;
  #stderr = '';
  #pinLine = '';
  readonly #watchers = new Set<() => void>();

  /** @param emulator the command that runs it, when it is not for this machine's processor */
  constructor(
    executable: string,
    { port, ntp = 'on', dns = 'on', tcp = 'on', rtc = '', flash = '', backoff = 'random', ...times }: Surroundings,
    emulator: readonly string[] = [],
  ) {
    this.#emulated = emulator.length > 0;
    const [command = '', ...args] = [...emulator, executable];
    this.#process = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        BOARD_PORT: String(port),
        BOARD_NTP: ntp,
        BOARD_DNS: dns,
        BOARD_TCP: tcp,
        BOARD_FLASH: flash,
        BOARD_RTC: rtc,
        BOARD_CUT: String(times.cut ?? -1),
        // Every test sees it overflow.
        BOARD_UPTIME: String(times.uptime ?? 2 ** 32 - 500),
        BOARD_EVERY: String(times.every ?? 40),
        BOARD_BACKOFF: backoff,
      },
    });
    const { stdout, stderr, stdio } = this.#process;
    stdout?.on('data', (chunk: Buffer) => this.#saw(() => (this.serial += chunk.toString())));
    stderr?.on('data', (chunk: Buffer) => this.#saw(() => (this.#stderr += chunk.toString())));
    (stdio[3] as Readable).on('data', (chunk: Buffer) => this.#saw(() => this.#readPins(chunk.toString())));
    this.#process.on('close', () => this.#saw(() => (this.ended = true)));
  }

  /** Waits until something is so. Fails when the board has ended by then, or after a time. */
  async until(what: string, isSo: () => boolean, limitMs = LIMIT_MS): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string): void => {
        done();
        reject(new Error(`${what}: ${why}\nserial:\n${this.serial.slice(-3000)}\n${this.#stderr}`));
      };
      const timer = setTimeout(() => fail(`not within ${limitMs} ms`), limitMs);
      const done = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
      };
      const look = (): void => {
        if (isSo()) {
          done();
          resolve();
        } else if (this.ended) fail('the board has ended');
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Waits until it printed so many lines like that. */
  async says(pattern: RegExp, times = 1, limitMs = LIMIT_MS): Promise<void> {
    const all = new RegExp(pattern, 'g');
    const countIn = (text: string): number => text.match(all)?.length ?? 0;
    // Each line once: a board in a hurry says a lot.
    let found = 0;
    let from = 0;
    const isSo = (): boolean => {
      const end = this.serial.lastIndexOf('\n') + 1;
      found += countIn(this.serial.slice(from, end));
      from = end;
      return found + countIn(this.serial.slice(from)) >= times;
    };
    await this.until(`${times} x ${pattern.source}`, isSo, limitMs);
  }

  /**
   * Changes the surroundings: `type wifi home` (a line on the serial port), `wifi off 200`, `wifi on`, `radio hangs`, `flash full`, `ntp on`, `pin 27 1` (an input), `hurry 100` (delay()
   * takes no time and lets a hundred times as much pass), `hurry 0`, `silent` (nothing will come over this connection: as
   * long as it lasts, waiting takes no time).
   */
  tell(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  /** Cuts its power, wherever it is. */
  cutPower(): void {
    this.#process.kill('SIGKILL');
    this.#saw(() => (this.cut = true));
  }

  /** Ends it. Fails on what AddressSanitizer, LeakSanitizer or UndefinedBehaviorSanitizer found. */
  async stop(): Promise<void> {
    if (!this.ended) {
      this.#process.kill('SIGTERM');
      await once(this.#process, 'close', { signal: AbortSignal.timeout(LIMIT_MS) });
    }
    // What runs in the emulator takes no signal: it ends by it. So may what begins anew at that moment.
    const byTheSignal = (this.#emulated || this.sleeps > 0) && this.#process.signalCode === 'SIGTERM';
    const endedWell =
      byTheSignal || this.#process.signalCode === 'SIGKILL' || (!this.#emulated && this.#process.exitCode === 0);
    if (!endedWell || this.#stderr !== '')
      throw new Error(`the board ended with ${this.#process.exitCode ?? this.#process.signalCode}\n${this.#stderr}`);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  #saw(change: () => void): void {
    change();
    for (const watcher of [...this.#watchers]) watcher();
  }

  #readPins(chunk: string): void {
    const text = this.#pinLine + chunk;
    const end = text.lastIndexOf('\n') + 1;
    this.#pinLine = text.slice(end);
    this.#readLines(text.slice(0, end));
  }

  #readLines(text: string): void {
    this.sleeps += [...text.matchAll(/^sleep \d+$/gm)].length;
    this.erases += [...text.matchAll(/^erase$/gm)].length;
    this.flashOperations += [...text.matchAll(/^flash$/gm)].length;
    this.cut ||= /^cut$/m.test(text);
    this.restarts += [...text.matchAll(/^restart$/gm)].length;
    for (const [, reading, at] of text.matchAll(/^reading (\d+) at (\d+)$/gm))
      this.readings.set(Number(reading), Number(at));
    for (const [, ms] of text.matchAll(/^uptime (\d+)$/gm)) this.uptime = { ms: Number(ms), at: Date.now() };
    for (const [, ms] of text.matchAll(/^silence (\d+)$/gm)) this.silences.push(Number(ms));
    for (const [, pin, level, at] of text.matchAll(/^pin (\d+) (\d) at (\d+)$/gm)) {
      this.pins.set(Number(pin), Number(level));
      if (level === '1') {
        this.rises.set(Number(pin), (this.rises.get(Number(pin)) ?? 0) + 1);
        this.#onSince.set(Number(pin), Number(at));
      } else {
        const since = this.#onSince.get(Number(pin));
        if (since !== undefined) this.pulses.set(Number(pin), Number(at) - since);
      }
    }
  }
}
