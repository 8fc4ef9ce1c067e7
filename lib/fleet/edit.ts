import { isDeepStrictEqual } from 'node:util';
import { Document, isMap, isScalar, parse, stringify, type YAMLMap } from 'yaml';
import { readFleetDocument } from './fleet-document.ts';
import { FleetFileError } from './fleet-file-error.ts';
import { NAME_PATTERN, NAME_RULE } from './names.ts';
import { replaceFile } from './replace-file.ts';
import type { Board, KeyType } from './schema.ts';

// Nothing but the lines in question changes: neither comments nor order nor spacing. So the text is edited, and not
// written anew from the YAML document, which only says whether the edit did what it should.

/**
 * Sets `revoked: true` for a device in its fleet file.
 *
 * @returns whether the file changed; false when the device was marked already
 * @throws {FleetFileError} when the file has no such device, is not valid YAML, or is written so unusually that a
 * person has to edit it
 */
export function markRevoked(file: string, device: string): boolean {
  return setKey(file, device, 'revoked', () => true).changed;
}

/**
 * Raises the `generation` of a device in its fleet file by one.
 *
 * @returns the new generation
 * @throws {FleetFileError} as {@link markRevoked}
 */
export function raiseGeneration(file: string, device: string): number {
  return setKey(file, device, 'generation', (before) => Number(before ?? 1) + 1).value;
}

/** What the entry of a new device says. */
export interface NewDevice {
  readonly board: Board;
  readonly keyType?: KeyType;
  /** Path of its certificate signing request, when it keeps its own key. */
  readonly csr?: string;
}

/**
 * Adds a device to a fleet file, below the others and written as they are.
 *
 * @throws {FleetFileError} when the name is not valid or stands there already, and as {@link markRevoked}
 */
export function addDevice(file: string, name: string, { board, keyType, csr }: NewDevice): void {
  if (!NAME_PATTERN.test(name)) {
    throw new FleetFileError(
      file,
      undefined,
      `device name ${JSON.stringify(name)} is not valid; allowed: ${NAME_RULE}`,
    );
  }
  const { text, document, lineOf } = readFleetDocument(file);
  const devices: unknown = document.get('devices', true);
  if (!isMap(devices)) throw new FleetFileError(file, 1, 'there are no devices here; begin with "devices: {}"');
  if (devices.has(name)) {
    throw new FleetFileError(file, lineOf(['devices', name]), `device "${name}" already stands here; allowed: once`);
  }
  const entry = { board, ...(keyType !== undefined && { keyType }), ...(csr !== undefined && { csr }) };
  const edited = withDevice(text, devices, name, entry);
  document.setIn(['devices', name], entry);
  if (!isDeepStrictEqual(parsed(edited), document.toJS())) {
    throw new FleetFileError(file, lineOf(['devices']), `add "${name}: ${JSON.stringify(entry)}" by hand`);
  }
  replaceFile(file, edited);
}

function setKey<Value extends true | number>(
  file: string,
  device: string,
  key: string,
  valueFor: (before: unknown) => Value,
): { readonly changed: boolean; readonly value: Value } {
  const { text, document, lineOf } = readFleetDocument(file);
  const entry: unknown = document.getIn(['devices', device], true);
  if (!isMap(entry)) throw new FleetFileError(file, undefined, `device ${JSON.stringify(device)} is not here`);
  const before = entry.get(key);
  const value = valueFor(before);
  if (before === value) return { changed: false, value };

  const edited = withKey(text, entry, key, value);
  document.setIn(['devices', device, key], value);
  if (!isDeepStrictEqual(parsed(edited), document.toJS())) {
    throw new FleetFileError(file, lineOf(['devices', device]), `add "${key}: ${value}" to "${device}" by hand`);
  }
  replaceFile(file, edited);
  return { changed: true, value };
}

function withKey(text: string, entry: YAMLMap, key: string, value: true | number): string {
  const before: unknown = entry.get(key, true);
  if (isScalar(before) && before.range) return splice(text, before.range[0], before.range[1], String(value));
  const end = endOf(entry.items.at(-1)?.value);
  if (entry.flow) return splice(text, end, end, `, ${key}: ${value}`);
  return withLines(text, end, [`${indentOf(text, entry)}${key}: ${value}`]);
}

function withDevice(text: string, devices: YAMLMap, name: string, entry: object): string {
  const [start = 0, end = 0] = devices.range ?? [];
  const last: unknown = devices.items.at(-1)?.value;
  const inOneLine = lineFor(name, entry);
  if (last === undefined) {
    const kept = text.slice(0, start).trimEnd();
    return `${kept}${newlineOf(text)}  ${inOneLine}${text.slice(end)}`;
  }
  if (devices.flow) return splice(text, endOf(last), endOf(last), `, ${inOneLine}`);

  const indent = indentOf(text, devices);
  if (!isMap(last) || last.flow) return withLines(text, endOf(last), [`${indent}${inOneLine}`]);
  const inner = indentOf(text, last);
  const keys = Object.entries(entry).map(
    ([key, value]) => `${inner}${key}: ${stringify(value, { lineWidth: 0 }).trim()}`,
  );
  return withLines(text, endOf(last), [`${indent}${stringify(name).trim()}:`, ...keys]);
}

/** `name: { key: value, … }` */
function lineFor(name: string, entry: object): string {
  const document = new Document({ [name]: entry });
  const value: unknown = document.get(name, true);
  if (isMap(value)) value.flow = true;
  return document.toString({ lineWidth: 0 }).trim();
}

/** Where the text of a node ends, the white space after it left out. */
function endOf(node: unknown): number {
  if (isMap(node) && !node.flow) return endOf(node.items.at(-1)?.value);
  return ((isMap(node) || isScalar(node)) && node.range?.[1]) || 0;
}

/** Puts lines below the one that holds this offset. */
function withLines(text: string, offset: number, lines: readonly string[]): string {
  const newline = newlineOf(text);
  const endOfLine = text.indexOf('\n', offset) + 1;
  const added = lines.join(newline);
  return endOfLine === 0 ? `${text}${newline}${added}` : splice(text, endOfLine, endOfLine, `${added}${newline}`);
}

function newlineOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

function parsed(text: string): unknown {
  try {
    return parse(text, { stringKeys: true });
  } catch {
    return undefined;
  }
}

function indentOf(text: string, map: YAMLMap): string {
  const start = map.range?.[0] ?? 0;
  return text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
}

function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
