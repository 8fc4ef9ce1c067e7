import { parse } from 'csv-parse/sync';
import { readFileSync, rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { LIST_COLUMNS, NEEDED_COLUMNS, parseDeviceList, readDeviceList } from './device-list.ts';
import { FleetFileError } from './fleet-file-error.ts';
import { newestGeneration } from './generations.ts';
import type { FleetDevice } from './read.ts';
import { beginFile, replaceFile } from './replace-file.ts';

// As in edit.ts, nothing but the lines in question changes. A new column is one more value in each line.

/** What a line of a list says, by its columns; an empty value is a default. */
type Values = Partial<Record<(typeof LIST_COLUMNS)[number], string>>;

/** What a line says of a device. */
export type ListedDevice = Pick<FleetDevice, 'name' | 'board'> & Partial<Pick<FleetDevice, 'revoked' | 'generations'>>;

/**
 * Begins a list with devices.
 *
 * @param then what is to be done besides; where that fails, there is no list
 * @throws {Error} of the operating system, also when there is such a file
 */
export function beginList(file: string, devices: readonly ListedDevice[], then: () => void): void {
  const values = devices.map(valuesOf);
  const columns = LIST_COLUMNS.filter(
    (one) => NEEDED_COLUMNS.includes(one) || values.some((each) => each[one] !== undefined),
  );
  const lines = [columns, ...values.map((each) => columns.map((column) => each[column] ?? ''))];
  beginFile(file, lines.map((line) => `${line.join(',')}\n`).join(''));
  try {
    then();
  } catch (error) {
    rmSync(file);
    throw error;
  }
}

/**
 * Adds devices to a list, below the others: all of them, or none.
 *
 * @throws {FleetFileError} when one stands there already, or the list is not valid
 */
export function addToList(file: string, devices: readonly ListedDevice[]): void {
  const values = devices.map(valuesOf);
  edit(
    file,
    values.flatMap((each) => Object.keys(each)),
    (lines, lineOf) => lines.push(...values.map(lineOf)),
  );
}

/**
 * Writes values into the lines of devices: of all of them, or of none.
 *
 * @returns whether the file changed
 * @throws {FleetFileError} when the list lacks such a device, or is not valid
 */
export function writeIntoList(
  file: string,
  changes: Readonly<Record<string, Pick<Values, 'generation' | 'revoked'>>>,
): boolean {
  const listed = new Map(readDeviceList(file).map((device) => [device.name, device]));
  const changed = Object.entries(changes).flatMap(([name, values]) => {
    const device = listed.get(name);
    if (device === undefined) throw new FleetFileError(file, undefined, `device ${JSON.stringify(name)} is not here`);
    const before = valuesOf(device);
    const after = { ...before, ...values };
    return isDeepStrictEqual(after, before) ? [] : [{ index: device.line - 1, after }];
  });
  if (changed.length === 0) return false;
  const columns = changed.flatMap(({ after }) => Object.keys(after));
  edit(file, columns, (lines, lineOf) => {
    for (const { index, after } of changed) lines[index] = lineOf(after);
  });
  return true;
}

/** What is at its default is left out. */
function valuesOf({ name, board, revoked, generations = [{ number: 1, keyType: 'ec' }] }: ListedDevice): Values {
  const { number } = newestGeneration({ generations });
  return { name, board, ...(number !== 1 && { generation: String(number) }), ...(revoked && { revoked: 'true' }) };
}

/** @param needed columns that the list is to have afterwards */
function edit(
  file: string,
  needed: readonly string[],
  change: (lines: string[], lineOf: (values: Values) => string) => void,
): void {
  const text = readFileSync(file, 'utf8');
  parseDeviceList(text, file); // so that each record is a line
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.split(newline);
  if (lines.at(-1) === '') lines.pop();
  const header = lines.findIndex((line) => /[a-z]/.test(line));
  const [columns = []] = parse(lines[header] ?? '', { bom: true, trim: true }) as (keyof Values)[][];
  const added = LIST_COLUMNS.filter((column) => needed.includes(column) && !columns.includes(column));
  for (const column of added) {
    columns.push(column);
    for (const [index, line] of lines.entries())
      if (line.trim() !== '') lines[index] = `${line},${index === header ? column : ''}`;
  }
  change(lines, (values) => columns.map((column) => values[column] ?? '').join(','));
  const edited = lines.map((line) => line + newline).join('');
  parseDeviceList(edited, file);
  replaceFile(file, edited);
}
