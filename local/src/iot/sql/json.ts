// Read by hand, since JSON.parse rounds numbers; from Node.js 22 on it gives their source text, too.

import { Decimal, numberText, parseNumber, type SqlNumber } from './decimal.ts';
import type { SqlVersion } from './version.ts';

/** Plain JSON. Objects inherit nothing, so that `__proto__` is a key like any other; a number may be a `Decimal`. */
export type Json = null | boolean | SqlNumber | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** Deeper documents count as not JSON. Jackson, which reads JSON in most Java services, has the same limit. */
const deepest = 1000;

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Decimal);
}

/** V8 keeps what Object.create(null) makes as a hash table, which takes longer to fill and to read. */
const Empty = function () {} as unknown as { new (): object; prototype: object };
Empty.prototype = Object.create(null) as object;
export const emptyObject = <T = Json>(): Record<string, T> => new Empty() as Record<string, T>;

/**
 * The document in `text`, or `undefined` when it is not JSON. Unlike `JSON.parse` it keeps every digit of a number. Of equal
 * keys the last one counts.
 */
export function parseJson(text: string, version?: SqlVersion): Json | undefined {
  if (!beginning.test(text)) return undefined;
  try {
    return new JsonReader(text, version).document();
  } catch (error) {
    if (error === notJson) return undefined;
    throw error;
  }
}

/** One for all: a new one would walk the stack, for each message that is no JSON. */
const notJson = new Error('not JSON');

/** How a document begins. To throw takes longer than to read a short one. */
const beginning = /^[ \t\n\r]*["{[tfn\d-]/;
/** What ends or changes a string: a quote, a backslash, and the control characters that JSON does not allow in one. */
const special = /["\\]|[^ -\u{10ffff}]/gu;
const numberToken = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const words: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

class JsonReader {
  readonly #text: string;
  readonly #version: SqlVersion | undefined;
  #at = 0;

  constructor(text: string, version: SqlVersion | undefined) {
    this.#text = text;
    this.#version = version;
  }

  document(): Json {
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) throw notJson;
    return value;
  }

  #value(depth: number): Json {
    if (depth > deepest) throw notJson;
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return this.#string();
      default:
        return this.#scalar();
    }
  }

  #object(depth: number): JsonObject {
    const object = emptyObject();
    this.#at += 1;
    if (this.#takes('}')) return object;
    do {
      this.#skipSpace();
      const key = this.#string();
      this.#expect(':');
      object[key] = this.#value(depth + 1);
    } while (this.#takes(','));
    this.#expect('}');
    return object;
  }

  #array(depth: number): Json[] {
    const array: Json[] = [];
    this.#at += 1;
    if (this.#takes(']')) return array;
    do {
      array.push(this.#value(depth + 1));
    } while (this.#takes(','));
    this.#expect(']');
    return array;
  }

  #string(): string {
    const start = this.#at;
    if (this.#text[start] !== '"') throw notJson;
    let escaped = false;
    special.lastIndex = start + 1;
    for (let match = special.exec(this.#text); match; match = special.exec(this.#text)) {
      if (match[0] === '"') {
        this.#at = match.index + 1;
        return escaped ? unescape(this.#text.slice(start, this.#at)) : this.#text.slice(start + 1, match.index);
      }
      if (match[0] !== '\\') break;
      escaped = true;
      special.lastIndex = match.index + 2;
    }
    throw notJson;
  }

  #scalar(): Json {
    numberToken.lastIndex = this.#at;
    const number = numberToken.exec(this.#text)?.[0];
    if (number !== undefined) {
      this.#at += number.length;
      return parseNumber(number, this.#version);
    }
    for (const [word, value] of words) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    throw notJson;
  }

  #skipSpace(): void {
    for (;;) {
      const character = this.#text.charCodeAt(this.#at);
      if (character !== 0x20 && character !== 0x0a && character !== 0x0d && character !== 0x09) return;
      this.#at += 1;
    }
  }

  #takes(token: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  #expect(token: string): void {
    if (!this.#takes(token)) throw notJson;
  }
}

function unescape(literal: string): string {
  try {
    return JSON.parse(literal) as string;
  } catch {
    throw notJson;
  }
}

/** The document as JSON text without white space, every digit kept. */
export function jsonText(json: Json): string {
  if (json === null || typeof json === 'boolean') return String(json);
  if (typeof json === 'string') return JSON.stringify(json);
  if (typeof json === 'number' || json instanceof Decimal) return numberText(json);
  if (Array.isArray(json)) return `[${json.map(jsonText).join(',')}]`;
  return `{${Object.entries(json)
    .map(([key, value]) => `${JSON.stringify(key)}:${jsonText(value)}`)
    .join(',')}}`;
}
