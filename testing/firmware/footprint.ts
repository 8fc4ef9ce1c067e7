import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from './build.ts';
import {
  boardLibraryForLx106,
  clockForLx106,
  compileForLx106,
  identityLibraryForLx106,
  libraryForLx106,
  programForLx106,
} from './lx106.ts';
import { bearSslForLx106 } from './requirements.ts';
import { type Sizes, sizesOf } from './sizes.ts';

const SKETCHES = ['esp8266-telemetry', 'esp8266-door'] as const;

/** How much static RAM a sketch may take with its libraries on an ESP8266, TLS left out, in bytes. */
export const STATIC_RAM_LIMIT = 5300;

export const ZERO: Sizes = { flash: 0, initialized: 0, zeroed: 0 };
export const sum = (a: Sizes, b: Sizes): Sizes => ({
  flash: a.flash + b.flash,
  initialized: a.initialized + b.initialized,
  zeroed: a.zeroed + b.zeroed,
});
export const total = (objects: readonly string[]): Sizes => objects.map(sizesOf).reduce(sum, ZERO);
export const ram = ({ initialized, zeroed }: Sizes): number => initialized + zeroed;

/** What the firmware takes of an ESP8266 apart from TLS, compiled for its processor. */
export interface Footprint {
  /** The object files of each library. */
  readonly libraries: Readonly<
    Record<'FleetDevice' | 'FleetBoard' | 'FleetClock' | 'FleetIdentity', readonly string[]>
  >;
  /** Those of them that may take no heap: all but what holds certificates and key for the core's TLS, made once. */
  readonly heapless: readonly string[];
  /** Each sketch with its libraries. */
  readonly wholes: Readonly<Record<string, Sizes>>;
}

/** @param folder for copies of the sketches */
export async function footprint(folder: string): Promise<Footprint> {
  const bearSsl = await bearSslForLx106();
  const board = boardLibraryForLx106(bearSsl);
  const libraries = {
    FleetDevice: await compileForLx106(libraryForLx106()),
    FleetBoard: await compileForLx106(board),
    FleetClock: await compileForLx106(clockForLx106()),
    FleetIdentity: await compileForLx106(identityLibraryForLx106(bearSsl)),
  };
  const tls = await compileForLx106(board.filter(({ source }) => source.endsWith('Esp8266Tls.cpp')));
  const all = Object.values(libraries).flat();
  const sketches: Record<string, Sizes> = {};
  for (const name of SKETCHES) {
    const source = join(ROOT, 'firmware', name, `${name}.ino`);
    const secrets = readFileSync(join(ROOT, 'firmware', name, 'secrets.example.h'), 'utf8');
    const unit = programForLx106({ source, secrets, folder: join(folder, name), bearSsl });
    sketches[name] = total(await compileForLx106([unit]));
  }
  const shared = total([...libraries.FleetDevice, ...libraries.FleetBoard, ...libraries.FleetClock]);
  const wholes = Object.fromEntries(Object.entries(sketches).map(([name, own]) => [name, sum(own, shared)]));
  return { libraries, heapless: all.filter((object) => !tls.includes(object)), wholes };
}

/**
 * What asks for heap among the functions that object files call.
 *
 * @param nm that of the processor
 * @throws when the files call nothing at all: then this has not looked
 */
export function heapCalls(objects: readonly string[], nm: string): string[] {
  const listing = execFileSync(nm, ['--undefined-only', '--demangle', ...objects], { encoding: 'utf8' });
  const called = [...listing.matchAll(/^ +U (.*)$/gm)].map(([, name]) => name ?? '');
  if (called.length === 0) throw new Error(`${objects.map((file) => basename(file)).join(', ')} call nothing`);
  return called.filter((name) => /^(malloc|calloc|realloc|strdup|operator new)\b/.test(name));
}
