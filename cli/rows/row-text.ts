import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { attributeJson, objectJson } from './attribute-json.ts';
import { ADDED, type Row } from './time-series.ts';
import { delayOf, isAge, timeOf } from './row-time.ts';
import { colours, lineWidth, type Output, printable, wrapped } from '../terminal/terminal.ts';
import { formatAgo, formatMillisecond } from '../terminal/time.ts';

/** The names of the columns that the device sent, in alphabetical order: DynamoDB keeps none. */
export function fieldsOf(row: Row): string[] {
  return Object.keys(row)
    .filter((column) => !ADDED.includes(column))
    .sort();
}

/** What a row has under a name; a plain object would answer to names such as "toString" by itself. */
export function valueIn(row: Row, column: string): AttributeValue | undefined {
  return Object.hasOwn(row, column) ? row[column] : undefined;
}

/** What arrived later than this after its reading was taken is said to be late. */
const LATE_MS = 10_000;

/**
 * A row for people: when its reading was taken, from whom, under which topic, and what it says. On a terminal that is too
 * narrow for all of it, it goes on below, indented.
 *
 * @param order of the fields, as {@link inOrder} takes it
 */
export function rowLine(output: Output, row: Row, order?: readonly string[]): string {
  const { dim, cyan } = colours(output);
  const delay = delayOf(row);
  const line = [
    dim(formatMillisecond(timeOf(row))),
    cyan(printable(row.device?.S ?? '')),
    ...(row.full_topic?.S === undefined ? [] : [printable(row.full_topic.S)]),
    fieldsText(row, order),
    ...(delay > LATE_MS ? [dim(`(arrived ${formatAgo(0, delay).replace('ago', 'later')})`)] : []),
  ].join('  ');
  return wrapped(output, line, lineWidth(output), 4);
}

/** Names as somebody asked for them, the others behind them in their own order. */
function inOrder(names: readonly string[], order: readonly string[] = []): readonly string[] {
  return [...order.filter((name) => names.includes(name)), ...names.filter((name) => !order.includes(name))];
}

/** What the device sent, in one line. */
export function fieldsText(row: Row, order?: readonly string[]): string {
  return inOrder(fieldsOf(row), order)
    .filter((name) => !isAge(row, name))
    .map((name) => `${printable(name)}=${name === 'raw' ? rawText(row) : attributeJson(row[name] as AttributeValue)}`)
    .join(' ');
}

/** A row for programs: a JSON object in one line, every column under its own name. */
export function rowJson(row: Row, order?: readonly string[]): string {
  const names = [...ADDED.filter((column) => Object.hasOwn(row, column)), ...inOrder(fieldsOf(row), order)];
  return objectJson(Object.fromEntries(names.map((name) => [name, row[name] as AttributeValue])));
}

/** A payload that is no JSON object, or uses our names, is kept whole, in base64. */
function rawText(row: Row): string {
  const payload = Buffer.from(row.raw?.S ?? '', 'base64');
  const text = payload.toString('utf8');
  return Buffer.from(text, 'utf8').equals(payload) ? printable(text) : `base64:${row.raw?.S}`;
}
