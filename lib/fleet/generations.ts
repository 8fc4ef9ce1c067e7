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
  /** The certificate that the board had before it came to the fleet. */
  readonly certificateId?: string;
  /** The names of the policies that such a certificate keeps beside the device's own. */
  readonly policies?: readonly string[];
}

/** The identity that a board has, or is about to get: the one that `fleet secrets` writes. */
export function newestGeneration({ generations }: { readonly generations: readonly Generation[] }): Generation {
  const newest = generations.at(-1);
  if (newest === undefined) throw new Error('a device has at least one generation');
  return newest;
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
  if (entry.key === 'board') {
    const other = (['csr', 'keyType', 'certificate', 'policies'] as const).find((key) => entry[key] !== undefined);
    if (other !== undefined) throw refuse(other, `${other} does not go with key: board, which makes its key itself`);
    if (numbers.length > 1) {
      throw refuse('generations', 'generations: a device with key: board has one generation; allowed: such as [2]');
    }
  }
  for (const key of ['keyType', 'csr', 'certificate'] as const) {
    const value = entry[key];
    const unknown = typeof value === 'object' && Object.keys(value).find((number) => !numbers.includes(Number(number)));
    if (unknown) throw refuse(key, `${key} names the generation ${unknown}; allowed: ${numbers.join(', ')}`);
  }
  for (const [key, another] of [
    ['csr', 'PATH'],
    ['certificate', 'ID'],
  ] as const) {
    const value = entry[key];
    if (typeof value !== 'string' || numbers.length === 1) continue;
    const each = numbers.map((number, index) => `${number}: ${index === 0 ? value : another}`);
    throw refuse(key, `${key} is one key for two generations; allowed: one each, such as { ${each.join(', ')} }`);
  }
  const { policies } = entry;
  if (policies !== undefined && entry.certificate === undefined) {
    throw refuse(
      'policies',
      'policies needs certificate; allowed: the names of the policies that the certificate keeps',
    );
  }
  return numbers.map((one) => {
    const path = of(entry.csr, one);
    const certificateId = of(entry.certificate, one);
    const keyType = of(entry.keyType, one);
    if (certificateId !== undefined) {
      const other = path !== undefined ? 'csr' : keyType !== undefined ? 'keyType' : undefined;
      if (other !== undefined) throw refuse(other, `${other} does not go with certificate, whose key is made already`);
      return { number: one, keyType: 'ec', certificateId, ...(policies !== undefined && { policies }) };
    }
    if (path === undefined) return { number: one, keyType: keyType ?? 'ec' };
    if (keyType !== undefined) throw refuse('keyType', 'keyType does not go with csr, whose key is made already');
    return { number: one, keyType: 'ec', csr: readCertificateRequest(path, { file, line: lineOf('csr') }) };
  });
}

function of<Value extends string>(value: Value | Record<string, Value> | undefined, generation: number) {
  return typeof value === 'object' ? value[generation] : value;
}

/** What an entry says of its generations, as short as it can be said. */
export type GenerationKeys = Pick<DeviceEntry, 'generations' | 'keyType' | 'csr' | 'certificate' | 'policies'> &
  Partial<Pick<DeviceEntry, 'key'>>;

/** The keys of an entry that has these generations. A key that is undefined has no place there. */
export function generationKeys(
  generations: readonly (Pick<Generation, 'number' | 'keyType' | 'certificateId' | 'policies'> & {
    readonly csr?: Pick<CertificateRequest, 'path'>;
  })[],
): GenerationKeys {
  const made = generations.filter(({ csr, certificateId }) => csr === undefined && certificateId === undefined);
  const isEc = made.every(({ keyType }) => keyType === 'ec');
  const each = (valueOf: (generation: (typeof generations)[number]) => string | undefined) =>
    shortest(
      generations.flatMap((generation) => {
        const value = valueOf(generation);
        return value === undefined ? [] : [[generation.number, value] as const];
      }),
      generations.length === 1,
    );
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
    csr: each(({ csr }) => csr?.path),
    certificate: each(({ certificateId }) => certificateId),
    policies: generations.find(({ policies }) => policies !== undefined)?.policies?.slice(),
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
