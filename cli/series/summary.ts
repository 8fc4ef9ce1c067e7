/** What may be said of the numbers of a span of time. */
export const STATS = ['avg', 'min', 'max', 'sum', 'count'] as const;

export type Stat = (typeof STATS)[number];

/** More digits than that are noise of the floating point. */
const DIGITS = 12;

/** Numbers, of which it keeps what {@link STATS} need. */
export class Summary {
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = -Infinity;

  add(number: number): void {
    this.#count += 1;
    this.#sum += number;
    this.#min = Math.min(this.#min, number);
    this.#max = Math.max(this.#max, number);
  }

  /** Adds all numbers of another one. */
  merge(other: Summary): void {
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
  }

  /** Of at least one number. */
  value(stat: Stat): number {
    switch (stat) {
      case 'avg':
        return rounded(this.#sum / this.#count);
      case 'min':
        return this.#min;
      case 'max':
        return this.#max;
      case 'sum':
        return rounded(this.#sum);
      case 'count':
        return this.#count;
    }
  }
}

function rounded(number: number): number {
  return Number(number.toPrecision(DIGITS));
}
