import type { Row } from '../aws/time-series.ts';
import { fieldsOf, valueIn } from '../row-text.ts';

/** The fields of a row that hold a number, with all its digits. @param fields only these; without them, all */
export function numbersIn(row: Row, fields: readonly string[] | undefined): [field: string, number: string][] {
  return (fields ?? fieldsOf(row)).flatMap((field) => {
    const number = valueIn(row, field)?.N;
    return number === undefined ? [] : [[field, number]];
  });
}
