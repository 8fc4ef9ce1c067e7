import { compareNumbers, Decimal, numberText, parseNumber, toInt, type SqlNumber } from './decimal.ts';
import { isObject, jsonText, type Json } from './json.ts';

/** What an expression evaluates to; `undefined` is IoT SQL's Undefined. Conversions are those of iot-sql-data-types. */
export type Value = Json | undefined;

/** The strings that IoT SQL takes for numbers. */
const numericString = /^-?\d+(\.\d+)?(E-?\d+)?$/i;

export const isNumber = (value: Value): value is SqlNumber => typeof value === 'number' || value instanceof Decimal;

/** "To decimal". Null becomes Undefined, as every function and operator has it. */
export function toDecimal(value: Value): SqlNumber | undefined {
  if (isNumber(value)) return value;
  return typeof value === 'string' && numericString.test(value) ? parseNumber(value) : undefined;
}

/** A number "rounded down to the nearest Int", which is what most functions do to an Int argument. */
export function toIntDown(value: Value): SqlNumber | undefined {
  const decimal = toDecimal(value);
  return decimal === undefined ? undefined : toInt(decimal, 'down');
}

/** "To int": a Decimal is rounded to the nearest Int, a String is cut. */
export function toNearestInt(value: Value): SqlNumber | undefined {
  const decimal = toDecimal(value);
  return decimal === undefined ? undefined : toInt(decimal, typeof value === 'string' ? 'truncated' : 'nearest');
}

/** "To Boolean". */
export function toBoolean(value: Value): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' ? value.toLowerCase() : undefined;
  return word === 'true' ? true : word === 'false' ? false : undefined;
}

/** "To string". */
export function toText(value: Value): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  return isNumber(value) ? numberText(value) : jsonText(value);
}

/** Whether two values are equal, as `=` has it; Int and Decimal are compared as numbers, other types never mix. */
export function areEqual(a: Json, b: Json): boolean {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b) === 0;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => areEqual(item, b[i] as Json));
  }
  if (isObject(a)) {
    if (!isObject(b)) return false;
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length && keys.every((key) => key in b && areEqual(a[key] as Json, b[key] as Json))
    );
  }
  return a === b;
}
