import { Decimal as Big } from 'decimal.js';
import type { SqlVersion } from './version.ts';

/**
 * Numbers as AWS IoT SQL counts them: decimal, 34 digits, magnitude up to 9.99E999 (iot-sql-data-types). In SQL version
 * 2016-03-23 a whole number is an Int however it was written, so a number needs no type beside its value.
 */
const Calculated = Big.clone({ precision: 34, rounding: Big.ROUND_HALF_EVEN, minE: -9e15, maxE: 9e15 });
const largestExponent = 999;
/** So many characters before an exponent hold at most 15 digits, which every double keeps that is not close to its limits. */
const safeLength = 15;
const isSafe = (double: number): boolean => Math.abs(double) > 1e-300 && Math.abs(double) < 1e300;

/** A number with digits or a magnitude that a double does not keep. */
export class Decimal {
  /** A JSON number. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return numberText(this);
  }

  /** The nearest double: `JSON.stringify` has no way to write the number itself, `jsonText` does. */
  toJSON(): number {
    return Number(this.text);
  }
}

/** A Decimal that happens to be whole, such as `10.0`, which version 2015-10-08 keeps apart from an Int. */
class WholeDecimal extends Decimal {}

/** A number of IoT SQL: a double stands for the decimal it is printed as, a `Decimal` for all others. */
export type SqlNumber = number | Decimal;

/** With all its digits: only what is calculated is rounded. */
const big = (number: SqlNumber): Big => new Calculated(typeof number === 'number' ? number : number.text);

const inRange = (number: Big): boolean => number.isZero() || Math.abs(number.e) <= largestExponent;

/** The number that a text in JSON's number syntax stands for; leading zeros are allowed. */
export function parseNumber(text: string, version: SqlVersion = '2016-03-23'): SqlNumber {
  if (version === '2015-10-08' && text.includes('.') && big(new Decimal(text)).isInteger())
    return new WholeDecimal(text);
  const double = Number(text);
  const exponent = text.search(/e/i);
  const isKept = exponent < 0 ? text.length <= safeLength : exponent <= safeLength && isSafe(double);
  return isKept || (Number.isFinite(double) && new Calculated(text).eq(double)) ? double || 0 : new Decimal(text);
}

/** A number as AWS prints it: an Int in standard notation, a Decimal below 1E-6 in scientific notation, as Java does. */
export function numberText(number: SqlNumber): string {
  if (typeof number === 'number' && (number === 0 || (Math.abs(number) >= 1e-6 && Math.abs(number) < 1e21))) {
    return String(number);
  }
  const exact = big(number);
  if (!inRange(exact) || number instanceof WholeDecimal)
    return String(typeof number === 'number' ? number : number.text);
  return exact.e < -6 ? exact.toExponential().replace('e', 'E') : exact.toFixed();
}

/** The nearest double, for the functions that AWS calculates with double precision. */
export const toDouble = (number: SqlNumber): number => (typeof number === 'number' ? number : Number(number.text));

/** Whether a number is an Int: whole, however it was written. */
export const isInt = (number: SqlNumber): boolean =>
  typeof number === 'number' ? Number.isInteger(number) : !(number instanceof WholeDecimal) && big(number).isInteger();

/** What comes of a Decimal, which stays one in version 2015-10-08 even where it is whole. */
export const asDecimal = (number: SqlNumber): SqlNumber =>
  isInt(number) ? new WholeDecimal(`${big(number).toFixed()}.0`) : number;

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compareNumbers(a: SqlNumber, b: SqlNumber): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : big(a).cmp(big(b));
}

type Operation = (a: SqlNumber, b: SqlNumber) => SqlNumber | undefined;

/** An operation on two numbers: `quick` where doubles hold operands and result exactly, `exact` elsewhere. */
function operation(quick: (a: number, b: number) => number, exact: (a: Big, b: Big) => Big): Operation {
  return (a, b) => {
    if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) {
      const result = quick(a as number, b as number);
      if (Number.isSafeInteger(result)) return result || 0;
    }
    const [x, y] = [rounded(big(a)), rounded(big(b))];
    if (!inRange(x) || !inRange(y)) return undefined;
    const result = rounded(exact(x, y));
    return result.isFinite() && inRange(result) ? parseNumber(result.toString()) : undefined;
  };
}

const rounded = (number: Big): Big => number.toSignificantDigits(Calculated.precision);

export const add = operation(
  (a, b) => a + b,
  (a, b) => a.plus(b),
);

export const subtract = operation(
  (a, b) => a - b,
  (a, b) => a.minus(b),
);

export const multiply = operation(
  (a, b) => a * b,
  (a, b) => a.times(b),
);

/** The quotient to 34 digits; `undefined` for a division by zero. */
export const divide = operation(
  (a, b) => a / b,
  (a, b) => a.div(b),
);

/** The quotient of two Ints without its fraction; `undefined` for a division by zero. */
export const divideInts = operation(
  (a, b) => (a - (a % b)) / b,
  (a, b) => a.divToInt(b),
);

/** The remainder with the sign of `a`; `undefined` for a division by zero. */
export const remainder = operation(
  (a, b) => a % b,
  (a, b) => a.mod(b),
);

export type Rounding = 'down' | 'up' | 'nearest' | 'truncated';

/** The Int next to a number: below, above, nearest (a half away from zero) or towards zero. */
export function toInt(number: SqlNumber, rounding: Rounding): SqlNumber {
  return isInt(number) ? number : parseNumber(big(number).toDecimalPlaces(0, ROUNDINGS[rounding]).toString());
}

const ROUNDINGS: Readonly<Record<Rounding, Big.Rounding>> = {
  down: Big.ROUND_FLOOR,
  up: Big.ROUND_CEIL,
  nearest: Big.ROUND_HALF_UP,
  truncated: Big.ROUND_DOWN,
};

/** The Int below a number, for its bits; `undefined` beyond the magnitudes that AWS knows. */
export function toBigInt(number: SqlNumber): bigint | undefined {
  const int = big(toInt(number, 'down'));
  return inRange(int) ? BigInt(int.toFixed()) : undefined;
}

/** A number cut to so many decimal places. */
export function truncateTo(number: SqlNumber, places: number): SqlNumber {
  const exact = big(number);
  return exact.dp() <= places ? number : parseNumber(exact.toDecimalPlaces(places, Big.ROUND_DOWN).toString());
}
