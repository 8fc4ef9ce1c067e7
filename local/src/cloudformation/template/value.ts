import { isDeepStrictEqual } from 'node:util';

/** A value as a template holds it: JSON. */
export type Value = null | string | number | boolean | Value[] | ValueMap;
export interface ValueMap {
  [name: string]: Value;
}

/** Stands for what a resource that does not exist yet will give. */
export const UNKNOWN = Symbol('known after the deployment');

/** A value after its intrinsic functions are evaluated, with holes where only the deployment will know. */
export type Resolved = null | string | number | boolean | typeof UNKNOWN | Resolved[] | ResolvedMap;
export interface ResolvedMap {
  [name: string]: Resolved;
}

/** The properties of a resource, evaluated. */
export type Properties = ValueMap;

export const isMap = <T>(value: T): value is Extract<T, Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function hasUnknown(value: Resolved): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isMap(value) && Object.values(value).some(hasUnknown);
}

/** The same value, typed as one without holes. Throws when it has one, which would be a fault of the engine. */
export function known(value: Resolved): Value {
  if (hasUnknown(value)) throw new Error('a value is used before the resource that gives it exists');
  return value as Value;
}

/** Whether two values are the same: the order of members does not count, that of lists does. */
export const isSame = (a: Resolved | undefined, b: Resolved | undefined): boolean => isDeepStrictEqual(a, b);
