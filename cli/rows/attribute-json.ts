import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { printable } from '../terminal/terminal.ts';

/**
 * A DynamoDB value as JSON text. Numbers keep all of the 38 digits that DynamoDB holds, more than a JavaScript number
 * can; control characters are escaped, all of them, since devices choose them and terminals obey them.
 */
export function attributeJson(value: AttributeValue): string {
  if (value.S !== undefined) return text(value.S);
  if (value.N !== undefined) return value.N;
  if (value.BOOL !== undefined) return String(value.BOOL);
  if (value.L !== undefined) return `[${value.L.map(attributeJson).join(',')}]`;
  if (value.M !== undefined) return objectJson(value.M);
  if (value.B !== undefined) return text(Buffer.from(value.B).toString('base64'));
  if (value.SS !== undefined) return `[${value.SS.map(text).join(',')}]`;
  if (value.NS !== undefined) return `[${value.NS.join(',')}]`;
  if (value.BS !== undefined) return `[${value.BS.map((bytes) => attributeJson({ B: bytes })).join(',')}]`;
  return 'null';
}

/** Attributes as a JSON object, in their order. */
export function objectJson(attributes: Readonly<Record<string, AttributeValue>>): string {
  const members = Object.entries(attributes).map(([name, value]) => `${text(name)}:${attributeJson(value)}`);
  return `{${members.join(',')}}`;
}

function text(value: string): string {
  return printable(JSON.stringify(value));
}
