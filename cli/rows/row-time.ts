import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { MEASURED_COLUMN, RECEIVED_COLUMN } from '../../lib/fleet/columns.ts';
import { AGE_FIELD, measuredAt } from '../../lib/fleet/measured.ts';

type Row = Readonly<Record<string, AttributeValue>>;

/** When a reading was taken, in milliseconds since 1970: where no board said it, when it arrived. */
export function timeOf(row: Row): number {
  return Number(row[MEASURED_COLUMN]?.N ?? row[RECEIVED_COLUMN]?.N);
}

/** How much later than it was taken a reading arrived, in milliseconds. */
export function delayOf(row: Row): number {
  return Number(row[RECEIVED_COLUMN]?.N) - timeOf(row);
}

/** The same of the fields of a message, with `received` in milliseconds since 1970; undefined where no sane age is. */
export function measuredOf(received: number, fields: Row): number | undefined {
  const age = Object.hasOwn(fields, AGE_FIELD) ? fields[AGE_FIELD] : undefined;
  return measuredAt(received, age?.N === undefined ? age?.S : Number(age.N));
}

/** Whether a field is the age of a reading, which its time has taken up, and no reading of its own. */
export function isAge(row: Row, field: string): boolean {
  return field === AGE_FIELD && row[MEASURED_COLUMN] !== undefined;
}
