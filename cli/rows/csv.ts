// Written by hand: quoting a field is one line, and the lines have to come while rows are still read.

import { attributeJson } from './attribute-json.ts';
import type { Row } from './time-series.ts';
import { CliError } from '../terminal/cli-error.ts';
import { fieldsOf, valueIn } from './row-text.ts';
import { timeOf } from './row-time.ts';
import { printable } from '../terminal/terminal.ts';
import { formatMillisecond } from '../terminal/time.ts';

/** Of what the cloud adds, these are columns where rows have them. */
const ADDED = ['measured', 'received', 'device', 'full_topic'];

/** When it was measured, or else received, as spreadsheets read it: the local date and time. */
const LOCAL = 'time_local';

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
      const added = ADDED.filter((column) => page.some((row) => Object.hasOwn(row, column)));
      columns = [...added, ...(fields ?? [...new Set(page.flatMap(fieldsOf))].sort())];
      yield [LOCAL, ...columns].map(textCell).join(',');
    }
    for (const row of page) {
      const time = formatMillisecond(timeOf(row));
      yield [time, ...columns.map((column) => cellOf(row, column))].join(',');
      for (const name of fieldsOf(row)) if (!columns.includes(name)) leftOut.add(name);
    }
  }
  if (leftOut.size > 0) {
    const names = [...leftOut].join(' ');
    throw new CliError(`left out are fields that came up late (${names}); name all that you want: --field ...`);
  }
}

/** Text as it is, everything else as JSON, nothing for a field that the row lacks. */
function cellOf(row: Row, column: string): string {
  const value = valueIn(row, column);
  if (value === undefined) return '';
  return value.S === undefined ? quoted(attributeJson(value)) : textCell(value.S);
}

/** Text that a device chose. It steers no terminal, and no spreadsheet takes it for a formula. */
function textCell(text: string): string {
  const shown = text
    .split(/(\r?\n|\t)/)
    .map((part, index) => (index % 2 === 0 ? printable(part) : part.replace('\r', '')))
    .join('');
  return quoted(isFormula(shown) ? `'${shown}` : shown);
}

/** What spreadsheets calculate when it stands at the beginning of a cell (OWASP, "CSV Injection"), but for numbers. */
function isFormula(text: string): boolean {
  return /^[=+\-@\t]/.test(text) && !/^[+-]?[\d.,]+$/.test(text);
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
