import {
  add,
  compareNumbers,
  divide,
  divideInts,
  isInt,
  multiply,
  remainder,
  subtract,
  type SqlNumber,
} from './decimal.ts';
import { areEqual, isNumber, toBoolean, toDecimal, toText, type Value } from './values.ts';

/** The operators of iot-sql-operators, by the tables there. What a table does not list is Undefined. */
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';
export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';
type Operator = (left: Value, right: Value) => Value;

/** AND of two or more operands; Undefined unless all are Booleans, or strings that say so. */
export function and(operands: readonly Value[]): Value {
  const booleans = operands.map(toBoolean);
  return booleans.includes(undefined) ? undefined : !booleans.includes(false);
}

/** OR of two or more operands; Undefined unless all are Booleans, or strings that say so. */
export function or(operands: readonly Value[]): Value {
  const booleans = operands.map(toBoolean);
  return booleans.includes(undefined) ? undefined : booleans.includes(true);
}

export function not(operand: Value): Value {
  const boolean = toBoolean(operand);
  return boolean === undefined ? undefined : !boolean;
}

/** IN: whether an Array holds a value equal to the left operand. */
export function isIn(item: Value, array: Value): Value {
  if (item === undefined || !Array.isArray(array)) return undefined;
  return array.some((element) => areEqual(item, element));
}

const equals: Operator = (left, right) =>
  left === undefined || right === undefined ? undefined : areEqual(left, right);

const order =
  (holds: (order: number) => boolean): Operator =>
  (left, right) => {
    const [a, b] = [toDecimal(left), toDecimal(right)];
    return a === undefined || b === undefined ? undefined : holds(compareNumbers(a, b));
  };

export const comparisons: Record<Comparison, Operator> = {
  '=': equals,
  '<>': (left, right) => not(equals(left, right)),
  '<': order((n) => n < 0),
  '<=': order((n) => n <= 0),
  '>': order((n) => n > 0),
  '>=': order((n) => n >= 0),
};

const numeric =
  (compute: (a: SqlNumber, b: SqlNumber) => SqlNumber | undefined): Operator =>
  (left, right) => {
    const [a, b] = [toDecimal(left), toDecimal(right)];
    return a === undefined || b === undefined ? undefined : compute(a, b);
  };

const isIntValue = (value: Value): boolean => isNumber(value) && isInt(value);

export const arithmetic: Record<ArithmeticOperator, Operator> = {
  '+': (left, right) => {
    if (isNumber(left) && isNumber(right)) return add(left, right);
    if (typeof left !== 'string' && typeof right !== 'string') return undefined;
    const [a, b] = [toText(left), toText(right)];
    return a === undefined || b === undefined ? undefined : a + b;
  },
  '-': numeric(subtract),
  '*': numeric(multiply),
  // The table gives an Int for two Ints and a Decimal as soon as a String is among them.
  '/': (left, right) => numeric(isIntValue(left) && isIntValue(right) ? divideInts : divide)(left, right),
  '%': numeric(remainder),
};
