import { isDeepStrictEqual } from 'node:util';
import { Document, isCollection, isMap, isScalar, parse, parseDocument, stringify, type YAMLMap } from 'yaml';
import { readFleetDocument } from './fleet-document.ts';
import { FleetFileError } from './fleet-file-error.ts';
import type { GenerationKeys } from './generations.ts';
import { NAME_PATTERN, NAME_RULE } from './names.ts';
import { beginFile, replaceFile } from './replace-file.ts';
import type { Board, KeyType } from './schema.ts';
import { unlessItThrows } from './unless-it-throws.ts';

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
  return setKeys(file, device, [['revoked', true]]);
}

/**
 * Writes the generations of a device into its fleet file, with what that says of their keys.
 *
 * @param keys see generationKeys
 * @throws {FleetFileError} as {@link markRevoked}
 */
export function writeGenerations(file: string, device: string, keys: GenerationKeys): void {
  const { document } = readFleetDocument(file);
  const isThere = (key: string) => document.hasIn(['devices', device, key]);
  // What stands at its default is written only where something else stands.
  const isWritten = ([key, value]: readonly [string, unknown]) =>
    isThere(key) || (value !== undefined && value !== 'ec');
  setKeys(file, device, Object.entries(keys).filter(isWritten));
}

/** What the entry of a new device says. */
export interface NewDevice {
  readonly board: Board;
  readonly keyType?: KeyType;
  /** Where the key is made, when the board does that. */
  readonly key?: 'board';
  /** Path of its certificate signing request, when it keeps its own key. */
  readonly csr?: string;
  /** The id of the certificate that its board has already. */
  readonly certificate?: string;
  /** The policies that such a certificate keeps. */
  readonly policies?: readonly string[];
}

/** In the order in which they are written. */
const NEW_KEYS = ['board', 'key', 'keyType', 'csr', 'certificate', 'policies'] as const;

/**
 * Adds a device to a fleet file, below the others and written as they are.
 *
 * @throws {FleetFileError} when the name is not valid or stands there already, and as {@link markRevoked}
 */
export function addDevice(file: string, name: string, device: NewDevice): void {
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
  const entry = Object.fromEntries(
    NEW_KEYS.flatMap((key) => (device[key] === undefined ? [] : [[key, device[key]] as const])),
  );
  const edited = withDevice(text, devices, name, entry);
  document.setIn(['devices', name], entry);
  if (!isDeepStrictEqual(parsed(edited), document.toJS())) {
    throw new FleetFileError(file, lineOf(['devices']), `add "${name}: ${JSON.stringify(entry)}" by hand`);
  }
  replaceFile(file, edited);
}

/**
 * Begins a fleet file with devices, or with the path of its list.
 *
 * @param schema where its JSON schema is, as seen from the file; undefined leaves out the line by which editors find it
 * @throws {Error} of the operating system, also when there is such a file; nothing is left of one that cannot be written
 */
export function beginSite(
  file: string,
  site: { readonly devices: Readonly<Record<string, NewDevice>> } | { readonly list: string },
  schema: string | undefined,
): void {
  const modeline = schema === undefined ? '' : `# yaml-language-server: $schema=${schema}\n`;
  const lines =
    'list' in site
      ? [`list: ${inFlow(site.list)}`]
      : ['devices:', ...Object.entries(site.devices).map(([name, entry]) => `  ${lineFor(name, entry)}`)];
  beginFile(file, [modeline, ...lines.map((line) => `${line}\n`)].join(''));
}

/** @returns whether the file changed */
function setKeys(file: string, device: string, keys: readonly (readonly [key: string, value: unknown])[]): boolean {
  const { text, document, lineOf } = readFleetDocument(file);
  let edited = text;
  for (const [key, value] of keys) {
    const entry: unknown = parseDocument(edited, { stringKeys: true }).getIn(['devices', device], true);
    if (!isMap(entry)) throw new FleetFileError(file, undefined, `device ${JSON.stringify(device)} is not here`);
    edited = withKey(edited, entry, key, value);
    if (value === undefined) document.deleteIn(['devices', device, key]);
    else document.setIn(['devices', device, key], value);
  }
  if (!isDeepStrictEqual(parsed(edited), document.toJS())) {
    const wanted = keys.map(([key, value]) => (value === undefined ? `no ${key}` : `${key}: ${inFlow(value)}`));
    throw new FleetFileError(
      file,
      lineOf(['devices', device]),
      `write ${wanted.join(' and ')} into "${device}" by hand`,
    );
  }
  if (edited === text) return false;
  replaceFile(file, edited);
  return true;
}

function withKey(text: string, entry: YAMLMap, key: string, value: unknown): string {
  if (value === undefined) return withoutKey(text, entry, key);
  const before: unknown = entry.get(key, true);
  if ((isScalar(before) || (isCollection(before) && before.flow)) && before.range)
    return splice(text, before.range[0], before.range[1], inFlow(value));
  const end = endOf(entry.items.at(-1)?.value);
  if (entry.flow) return splice(text, end, end, `, ${key}: ${inFlow(value)}`);
  return withLines(text, end, [`${indentOf(text, entry)}${key}: ${inFlow(value)}`]);
}

function withoutKey(text: string, entry: YAMLMap, key: string): string {
  const at = entry.items.findIndex((pair) => isScalar(pair.key) && pair.key.value === key);
  const startOf = (index: number) => {
    const name: unknown = entry.items[index]?.key;
    return (isScalar(name) && name.range?.[0]) || 0;
  };
  const end = endOf(entry.items[at]?.value);
  if (at < 0) return text;
  if (entry.flow) {
    return at > 0
      ? splice(text, endOf(entry.items[at - 1]?.value), end, '')
      : splice(text, startOf(0), startOf(1) || end, '');
  }
  const line = text.lastIndexOf('\n', startOf(at) - 1) + 1;
  return splice(text, line, text.indexOf('\n', end) + 1 || text.length, '');
}

/** `[1, 2]`, `{ 1: ec, 2: rsa }`, or a scalar. */
function inFlow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inFlow).join(', ')}]`;
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : undefined;
  if (entries !== undefined) return `{ ${entries.map(([key, one]) => `${key}: ${inFlow(one)}`).join(', ')} }`;
  const inList = stringify([value], { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 });
  return inList.trim().slice(1, -1);
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
  const keys = Object.entries(entry).map(([key, value]) => `${inner}${key}: ${inFlow(value)}`);
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
  return ((isCollection(node) || isScalar(node)) && node.range?.[1]) || 0;
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
  return unlessItThrows(() => parse(text, { stringKeys: true }) as unknown);
}

function indentOf(text: string, map: YAMLMap): string {
  const start = map.range?.[0] ?? 0;
  return text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
}

function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
