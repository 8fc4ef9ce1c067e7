import { type CertificateRequest, readCertificateRequest } from './certificate-request.ts';
import { FleetFileError } from './fleet-file-error.ts';
import type { DeviceEntry, KeyType } from './schema.ts';

/** One identity of a device, which never changes: another key is another generation. */
export interface Generation {
  readonly number: number;
  /** Of the key that the deployment makes, unless there is a `csr`. */
  readonly keyType: KeyType;
  /** Of a device that keeps its own key. */
  readonly csr?: CertificateRequest;
}

/** Where the keys of a device's entry stand. */
export interface Place {
  readonly file: string;
  readonly lineOf: (key: keyof DeviceEntry) => number | undefined;
}

/**
 * The generations of a device, the oldest first.
 *
 * @throws {FleetFileError} when the entry says something of a generation that it does not have, or too little of one
 */
export function generationsOf(entry: GenerationKeys, { file, lineOf }: Place): Generation[] {
  const numbers = entry.generations ?? [1];
  const refuse = (key: keyof DeviceEntry, problem: string) => new FleetFileError(file, lineOf(key), problem);
  for (const key of ['keyType', 'csr'] as const) {
    const value = entry[key];
    const unknown = typeof value === 'object' && Object.keys(value).find((number) => !numbers.includes(Number(number)));
    if (unknown) throw refuse(key, `${key} names the generation ${unknown}; allowed: ${numbers.join(', ')}`);
  }
  const { csr } = entry;
  if (typeof csr === 'string' && numbers.length > 1) {
    const each = numbers.map((number, index) => `${number}: ${index === 0 ? csr : 'PATH'}`);
    throw refuse('csr', `csr is one key for two generations; allowed: one each, such as { ${each.join(', ')} }`);
  }
  return numbers.map((one) => {
    const path = of(entry.csr, one);
    const keyType = of(entry.keyType, one);
    if (path === undefined) return { number: one, keyType: keyType ?? 'ec' };
    if (keyType !== undefined) throw refuse('keyType', 'keyType does not go with csr, whose key is made already');
    return { number: one, keyType: 'ec', csr: readCertificateRequest(path, { file, line: lineOf('csr') }) };
  });
}

function of<Value extends string>(value: Value | Record<string, Value> | undefined, generation: number) {
  return typeof value === 'object' ? value[generation] : value;
}

/** What an entry says of its generations, as short as it can be said. */
export type GenerationKeys = Pick<DeviceEntry, 'generations' | 'keyType' | 'csr'>;

/** The keys of an entry that has these generations. A key that is undefined has no place there. */
export function generationKeys(
  generations: readonly (Pick<Generation, 'number' | 'keyType'> & {
    readonly csr?: Pick<CertificateRequest, 'path'>;
  })[],
): GenerationKeys {
  const made = generations.filter(({ csr }) => csr === undefined);
  const isEc = made.every(({ keyType }) => keyType === 'ec');
  return {
    generations: generations.map(({ number }) => number),
    // Beside a csr, one value for all would be one for its generation as well.
    keyType:
      isEc && made.length < generations.length
        ? undefined
        : shortest(
            made.map(({ number, keyType }) => [number, keyType]),
            made.length === generations.length && new Set(made.map(({ keyType }) => keyType)).size === 1,
          ),
    csr: shortest(
      generations.flatMap(({ number, csr }) => (csr === undefined ? [] : [[number, csr.path] as const])),
      generations.length === 1,
    ),
  };
}

/** One value for all, or a value each. */
function shortest<Value extends string>(
  values: readonly (readonly [number: number, Value])[],
  isOne: boolean,
): Value | Record<string, Value> | undefined {
  if (values.length === 0) return undefined;
  return isOne ? values[0]?.[1] : Object.fromEntries(values);
}
