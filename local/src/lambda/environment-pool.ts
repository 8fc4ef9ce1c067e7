import { AwsError } from '../errors.ts';
import type { ExecutionEnvironment } from './execution-environment.ts';

/** An environment with what its owner has to know of it. */
export interface Pooled {
  readonly environment: ExecutionEnvironment;
  /** Revision of the function that it was made for. */
  readonly revision: string;
  /** When its credentials run out, in milliseconds since 1970. */
  readonly expires: number;
}

const IDLE_MS = 60_000;

/** The execution environments of one function: kept warm, an event at a time each. */
export class EnvironmentPool<P extends Pooled> {
  readonly #all = new Set<P>();
  readonly #idle = new Map<P, NodeJS.Timeout>();
  readonly #waiting: (() => void)[] = [];
  readonly #most: number;
  readonly #onWait: () => void;
  #making = 0;
  #ended = false;

  /**
   * @param most how many environments there may be at a time; further events wait for one
   * @param onWait called when one has to
   */
  constructor(most: number, onWait: () => void) {
    this.#most = most;
    this.#onWait = onWait;
  }

  /** Runs `use` with an environment of that revision that lives for `milliseconds` more, a new one when none is idle. */
  async use<T>(
    revision: string,
    milliseconds: number,
    make: () => Promise<P>,
    use: (pooled: P) => Promise<T>,
  ): Promise<T> {
    for (;;) {
      if (this.#ended) throw new AwsError('ResourceNotFoundException', 'The function is gone.', 404);
      const warm = this.#takeIdle(revision, milliseconds);
      if (!warm && this.#all.size + this.#making >= this.#most) {
        this.#onWait();
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
        continue;
      }
      const pooled = warm ?? (await this.#made(make));
      try {
        return await use(pooled);
      } finally {
        this.#release(pooled);
      }
    }
  }

  /** Kills all environments, busy ones too. */
  async end(): Promise<void> {
    this.#ended = true;
    for (const wake of this.#waiting.splice(0)) wake();
    for (const timer of this.#idle.values()) clearTimeout(timer);
    this.#idle.clear();
    const all = [...this.#all];
    for (const { environment } of all) environment.end();
    await Promise.all(all.map(({ environment }) => environment.ended()));
  }

  async #made(make: () => Promise<P>): Promise<P> {
    this.#making += 1;
    try {
      const pooled = await make();
      this.#all.add(pooled);
      // What ended meanwhile did not know of it.
      if (this.#ended) pooled.environment.end();
      return pooled;
    } catch (error) {
      this.#waiting.shift()?.();
      throw error;
    } finally {
      this.#making -= 1;
    }
  }

  #takeIdle(revision: string, milliseconds: number): P | undefined {
    for (const [pooled, timer] of this.#idle) {
      clearTimeout(timer);
      this.#idle.delete(pooled);
      const { environment, expires } = pooled;
      if (environment.alive && pooled.revision === revision && expires > Date.now() + milliseconds) return pooled;
      this.#drop(pooled);
    }
    return undefined;
  }

  #release(pooled: P): void {
    if (pooled.environment.alive) {
      const timer = setTimeout(() => {
        this.#idle.delete(pooled);
        this.#drop(pooled);
      }, IDLE_MS);
      this.#idle.set(pooled, timer.unref());
    } else this.#drop(pooled);
    this.#waiting.shift()?.();
  }

  #drop(pooled: P): void {
    pooled.environment.end();
    this.#all.delete(pooled);
  }
}
