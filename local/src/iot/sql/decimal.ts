/**
 * Numbers as AWS IoT SQL counts them: decimal, 34 digits, magnitude up to 9.99E999 (iot-sql-data-types). In SQL version
 * 2016-03-23 a whole number is an Int however it was written, so a number needs no type beside its value.
 */
const precision = 34;
const largestExponent = 999;
/** So many characters without an exponent hold at most 15 digits, which every double keeps. */
const safeLength = 15;
/** Beyond any exponent that counts, and small enough to calculate with. */
const exponentBound = 1e9;

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

/** A number of IoT SQL: a double stands for the decimal it is printed as, a `Decimal` for all others. */
export type SqlNumber = number | Decimal;

/** coefficient × 10^exponent, without trailing zeros in the coefficient. */
interface Parts {
  coefficient: bigint;
  exponent: number;
}

const numberSyntax = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

function parts(number: SqlNumber): Parts {
  const match = numberSyntax.exec(typeof number === 'number' ? String(number) : number.text);
  const [, sign = '', whole = '0', fraction = '', exponent = '0'] = match ?? [];
  const digits = whole + fraction;
  let end = digits.length;
  while (end > 1 && digits[end - 1] === '0') end -= 1;
  const coefficient = BigInt(digits.slice(0, end));
  if (coefficient === 0n) return { coefficient, exponent: 0 };
  const scale = Number(exponent) - fraction.length + digits.length - end;
  return {
    coefficient: sign === '-' ? -coefficient : coefficient,
    exponent: Math.max(-exponentBound, Math.min(exponentBound, scale)),
  };
}

const power = (exponent: number): bigint => 10n ** BigInt(exponent);
const digitCount = (coefficient: bigint): number => coefficient.toString().length - (coefficient < 0n ? 1 : 0);
/** The exponent of the first digit, as in scientific notation. */
const magnitude = ({ coefficient, exponent }: Parts): number => digitCount(coefficient) - 1 + exponent;
const inRange = (p: Parts): boolean => p.coefficient === 0n || Math.abs(magnitude(p)) <= largestExponent;

/** Rounded to 34 digits, half to even as IEEE decimal128 does. */
function rounded({ coefficient, exponent }: Parts): Parts {
  const surplus = digitCount(coefficient) - precision;
  if (surplus <= 0) return { coefficient, exponent };
  const unit = power(surplus);
  const quotient = coefficient / unit;
  const twiceRest = 2n * (coefficient % unit);
  const size = twiceRest < 0n ? -twiceRest : twiceRest;
  const away = size > unit || (size === unit && quotient % 2n !== 0n);
  return { coefficient: away ? quotient + (coefficient < 0n ? -1n : 1n) : quotient, exponent: exponent + surplus };
}

function fromParts(p: Parts): SqlNumber | undefined {
  const result = rounded(p);
  return inRange(result) ? parseNumber(`${result.coefficient}e${result.exponent}`) : undefined;
}

/** The number that a text in JSON's number syntax stands for; leading zeros are allowed. */
export function parseNumber(text: string): SqlNumber {
  const double = Number(text);
  if (text.length <= safeLength && !/e/i.test(text)) return double || 0;
  if (!Number.isFinite(double)) return new Decimal(text);
  const [exact, kept] = [parts(new Decimal(text)), parts(double)];
  return exact.coefficient === kept.coefficient && exact.exponent === kept.exponent ? double || 0 : new Decimal(text);
}

/** A number as AWS prints it: an Int in standard notation, a Decimal below 1E-6 in scientific notation, as Java does. */
export function numberText(number: SqlNumber): string {
  if (typeof number === 'number' && (number === 0 || (Math.abs(number) >= 1e-6 && Math.abs(number) < 1e21))) {
    return String(number);
  }
  const p = parts(number);
  if (!inRange(p)) return String(typeof number === 'number' ? number : number.text);
  if (p.exponent >= 0) return String(p.coefficient * power(p.exponent));
  const sign = p.coefficient < 0n ? '-' : '';
  const digits = p.coefficient.toString().slice(sign.length);
  const first = magnitude(p);
  if (first < -6) return `${sign}${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}E${first}`;
  const padded = digits.padStart(1 - p.exponent, '0');
  return `${sign}${padded.slice(0, p.exponent)}.${padded.slice(p.exponent)}`;
}

/** The nearest double, for the functions that AWS calculates with double precision. */
export const toDouble = (number: SqlNumber): number => (typeof number === 'number' ? number : Number(number.text));

/** Whether a number is an Int: whole, however it was written. */
export const isInt = (number: SqlNumber): boolean =>
  typeof number === 'number' ? Number.isInteger(number) : parts(number).exponent >= 0;

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compareNumbers(a: SqlNumber, b: SqlNumber): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [x, y] = [parts(a), parts(b)];
  const sign = (c: bigint): number => (c > 0n ? 1 : c < 0n ? -1 : 0);
  if (sign(x.coefficient) !== sign(y.coefficient)) return sign(x.coefficient) - sign(y.coefficient);
  // Magnitudes first: bringing 1e999999 and 1 to one exponent would take a million digits.
  if (magnitude(x) !== magnitude(y)) return (magnitude(x) - magnitude(y)) * sign(x.coefficient);
  return sign(aligned(x, y, (p, q) => p - q).coefficient);
}

