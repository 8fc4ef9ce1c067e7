import { chmodSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, parse, type YAMLMap } from 'yaml';
import { readFleetDocument } from './fleet-document.ts';
import { FleetFileError } from './fleet-file-error.ts';

/**
 * Sets `revoked: true` for a device in its fleet file. Nothing but the line of that key changes: neither comments nor
 * order nor spacing, which is why the text is edited and not written anew from the YAML document.
 *
 * @returns whether the file changed; false when the device was marked already
 * @throws {FleetFileError} when the file has no such device, is not valid YAML, or is written so unusually that a
 * person has to edit it
 */
export function markRevoked(file: string, device: string): boolean {
  const { text, document, lineOf } = readFleetDocument(file);
  const entry: unknown = document.getIn(['devices', device], true);
  if (!isMap(entry)) throw new FleetFileError(file, undefined, `device ${JSON.stringify(device)} is not here`);
  if (entry.get('revoked') === true) return false;

  const edited = withRevoked(text, entry);
  document.setIn(['devices', device, 'revoked'], true);
  if (!isDeepStrictEqual(parsed(edited), document.toJS())) {
    throw new FleetFileError(file, lineOf(['devices', device]), `add "revoked: true" to "${device}" by hand`);
  }
  replaceFile(file, edited);
  return true;
}

function withRevoked(text: string, entry: YAMLMap): string {
  const revoked: unknown = entry.get('revoked', true);
  if (isScalar(revoked) && revoked.range) return splice(text, revoked.range[0], revoked.range[1], 'true');

  const last = entry.items.at(-1)?.value;
  const end = (isScalar(last) && last.range?.[1]) || 0;
  if (entry.flow) return splice(text, end, end, ', revoked: true');

  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const endOfLine = text.indexOf('\n', end) + 1;
  const line = `${indentOf(text, entry)}revoked: true`;
  return endOfLine === 0 ? `${text}${newline}${line}` : splice(text, endOfLine, endOfLine, `${line}${newline}`);
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

/** By a rename within the folder, so that a reader sees the old file or the new one, whole. */
function replaceFile(file: string, text: string): void {
  const target = realpathSync(file);
  const draft = join(dirname(target), `.${process.pid}.tmp`);
  try {
    writeFileSync(draft, text, { flag: 'wx' });
    chmodSync(draft, statSync(target).mode);
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
