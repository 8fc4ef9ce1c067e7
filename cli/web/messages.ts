import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  ARRIVAL_COLUMN,
  DEVICE_COLUMN,
  FULL_TOPIC_COLUMN,
  MEASURED_COLUMN,
  RAW_COLUMN,
} from '../../lib/fleet/columns.ts';
import type { Message, MessageDetails } from '../../web/wire.ts';
import { attributeJson, objectJson } from '../rows/attribute-json.ts';
import { ADDED, type Row } from '../rows/time-series.ts';
import { fieldsOf } from '../rows/row-text.ts';
import { valuesOf } from './readings.ts';

/** As much of a message as its line in a list has. */
const LINE_LENGTH = 300;

/** A row, as far as a list and the curves want it. */
export function messageOf(row: Row): Message {
  const topic = row[FULL_TOPIC_COLUMN]?.S;
  const arrival = row[ARRIVAL_COLUMN]?.S ?? '';
  const text = lineOf(row);
  return {
    device: row[DEVICE_COLUMN]?.S ?? '',
    arrival,
    received: Number(row.received?.N ?? Number.parseInt(arrival, 10)),
    ...(row[MEASURED_COLUMN] && { measured: Number(row[MEASURED_COLUMN].N) }),
    ...(topic !== undefined && { topic }),
    text: text.length > LINE_LENGTH ? `${text.slice(0, LINE_LENGTH)}…` : text,
    values: valuesOf(row),
  };
}

function lineOf(row: Row): string {
  const raw = row[RAW_COLUMN]?.S;
  return raw === undefined ? objectJson(fieldsIn(row)) : payloadText(Buffer.from(raw, 'base64')).payload;
}

/** A row as the table holds it, in full, and what the device sent. */
export function detailsOf(stored: Row): MessageDetails {
  const raw = stored[RAW_COLUMN]?.S;
  const sent =
    raw === undefined
      ? { payload: objectJson(fieldsIn(stored)), remark: 'Put together from the columns, which keep no order.' }
      : payloadText(Buffer.from(raw, 'base64'));
  const names = [...ADDED.filter((column) => Object.hasOwn(stored, column)), ...fieldsOf(stored)];
  return {
    ...sent,
    columns: names.map((name) => {
      const value = stored[name] as AttributeValue;
      return [name, Object.keys(value)[0] ?? '', attributeJson(value)] as const;
    }),
  };
}

/** A payload for people: text where it is text, digits where it is not. */
export function payloadText(payload: Buffer): { readonly payload: string; readonly remark?: string } {
  const text = payload.toString('utf8');
  if (Buffer.from(text, 'utf8').equals(payload)) {
    return payload.length === 0 ? { payload: text, remark: 'An empty message.' } : { payload: text };
  }
  return { payload: payload.toString('hex'), remark: `No text, but ${payload.length} bytes, in hexadecimal digits.` };
}

function fieldsIn(row: Row): Record<string, AttributeValue> {
  return Object.fromEntries(fieldsOf(row).map((name) => [name, row[name] as AttributeValue]));
}
