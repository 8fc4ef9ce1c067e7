import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FleetFileError } from './fleet-file-error.ts';
import { CONTEXT_KEYS, type FleetContext } from './settings.ts';

/**
 * The context of the fleet as the CDK CLI would hand it to the app.
 *
 * @param folder the one of cdk.json; without that file, there is nothing but what is given
 * @param given what `-c` says, each such as `stage=dev`; it goes over what stands in cdk.json
 * @throws {FleetFileError}
 */
export function readFleetContext(folder: string, given: readonly string[] = []): FleetContext {
  return { ...contextIn(join(folder, 'cdk.json')), ...Object.fromEntries(given.map(pairIn)) };
}

function contextIn(file: string): FleetContext {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  try {
    return (JSON.parse(text) as { context?: FleetContext }).context ?? {};
  } catch {
    throw new FleetFileError(file, undefined, 'not valid JSON');
  }
}

function pairIn(text: string): [string, string] {
  const [, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if ((CONTEXT_KEYS as readonly string[]).includes(key)) return [key, value];
  const allowed = CONTEXT_KEYS.map((one) => `${one}=VALUE`).join(', ');
  throw new FleetFileError('-c', undefined, `${JSON.stringify(text)} is not known; allowed: ${allowed}`);
}
