import {
  compareNumbers,
  multiply,
  parseNumber,
  remainder,
  toBigInt,
  toDouble,
  toInt,
  truncateTo,
  type SqlNumber,
} from '../decimal.ts';
import { toIntDown } from '../values.ts';
import { fromDouble, ofDouble, ofNumber, ofNumbers, type FunctionTable, type SqlFunction } from './function.ts';

const sign = (number: SqlNumber): number => Math.sign(compareNumbers(number, 0));

/** A function of the bits of Ints; numbers are rounded down first. */
const ofBits = (compute: (a: bigint, b: bigint) => bigint): SqlFunction =>
  ofNumbers((first, second) => {
    const [a, b] = [toBigInt(first), toBigInt(second)];
    return a === undefined || b === undefined ? undefined : parseNumber(String(compute(a, b)));
  });

/** At most this many decimal places are kept by `trunc`. */
const mostPlaces = 34;

export const mathFunctions: FunctionTable = {
  abs: ofNumber((n) => (sign(n) < 0 ? multiply(n, -1) : n)),
  acos: ofDouble(Math.acos),
  asin: ofDouble(Math.asin),
  atan: ofDouble(Math.atan),
  atan2: ofNumbers((y, x) => fromDouble(Math.atan2(toDouble(y), toDouble(x)))),
  bitand: ofBits((a, b) => a & b),
  bitor: ofBits((a, b) => a | b),
  bitxor: ofBits((a, b) => a ^ b),
  bitnot: ofNumber((n) => {
    const bits = toBigInt(n);
    return bits === undefined ? undefined : parseNumber(String(~bits));
  }),
  ceil: ofNumber((n) => toInt(n, 'up')),
  cos: ofDouble(Math.cos),
  cosh: ofDouble(Math.cosh),
  exp: ofDouble(Math.exp),
  floor: ofNumber((n) => toInt(n, 'down')),
  ln: ofDouble(Math.log),
  log: ofDouble(Math.log10),
  mod: ofNumbers(remainder),
  nanvl: { arity: [2, 2], call: ([first, second]) => first ?? second },
  power: ofNumbers((base, exponent) => fromDouble(toDouble(base) ** toDouble(exponent))),
  rand: { arity: [0, 0], isRandom: true, call: () => Math.random() },
  remainder: ofNumbers(remainder),
  // The table says "rounded down"; the text and the examples (-1.5 gives -2) say nearest, a half away from zero.
  round: ofNumber((n) => toInt(n, 'nearest')),
  sign: ofNumber(sign),
  sin: ofDouble(Math.sin),
  sinh: ofDouble(Math.sinh),
  sqrt: ofDouble(Math.sqrt),
  tan: ofDouble(Math.tan),
  tanh: ofDouble(Math.tanh),
  trunc: ofNumbers((n, places) => {
    const whole = toDouble(toIntDown(places) ?? 0);
    return truncateTo(n, Math.min(Math.max(whole, 0), mostPlaces));
  }),
};
