import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unlessItThrows } from '../../lib/fleet/unless-it-throws.ts';

/** DynamoDB nests no deeper (Developer Guide, "Constraints in Amazon DynamoDB"). */
const DEEPEST = 32;

/** The strings and the numbers of a JSON text. */
const SCALAR = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/**
 * The attributes that a JSON object has as columns, as the topic rule makes them of it: numbers keep every digit.
 *
 * @returns undefined for what is no JSON object in UTF-8, and for what no column can hold: nesting beyond 32 levels, half
 * of a surrogate pair
 */
export function attributesOfJson(payload: Uint8Array): Record<string, AttributeValue> | undefined {
  const text = utf8(payload);
  if (text === undefined || !/^\s*\{/.test(text)) return undefined;
  try {
    JSON.parse(text);
    // JSON.parse would round the numbers: they pass through it as strings, and a letter in front tells the two apart.
    const marked = text.replace(SCALAR, (scalar) => (scalar.startsWith('"') ? `"s${scalar.slice(1)}` : `"n${scalar}"`));
    return membersOf(JSON.parse(marked) as Marked, 1);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof NoColumn) return undefined;
    throw error;
  }
}

class NoColumn extends Error {}

type Marked = Readonly<Record<string, unknown>>;

function membersOf(object: Marked, depth: number): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [unmarked(name), attribute(value, depth)]));
}

function attribute(value: unknown, depth: number): AttributeValue {
  if (depth > DEEPEST) throw new NoColumn();
  if (value === null) return { NULL: true };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'string') return value.startsWith('n') ? { N: value.slice(1) } : { S: unmarked(value) };
  if (Array.isArray(value)) return { L: value.map((each) => attribute(each, depth + 1)) };
  return { M: membersOf(value as Marked, depth + 1) };
}

function unmarked(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new NoColumn();
  return text.slice(1);
}

function utf8(bytes: Uint8Array): string | undefined {
  return unlessItThrows(() => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
}
