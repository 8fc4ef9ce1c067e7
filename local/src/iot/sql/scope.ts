import { isUtf8 } from 'node:buffer';
import { isObject, parseJson } from './json.ts';
import type { Message } from './message.ts';
import type { Reading } from './reading.ts';
import type { Value } from './values.ts';

/** The values of a SET clause, by name. */
export type Variables = ReadonlyMap<string, Value>;

/** What an expression can see. */
export interface Scope {
  readonly message: Message;
  readonly reading: Reading;
  readonly variables: Variables;
  /** `*`: the payload, or the element of a nested query. Undefined for a payload that is not JSON. */
  readonly root: Value;
  /** The payload as it was sent; `undefined` in a nested query. */
  readonly bytes: Uint8Array | undefined;
  /** The elements that nested queries give a name to (`FROM source AS name`). */
  readonly elements: Variables;
}

const noElements: Variables = new Map();

/** The scope of a statement or template. The payload is read when it is first asked for: many templates never do. */
export class MessageScope implements Scope {
  readonly message: Message;
  readonly reading: Reading;
  readonly variables: Variables;
  readonly elements = noElements;
  #root: { readonly value: Value } | undefined;

  constructor(message: Message, reading: Reading, variables: Variables) {
    this.message = message;
    this.reading = reading;
    this.variables = variables;
  }

  get bytes(): Uint8Array {
    return this.message.payload;
  }

  get root(): Value {
    this.#root ??= { value: readPayload(this.message.payload, this.reading) };
    return this.#root.value;
  }
}

/** The scope of one element that a nested query goes through. */
export const elementScope = (outer: Scope, element: Value, name: string | undefined): Scope => ({
  message: outer.message,
  reading: outer.reading,
  variables: outer.variables,
  root: element,
  bytes: undefined,
  elements: name === undefined ? outer.elements : new Map(outer.elements).set(name, element),
});

/** A bare number counts as not JSON (iot-sql-where), a bare string is no input (binary-payloads); so do the other scalars. */
function readPayload(payload: Uint8Array, { version }: Reading): Value {
  if (!isUtf8(payload)) return undefined;
  const json = parseJson(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString(), version);
  return isObject(json) || Array.isArray(json) ? json : undefined;
}
