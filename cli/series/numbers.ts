import type { Row } from '../rows/time-series.ts';
import { fieldsOf, valueIn } from '../rows/row-text.ts';
import { isAge } from '../rows/row-time.ts';

/** The fields of a row that hold a number, with all its digits. @param fields only these; without them, all but the age */
export function numbersIn(row: Row, fields: readonly string[] | undefined): [field: string, number: string][] {
  const own = () => fieldsOf(row).filter((field) => !isAge(row, field));
  return (fields ?? own()).flatMap((field) => {
    const number = valueIn(row, field)?.N;
    return number === undefined ? [] : [[field, number]];
  });
}
