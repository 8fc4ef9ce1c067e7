import { toDouble } from '../decimal.ts';
import { SqlRuntimeError } from '../errors.ts';
import { emptyObject, isObject, jsonText, type Json } from '../json.ts';
import { toNearestInt, type Value } from '../values.ts';
import type { FunctionTable } from './function.ts';

/** 128 KiB, which AWS sets as the limit of what `transform` returns. */
const largestResult = 128 * 1024;

/** The item of an Array or the character of a String at an index, or the value of an Object under a key. */
export function get(collection: Value, key: Value): Value {
  if (isObject(collection)) return typeof key === 'string' ? collection[key] : undefined;
  if (typeof collection !== 'string' && !Array.isArray(collection)) return undefined;
  const index = toNearestInt(key);
  return index === undefined ? undefined : collection[toDouble(index)];
}

const isCollection = (value: Value): boolean => typeof value === 'string' || Array.isArray(value) || isObject(value);

function enrich(attributes: Value, array: Value): Value {
  if (!isObject(attributes) || !Array.isArray(array) || !array.every(isObject)) return undefined;
  const enriched: Json[] = array.map((element) => Object.assign(emptyObject(), element, attributes));
  const size = Buffer.byteLength(jsonText(enriched));
  if (size > largestResult) throw new SqlRuntimeError(`transform returned ${size} bytes, ${largestResult} are allowed`);
  return enriched;
}

export const collectionFunctions: FunctionTable = {
  get: {
    arity: [2, 2],
    call: ([collection, key], _, reading) => {
      if (!isCollection(collection) && reading['get-other'] === 'error')
        throw new SqlRuntimeError('get is used of what is no Array, String or Object');
      return get(collection, key);
    },
  },
  // "when the expression in the first parameter returns null, undefined, or fails"; without a default it is Undefined.
  get_or_default: { arity: [1, 2], catches: true, call: ([value, otherwise]) => value ?? otherwise },
  isnull: { arity: [1, 1], call: ([value]) => value === null },
  isundefined: { arity: [1, 1], call: ([value]) => value === undefined },
  transform: {
    arity: [3, 3],
    call: ([mode, attributes, array]) => (mode === 'enrichArray' ? enrich(attributes, array) : undefined),
    check: ([mode]) => (mode === undefined ? 'transform takes its mode as a literal' : undefined),
  },
};
