import { toDouble, type SqlNumber } from '../decimal.ts';
import type { Json } from '../json.ts';
import type { Message } from '../message.ts';
import type { Reading } from '../reading.ts';
import { toDecimal, toText, type Value } from '../values.ts';

/** A built-in function of iot-sql-functions. Arguments it cannot use make it Undefined. */
export interface SqlFunction {
  /** The fewest and the most arguments it takes. */
  readonly arity: readonly [least: number, most: number];
  /** An argument that fails is Undefined to it. */
  readonly catches?: true;
  /** It is worked out once for all rules of a message. */
  readonly takesLong?: true;
  /** Each call has another value. */
  readonly isRandom?: true;
  call(args: readonly Value[], message: Message, reading: Reading): Value;
  /** What is wrong with the arguments, as far as they are literals (`undefined` for those that are not). */
  check?(literals: readonly (Json | undefined)[]): string | undefined;
}

/** Functions by their names in lower case; IoT SQL does not tell `isUndefined` from `ISUNDEFINED`. */
export type FunctionTable = Readonly<Record<string, SqlFunction>>;

/** A function of the message alone. */
export const ofMessage = (answer: (message: Message) => Value): SqlFunction => ({
  arity: [0, 0],
  call: (_, message) => answer(message),
});

/** A function of one number. */
export const ofNumber = (compute: (number: SqlNumber) => Value): SqlFunction => ({
  arity: [1, 1],
  call: ([argument]) => {
    const number = toDecimal(argument);
    return number === undefined ? undefined : compute(number);
  },
});

/** A function of two numbers. */
export const ofNumbers = (compute: (a: SqlNumber, b: SqlNumber) => Value): SqlFunction => ({
  arity: [2, 2],
  call: ([first, second]) => {
    const [a, b] = [toDecimal(first), toDecimal(second)];
    return a === undefined || b === undefined ? undefined : compute(a, b);
  },
});

/** A double as a result: Undefined where it is imaginary or infinite. */
export const fromDouble = (double: number): Value => (Number.isFinite(double) ? double || 0 : undefined);

/** A function of one number that AWS calculates with double precision. */
export const ofDouble = (compute: (double: number) => number): SqlFunction =>
  ofNumber((number) => fromDouble(compute(toDouble(number))));

/** A function of so many strings; every argument is converted to one. */
export const ofTexts = <Texts extends string[]>(
  count: Texts['length'],
  compute: (...texts: Texts) => Value,
): SqlFunction => ({
  arity: [count, count],
  call: (args) => {
    const texts = args.map(toText);
    return texts.includes(undefined) ? undefined : compute(...(texts as Texts));
  },
});
