import { LAGS, LAMBDA_CONCURRENCY, type Lag, type LagName, RATES } from './limits.ts';
import { TokenBucket } from './token-bucket.ts';

export interface PaceOptions {
  /** `aws`: with AWS's request limits and lags; `quick`: without. */
  readonly name: 'aws' | 'quick';
  /** Functions that run at a time; new accounts have 10. For `aws` alone. @default 1000 */
  readonly lambdaConcurrency?: number;
  /**
   * Makes all lags and pauses shorter by this factor, so that a test of five minutes need not wait for them. Rates stay. A
   * result under it says nothing about how long AWS takes.
   *
   * @default 1
   */
  readonly divideLags?: number;
}

/** Whether the local cloud keeps AWS's limits and lags (`limits.ts`), and how much is left of them. */
export class Pace {
  /** Functions that may run at a time. */
  readonly lambdaConcurrency: number;
  readonly #isAws: boolean;
  readonly #divideLags: number;
  readonly #buckets = new Map<string, TokenBucket>();
  #begun = false;

  constructor({ name, lambdaConcurrency = LAMBDA_CONCURRENCY.most, divideLags = 1 }: PaceOptions) {
    this.#isAws = name === 'aws';
    this.lambdaConcurrency = this.#isAws ? lambdaConcurrency : Infinity;
    this.#divideLags = divideLags;
  }

  /** To be called when the local cloud is ready: what it does to itself before then counts as long ago. */
  begin(): void {
    this.#begun = true;
    if (!this.#isAws) return;
    for (const { service, operations, shared, perSecond, burst } of RATES) {
      const one = new TokenBucket(perSecond, burst);
      for (const operation of operations)
        this.#buckets.set(`${service}:${operation}`, shared ? one : new TokenBucket(perSecond, burst));
    }
  }

  /** Whether a call comes beyond what its operation has. */
  isBeyond(service: string, operation: string): boolean {
    return this.#buckets.get(`${service}:${operation}`)?.take() === false;
  }

  /** In milliseconds. */
  lag(name: LagName): number {
    return this.pauses(name)[0] ?? 0;
  }

  /** In milliseconds, before each further attempt. */
  pauses(name: LagName): readonly number[] {
    const { seconds, quick = 0, goesWithRates }: Lag = LAGS[name];
    const all = [this.#isAws && this.#begun ? seconds : quick].flat();
    return all.map((each) => (each * 1000) / (this.#isAws && !goesWithRates ? this.#divideLags : 1));
  }
}

export const quickPace = (): Pace => new Pace({ name: 'quick' });
