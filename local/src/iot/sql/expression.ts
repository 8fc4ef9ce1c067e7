import type { CastType, Expression, Item, Query, Selection, Shared } from './ast.ts';
import { fromDouble } from './functions/function.ts';
import { get } from './functions/collection.ts';
import { compareNumbers, toDouble } from './decimal.ts';
import { SqlRuntimeError } from './errors.ts';
import { emptyObject, isObject, type Json, type JsonObject } from './json.ts';
import { and, arithmetic, comparisons, isIn, not, or } from './operators.ts';
import { elementScope, type Scope } from './scope.ts';
import { areEqual, isNumber, toBoolean, toDecimal, toIntDown, toText, type Value } from './values.ts';

/**
 * The value of an expression.
 *
 * @throws {SqlRuntimeError} where AWS logs an SQL error
 */
export function valueOf(expression: Expression, scope: Scope): Value {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'payload':
      return scope.root;
    case 'attribute':
      return attribute(expression.name, scope);
    case 'variable':
      return variable(expression.name, scope);
    case 'path':
      return atPath(valueOf(expression.of, scope), expression.steps, scope);
    case 'array':
      return valuesOf(expression.items, scope).filter(isDefined);
    case 'object': {
      const object = emptyObject();
      for (const { key, value } of expression.entries) put(object, key, valueOf(value, scope));
      return object;
    }
    case 'call':
      return expression.callee.call(
        valuesOf(expression.args, scope, expression.callee.catches ? unlessItFails : valueOf),
        scope.message,
        scope.reading,
      );
    case 'encodedPayload':
      return encodedRoot(scope);
    case 'cast':
      return casts[expression.type](valueOf(expression.value, scope));
    case 'and':
      return and(valuesOf(expression.operands, scope), scope.reading);
    case 'or':
      return or(valuesOf(expression.operands, scope), scope.reading);
    case 'not':
      return not(valueOf(expression.operand, scope), scope.reading);
    case 'comparison':
      return comparisons[expression.operator](
        valueOf(expression.left, scope),
        valueOf(expression.right, scope),
        scope.reading,
      );
    case 'in':
      return isIn(valueOf(expression.left, scope), valueOf(expression.right, scope));
    case 'arithmetic':
      return calculated(expression, scope);
    case 'case':
      return chosen(expression, scope);
    case 'shared':
      return shared(expression, scope);
    case 'query':
      return resultOf(expression.query, scope);
    case 'exists': {
      const result = resultOf(expression.query, scope);
      return Array.isArray(result) ? result.length > 0 : result !== undefined;
    }
  }
}

// Functions of their own, since V8 allocates for each call of one that has closures, and `valueOf` is called most.

function valuesOf(expressions: readonly Expression[], scope: Scope, evaluate = valueOf): Value[] {
  return expressions.map((expression) => evaluate(expression, scope));
}

const atPath = (from: Value, steps: readonly (string | Expression)[], scope: Scope): Value =>
  steps.reduce(
    (of: Value, step) => (typeof step === 'string' ? member(of, step) : get(of, valueOf(step, scope))),
    from,
  );

const calculated = ({ first, rest }: Expression & { kind: 'arithmetic' }, scope: Scope): Value =>
  rest.reduce(
    (left, { operator, operand }) => arithmetic[operator](left, valueOf(operand, scope), scope.reading),
    valueOf(first, scope),
  );

function chosen({ value: of, branches, otherwise }: Expression & { kind: 'case' }, scope: Scope): Value {
  if (scope.reading.case === 'error' && of.kind !== 'attribute')
    throw new SqlRuntimeError('the value of CASE is no name');
  const value = valueOf(of, scope);
  if (value === undefined) return undefined;
  const branch = branches.find(({ when }) => {
    const candidate = valueOf(when, scope);
    return candidate !== undefined && areEqual(value, candidate);
  });
  const result = branch?.then ?? otherwise;
  return result && valueOf(result, scope);
}

function unlessItFails(expression: Expression, scope: Scope): Value {
  try {
    return valueOf(expression, scope);
  } catch (error) {
    if (error instanceof SqlRuntimeError) return undefined;
    throw error;
  }
}

const isDefined = (value: Value): value is Json => value !== undefined;

/** Undefined is left out when an Object is written (iot-sql-data-types). */
function put(object: JsonObject, key: string, value: Value): void {
  if (value !== undefined) object[key] = value;
}

const member = (of: Value, name: string): Value => (isObject(of) ? of[name] : undefined);

