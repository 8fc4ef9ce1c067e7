import { attributeJson } from './attribute-json.ts';
import type { Row } from './aws/time-series.ts';
import { CliError } from './cli-error.ts';
import { fieldsOf } from './row-text.ts';

/** Of what the cloud adds, these are columns where rows have them. */
const ADDED = ['received', 'device', 'full_topic'];

/**
 * Rows as CSV (RFC 4180), a head first. A field has a column when it is asked for, else when it stands in the first
 * page: all rows would have to be read before the first could be written.
 *
 * @throws {CliError} after the last line, when rows had fields for which there is no column
 */
export async function* csvLines(
  pages: AsyncIterable<readonly Row[]>,
  fields: readonly string[] | undefined,
): AsyncGenerator<string> {
  let columns: readonly string[] | undefined;
  const leftOut = new Set<string>();
  for await (const page of pages) {
    if (page.length === 0) continue;
    if (columns === undefined) {
      const added = ADDED.filter((column) => page.some((row) => column in row));
      columns = [...added, ...(fields ?? new Set(page.flatMap(fieldsOf)))];
      yield columns.map(cell).join(',');
    }
    for (const row of page) {
      yield columns.map((column) => cell(valueOf(row, column))).join(',');
      for (const name of fieldsOf(row)) if (!columns.includes(name)) leftOut.add(name);
    }
  }
  if (leftOut.size > 0) {
    const names = [...leftOut].join(' ');
    throw new CliError(`left out are fields that came up late (${names}); name all that you want: --field ...`);
  }
}

/** Text as it is, everything else as JSON, nothing for a field that the row lacks. */
function valueOf(row: Row, column: string): string {
  const value = row[column];
  return value === undefined ? '' : (value.S ?? attributeJson(value));
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
