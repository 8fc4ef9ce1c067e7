import { Decimal } from 'decimal.js';

/** What may be said of the numbers of a span of time. */
export const STATS = ['avg', 'min', 'max', 'sum', 'count'] as const;

export type Stat = (typeof STATS)[number];

/** Of DynamoDB's numbers (Developer Guide, "Naming rules and data types"), and two for what a sum of them needs more. */
const Number38 = Decimal.clone({ precision: 40, toExpNeg: -7, toExpPos: 21 });

/** More digits of an average are not what anything measured. */
const AVERAGE_DIGITS = 15;

/** Numbers of any size, of which it keeps what {@link STATS} need. */
export class Summary {
  #count = 0;
  #sum: Decimal = new Number38(0);
  #min: Decimal = new Number38(Infinity);
  #max: Decimal = new Number38(-Infinity);

  /** @param number as JSON writes it. One that no arithmetic holds, past some 1e9000000000000000, is left out. */
  add(number: string): void {
    const decimal = new Number38(number);
    if (!decimal.isFinite()) return;
    this.#count += 1;
    this.#sum = this.#sum.plus(decimal);
    if (decimal.lt(this.#min)) this.#min = decimal;
    if (decimal.gt(this.#max)) this.#max = decimal;
  }

  /** Adds all numbers of another one. */
  merge(other: Summary): void {
    this.#count += other.#count;
    this.#sum = this.#sum.plus(other.#sum);
    if (other.#min.lt(this.#min)) this.#min = other.#min;
    if (other.#max.gt(this.#max)) this.#max = other.#max;
  }

  /** As JSON writes numbers; undefined when there were none. */
  value(stat: Stat): string | undefined {
    if (this.#count === 0) return undefined;
    return this.#decimal(stat).toString();
  }

  #decimal(stat: Stat): Decimal {
    switch (stat) {
      case 'avg':
        return this.#sum.div(this.#count).toSignificantDigits(AVERAGE_DIGITS);
      case 'min':
        return this.#min;
      case 'max':
        return this.#max;
      case 'sum':
        return this.#sum;
      case 'count':
        return new Number38(this.#count);
    }
  }
}