function attribute(name: string, scope: Scope): Value {
  if (scope.elements.has(name)) return scope.elements.get(name);
  if (scope.bytes && !isObject(scope.root) && scope.reading['payload-name'] === 'error')
    throw new SqlRuntimeError(`${name} is used, but the payload is no JSON object`);
  return member(scope.root, name);
}

function variable(name: string, scope: Scope): Value {
  if (!scope.variables.has(name)) throw new SqlRuntimeError(`@${name} is not set by the SET clause of the statement`);
  return scope.variables.get(name);
}

function shared(of: Shared, scope: Scope): Value {
  const { message, reading } = scope;
  if (!scope.bytes) return valueOf(of.expression, scope); // of an element, not of the message
  if (of.latest?.message !== message || of.latest.reading !== reading)
    of.latest = { message, reading, value: valueOf(of.expression, scope) };
  return of.latest.value;
}

function encodedRoot(scope: Scope): Value {
  const { bytes } = scope;
  if (bytes?.length === 0 && scope.reading['encode-nothing'] === 'undefined') return undefined;
  if (bytes) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  const text = toText(scope.root); // which is read when it is asked for
  return text === undefined ? undefined : Buffer.from(text).toString('base64');
}

const fromBoolean = (value: Value): Value => (typeof value === 'boolean' ? Number(value) : value);

const casts: Record<CastType, (value: Value) => Value> = {
  Boolean: (value) => (isNumber(value) ? compareNumbers(value, 0) !== 0 : toBoolean(value)),
  Decimal: (value) => toDecimal(fromBoolean(value)),
  Double: (value) => {
    const decimal = toDecimal(fromBoolean(value));
    return decimal === undefined ? undefined : fromDouble(toDouble(decimal));
  },
  Int: (value) => toIntDown(fromBoolean(value)),
  String: toText,
};

/** A nested SELECT: an Array of results over an Array, one result over an Object. */
function resultOf({ selection, source, name, where }: Query, scope: Scope): Value {
  const from = valueOf(source, scope);
  const select = (element: Value): Value => {
    const inner = elementScope(scope, element, name);
    return holds(where, inner) ? selected(selection, inner) : undefined;
  };
  if (Array.isArray(from)) return from.map(select).filter(isDefined);
  return isObject(from) ? select(from) : undefined;
}

/** Whether a WHERE clause lets the message, or the element, pass. */
export const holds = (where: Expression | undefined, scope: Scope): boolean =>
  where === undefined || valueOf(where, scope) === true;

/** What a SELECT clause puts out; Undefined for `*` over what is not JSON. */
export function selected(selection: Selection, scope: Scope): Value {
  if (selection.kind === 'value') return valueOf(selection.value, scope);
  const { items } = selection;
  return items.length === 1 && items[0]?.kind === 'all' ? scope.root : assembled(items, scope);
}

/** The object of items. The payload of `*` and the other items meet at root keys only, as `reading.collision` says. */
function assembled(items: readonly Item[], scope: Scope): JsonObject {
  const all = emptyObject();
  const named = emptyObject();
  const hidden: string[] = [];
  for (const item of items) {
    if (item.kind === 'all') {
      const payload = wholePayload(scope);
      if (isObject(payload)) Object.assign(all, payload);
    } else {
      const value = item.value.kind === 'payload' ? wholePayload(scope) : valueOf(item.value, scope);
      place(named, item.key, value);
      hidden.push(item.key[0] as string);
    }
  }
  if (scope.reading.collision === 'payload') return Object.assign(named, all);
  // An alias that is Undefined hides the payload's key too.
  for (const key of hidden) if (key in all) delete all[key];
  return Object.assign(all, named);
}

/** `*` beside other items or under an alias. An empty payload adds nothing and is no error (binary-payloads). */
function wholePayload({ root, bytes, reading }: Scope): Value {
  const unusable = bytes !== undefined && bytes.length > 0 && root === undefined;
  if (unusable && reading.binary === 'error')
    throw new SqlRuntimeError('* is used with other items, but the payload is not JSON');
  return root;
}

function place(object: JsonObject, [key, ...rest]: readonly string[], value: Value): void {
  if (key === undefined || value === undefined) return;
  if (rest.length === 0) {
    object[key] = value;
    return;
  }
  const inner = object[key];
  // A copy: what is here already may be part of the payload.
  const target = Object.assign(emptyObject(), isObject(inner) ? inner : {});
  object[key] = target;
  place(target, rest, value);
}
