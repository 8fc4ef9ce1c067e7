import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { Decimal, emptyObject, type Json, type JsonObject, numberText } from '../sql/index.ts';

/** JSON as DynamoDB holds it. Numbers keep every digit, which `marshall` of the SDK does not promise. */
export function toAttributeValue(json: Json): AttributeValue {
  if (json === null) return { NULL: true };
  if (typeof json === 'boolean') return { BOOL: json };
  if (typeof json === 'string') return { S: json };
  if (typeof json === 'number' || json instanceof Decimal) return { N: numberText(json) };
  if (Array.isArray(json)) return { L: json.map(toAttributeValue) };
  return { M: toAttributes(json) };
}

/** One attribute for each key of an object. */
export function toAttributes(object: JsonObject): Record<string, AttributeValue> {
  const attributes = emptyObject<AttributeValue>();
  for (const key of Object.keys(object)) attributes[key] = toAttributeValue(object[key] as Json);
  return attributes;
}
