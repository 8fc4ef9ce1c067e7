import {
  add,
  asDecimal,
  compareNumbers,
  divide,
  divideInts,
  isInt,
  multiply,
  remainder,
  subtract,
  type SqlNumber,
} from './decimal.ts';
import { SqlRuntimeError } from './errors.ts';
import { isObject } from './json.ts';
import type { Reading } from './reading.ts';
import { areEqual, isNumber, toBoolean, toDecimal, toText, type Value } from './values.ts';

/** The operators of iot-sql-operators, by the tables there. What a table does not list is Undefined. */
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';
export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';
type Operator = (left: Value, right: Value, reading: Reading) => Value;

/** AND of two or more operands; Undefined unless all are Booleans, or strings that say so, but see the reading `and-or`. */
export const and = (operands: readonly Value[], reading: Reading): Value => combined(operands, false, reading);

/** OR of two or more operands, likewise. */
export const or = (operands: readonly Value[], reading: Reading): Value => combined(operands, true, reading);

/** @param decisive the Boolean that makes the result whatever the others are */
function combined(operands: readonly Value[], decisive: boolean, reading: Reading): Value {
  const booleans = operands.map(toBoolean);
  const isDecided = booleans.includes(decisive);
  if (!booleans.includes(undefined)) return isDecided ? decisive : !decisive;
  return isDecided && reading['and-or'] === 'three-valued' ? decisive : undefined;
}

export function not(operand: Value, reading: Reading): Value {
  const boolean = toBoolean(operand);
  if (boolean !== undefined) return !boolean;
  return operand === undefined && reading['not-undefined'] === 'true' ? true : undefined;
}

/** IN: whether an Array holds a value equal to the left operand. */
export function isIn(item: Value, array: Value): Value {
  if (item === undefined || !Array.isArray(array)) return undefined;
  return array.some((element) => areEqual(item, element));
}

const equals = (left: Value, right: Value): boolean | undefined =>
  left === undefined || right === undefined ? undefined : areEqual(left, right);

const order =
  (holds: (order: number) => boolean): Operator =>
  (left, right) => {
    const [a, b] = [toDecimal(left), toDecimal(right)];
    return a === undefined || b === undefined ? undefined : holds(compareNumbers(a, b));
  };

export const comparisons: Record<Comparison, Operator> = {
  '=': equals,
  '<>': (left, right) => {
    const equal = equals(left, right);
    return equal === undefined ? undefined : !equal;
  },
  '<': order((n) => n < 0),
  '<=': order((n) => n <= 0),
  '>': order((n) => n > 0),
  '>=': order((n) => n >= 0),
};

const isIntValue = (value: Value): boolean => isNumber(value) && isInt(value);

const numeric =
  (compute: (a: SqlNumber, b: SqlNumber) => SqlNumber | undefined): Operator =>
  (left, right, { version }) => {
    const [a, b] = [toDecimal(left), toDecimal(right)];
    const result = a === undefined || b === undefined ? undefined : compute(a, b);
    const areInts = version !== '2015-10-08' || (isIntValue(a) && isIntValue(b));
    return areInts || result === undefined ? result : asDecimal(result);
  };

export const arithmetic: Record<ArithmeticOperator, Operator> = {
  '+': (left, right, reading) => {
    if (isNumber(left) && isNumber(right)) return numeric(add)(left, right, reading);
    if (typeof left !== 'string' && typeof right !== 'string') {
      const isObjectSum = (isObject(left) && isNumber(right)) || (isNumber(left) && isObject(right));
      if (!isObjectSum || reading['object-sum'] === 'undefined') return undefined;
      if (reading['object-sum'] === 'error') throw new SqlRuntimeError('an Object and a number have no sum');
    }
    const [a, b] = [toText(left), toText(right)];
    return a === undefined || b === undefined ? undefined : a + b;
  },
  '-': numeric(subtract),
  '*': numeric(multiply),
  // The table gives an Int for two Ints and a Decimal as soon as a String is among them.
  '/': (left, right, reading) =>
    numeric(isIntValue(left) && isIntValue(right) ? divideInts : divide)(left, right, reading),
  '%': numeric(remainder),
};
