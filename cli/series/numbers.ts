import type { Row } from '../aws/time-series.ts';
import { fieldsOf } from '../row-text.ts';

/** The fields of a row that hold a number. @param fields only these; without them, all */
export function numbersIn(row: Row, fields: readonly string[] | undefined): [field: string, number: number][] {
  return (fields ?? fieldsOf(row)).flatMap((field) => {
    const number = row[field]?.N;
    return number === undefined ? [] : [[field, Number(number)]];
  });
}