function aligned(a: Parts, b: Parts, compute: (a: bigint, b: bigint) => bigint): Parts {
  const exponent = Math.min(a.exponent, b.exponent);
  const coefficient = compute(
    a.coefficient * power(a.exponent - exponent),
    b.coefficient * power(b.exponent - exponent),
  );
  return { coefficient, exponent };
}

type Operation = (a: SqlNumber, b: SqlNumber) => SqlNumber | undefined;

/** An operation on two numbers: `quick` where doubles hold operands and result exactly, `exact` elsewhere. */
function operation(
  quick: (a: number, b: number) => number,
  exact: (a: Parts, b: Parts) => Parts | undefined,
): Operation {
  return (a, b) => {
    if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) {
      const result = quick(a as number, b as number);
      if (Number.isSafeInteger(result)) return result || 0;
    }
    const [x, y] = [rounded(parts(a)), rounded(parts(b))];
    const result = inRange(x) && inRange(y) ? exact(x, y) : undefined;
    return result && fromParts(result);
  };
}

export const add = operation(
  (a, b) => a + b,
  (a, b) => aligned(a, b, (x, y) => x + y),
);

export const subtract = operation(
  (a, b) => a - b,
  (a, b) => aligned(a, b, (x, y) => x - y),
);

export const multiply = operation(
  (a, b) => a * b,
  (a, b) => ({ coefficient: a.coefficient * b.coefficient, exponent: a.exponent + b.exponent }),
);

/** The quotient to 34 digits; `undefined` for a division by zero. */
export const divide = operation(
  (a, b) => a / b,
  (a, b) => {
    if (b.coefficient === 0n) return undefined;
    const shift = precision + digitCount(b.coefficient);
    const scaled = a.coefficient * power(shift);
    const exponent = a.exponent - b.exponent - shift;
    // A rest becomes one more digit, so that what is not half is not rounded as half.
    const rest = scaled % b.coefficient !== 0n;
    const quotient = scaled / b.coefficient;
    return rest ? { coefficient: quotient * 10n + 1n, exponent: exponent - 1 } : { coefficient: quotient, exponent };
  },
);

/** The quotient of two Ints without its fraction; `undefined` for a division by zero. */
export const divideInts = operation(
  (a, b) => (a - (a % b)) / b,
  (a, b) => (b.coefficient === 0n ? undefined : { ...aligned(a, b, (x, y) => x / y), exponent: 0 }),
);

/** The remainder with the sign of `a`; `undefined` for a division by zero. */
export const remainder = operation(
  (a, b) => a % b,
  (a, b) => (b.coefficient === 0n ? undefined : aligned(a, b, (x, y) => x % y)),
);

export type Rounding = 'down' | 'up' | 'nearest' | 'truncated';

/** The Int next to a number: below, above, nearest (a half away from zero) or towards zero. */
export function toInt(number: SqlNumber, rounding: Rounding): SqlNumber {
  if (typeof number === 'number') return roundDouble[rounding](number) || 0;
  const p = parts(number);
  if (p.exponent >= 0) return number;
  const small = magnitude(p) < -1;
  const unit = small ? 10n : power(-p.exponent);
  // A tenth of the same sign rounds as anything smaller does.
  const coefficient = small ? (p.coefficient < 0n ? -1n : 1n) : p.coefficient;
  return parseNumber(roundQuotient[rounding](coefficient, unit).toString());
}

const roundDouble: Record<Rounding, (n: number) => number> = {
  down: Math.floor,
  up: Math.ceil,
  nearest: (n) => Math.sign(n) * Math.round(Math.abs(n)),
  truncated: Math.trunc,
};

const roundQuotient: Record<Rounding, (coefficient: bigint, unit: bigint) => bigint> = {
  down: (c, unit) => c / unit - (c % unit < 0n ? 1n : 0n),
  up: (c, unit) => c / unit + (c % unit > 0n ? 1n : 0n),
  nearest: (c, unit) => (c + (c < 0n ? -unit : unit) / 2n) / unit,
  truncated: (c, unit) => c / unit,
};

/** The Int below a number, for its bits; `undefined` beyond the magnitudes that AWS knows. */
export function toBigInt(number: SqlNumber): bigint | undefined {
  const p = parts(toInt(number, 'down'));
  return inRange(p) ? p.coefficient * power(p.exponent) : undefined;
}

/** A number cut to so many decimal places. */
export function truncateTo(number: SqlNumber, places: number): SqlNumber {
  const p = parts(number);
  const surplus = -places - p.exponent;
  if (surplus <= 0) return number;
  if (magnitude(p) < -places) return 0;
  return parseNumber(`${p.coefficient / power(surplus)}e${-places}`);
}
