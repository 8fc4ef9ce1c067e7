import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Value } from '../../web/wire.ts';
import { RAW_COLUMN } from '../../lib/fleet/columns.ts';
import type { Row } from '../rows/time-series.ts';
import { fieldsOf } from '../rows/row-text.ts';
import { isAge } from '../rows/row-time.ts';

/** Device firmware has a handful; more of one message are noise. */
const MOST_VALUES = 200;

/**
 * What of a row can be a curve: numbers, and false and true, of the device's own fields, but for the age of a reading. Those inside of objects and lists
 * go by their path, such as `wind.speed` or `cells[2]`; a name that would read as a path stands in quotes.
 */
export function valuesOf(row: Row): Value[] {
  const found: Value[] = [];
  for (const field of fieldsOf(row)) {
    if (field !== RAW_COLUMN && !isAge(row, field)) collect(found, nameOf(field), row[field] as AttributeValue);
  }
  return found.slice(0, MOST_VALUES);
}

function collect(found: Value[], path: string, value: AttributeValue): void {
  if (found.length >= MOST_VALUES) return;
  if (value.N !== undefined) {
    const number = Number(value.N);
    if (Number.isFinite(number)) found.push([path, number]); // a payload that is kept whole may say 1e999
  } else if (value.BOOL !== undefined) found.push([path, value.BOOL]);
  else if (value.L !== undefined) value.L.forEach((each, index) => collect(found, `${path}[${index}]`, each));
  else if (value.M !== undefined) {
    for (const [name, each] of Object.entries(value.M)) {
      if (each !== undefined) collect(found, `${path}.${nameOf(name)}`, each);
    }
  }
}

function nameOf(name: string): string {
  return /^[^.[\]"]+$/.test(name) ? name : JSON.stringify(name);
}
