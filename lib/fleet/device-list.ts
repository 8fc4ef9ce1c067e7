import { CsvError, parse } from 'csv-parse/sync';
import { describeIssue } from './describe-issue.ts';
import { FleetFileError } from './fleet-file-error.ts';
import type { FleetDevice } from './fleet-device.ts';
import { readText } from './read-text.ts';
import { listedDeviceSchema } from './schema.ts';

/** The columns of a list of devices. The last two may be left out. */
export const LIST_COLUMNS = Object.keys(listedDeviceSchema.shape) as readonly (keyof typeof listedDeviceSchema.shape)[];

/** Those that every list has. */
export const NEEDED_COLUMNS: readonly string[] = ['name', 'board'] satisfies (typeof LIST_COLUMNS)[number][];

/**
 * Reads a list of devices: CSV with a header that names the columns. The board of each makes its key, as with `key: board`.
 *
 * @throws {FleetFileError} with the line of the first mistake, be it a name that stands there twice
 */
export function readDeviceList(file: string): readonly FleetDevice[] {
  return parseDeviceList(readText(file), file);
}

/** The same of a text. @param file where it stands, for error messages */
export function parseDeviceList(text: string, file: string): readonly FleetDevice[] {
  const [header, ...lines] = recordsIn(text, file);
  const columns = columnsIn(header, file);
  const seen = new Map<string, number>();
  return lines.map(({ record, info: { lines: line } }): FleetDevice => {
    if (record.length !== columns.length) {
      throw new FleetFileError(file, line, `values: ${record.length}; allowed: ${columns.length}, as in the header`);
    }
    const values = Object.fromEntries(columns.map((column, index) => [column, record[index]]));
    const { success, data, error } = listedDeviceSchema.safeParse(values, { reportInput: true });
    const [issue] = error?.issues ?? [];
    if (!success) throw new FleetFileError(file, line, issue ? describeIssue(issue) : 'not valid');
    const { name, board, generation, revoked } = data;
    const before = seen.get(name);
    if (before !== undefined) {
      throw new FleetFileError(file, line, `device "${name}" already stands in line ${before}; allowed: once`);
    }
    seen.set(name, line);
    return { name, board, revoked, enrols: true, generations: [{ number: generation, keyType: 'ec' }], line };
  });
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

function recordsIn(text: string, file: string): CsvRecord[] {
  const options = { bom: true, info: true, relax_column_count: true, skip_empty_lines: true, trim: true } as const;
  try {
    return parse(text, options) as unknown as CsvRecord[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new FleetFileError(file, Number(error.lines), `not valid CSV: ${error.message}`);
  }
}

function columnsIn(header: CsvRecord | undefined, file: string): readonly string[] {
  const columns = header?.record ?? [];
  const line = header?.info.lines ?? 1;
  const known: readonly string[] = LIST_COLUMNS;
  const unknown = columns.find((column) => !known.includes(column));
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  const missing = NEEDED_COLUMNS.find((column) => !columns.includes(column));
  const problem =
    unknown !== undefined
      ? `the column ${JSON.stringify(unknown)} is not known`
      : twice !== undefined
        ? `the column "${twice}" stands here twice`
        : missing !== undefined
          ? `the column "${missing}" is missing`
          : undefined;
  if (problem === undefined) return columns;
  throw new FleetFileError(file, line, `${problem}; allowed: a header such as ${LIST_COLUMNS.join(',')}`);
}
