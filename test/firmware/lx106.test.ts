import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IDENTITY_LIBRARY, LIBRARY, ROOT } from '../../testing/firmware/build.ts';
import {
  boardLibraryForLx106,
  callGraphOf,
  clockForLx106,
  compileForLx106,
  identityLibraryForLx106,
  libraryForLx106,
  programForLx106,
} from '../../testing/firmware/lx106.ts';
import { bearSslForLx106, canBuildForLx106 } from '../../testing/firmware/requirements.ts';
import { type Sizes, sizesOf } from '../../testing/firmware/sizes.ts';
import { heapCalls, ram, STATIC_RAM_LIMIT, sum, ZERO } from '../../testing/firmware/footprint.ts';
import { stackUse } from '../../testing/firmware/stack.ts';

/*
 * What the firmware takes of an ESP8266: the libraries, and the sketches as they stand, compiled for its processor.
 */

const SKETCHES = ['esp8266-telemetry', 'esp8266-door'];

const ENROLLED = join(ROOT, 'firmware/libraries/FleetIdentity/examples/Enrolled/Enrolled.ino');
const CLAIM = readFileSync(join(ROOT, 'firmware/libraries/FleetIdentity/claim.example.h'), 'utf8');

function table(rows: Readonly<Record<string, Sizes>>): string {
  const line = (...cells: readonly (string | number)[]): string =>
    cells.map((cell, i) => (i === 0 ? String(cell).padEnd(24) : String(cell).padStart(8))).join('');
  const lines = Object.entries(rows).map(([name, s]) => line(name, s.flash, s.initialized, s.zeroed, ram(s)));
  return [line('bytes on the lx106', 'flash', '.data', '.bss', 'RAM'), ...lines].join('\n');
}

describe.skipIf(!canBuildForLx106())('on the ESP8266', () => {
  let folder: string;
  let library: Sizes;
  let libraryObjects: readonly string[];
  const sketches = new Map<string, Sizes>();
  let identity: Sizes;
  let identityObjects: readonly string[];
  let enrolled: Sizes;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lx106-'));
    const bearSsl = await bearSslForLx106();
    const [clock = ''] = await compileForLx106(clockForLx106());
    const boards = (await compileForLx106(boardLibraryForLx106(bearSsl))).map(sizesOf).reduce(sum, ZERO);
    for (const name of SKETCHES) {
      const source = join(ROOT, 'firmware', name, `${name}.ino`);
      const secrets = readFileSync(join(ROOT, 'firmware', name, 'secrets.example.h'), 'utf8');
      const unit = programForLx106({ source, secrets, folder: join(folder, name), bearSsl });
      const [object = ''] = await compileForLx106([unit]);
      sketches.set(name, [sizesOf(object), boards, sizesOf(clock)].reduce(sum, ZERO));
    }
    identityObjects = await compileForLx106(identityLibraryForLx106(bearSsl));
    identity = identityObjects.map(sizesOf).reduce(sum, ZERO);
    const example = { source: ENROLLED, secrets: '', claim: CLAIM, folder: join(folder, 'Enrolled') };
    const [object = ''] = await compileForLx106([programForLx106({ ...example, bearSsl })]);
    enrolled = [sizesOf(object), boards, sizesOf(clock), identity].reduce(sum, ZERO);
    const units = libraryForLx106();
    libraryObjects = await compileForLx106(units);
    const parts = Object.fromEntries(
      libraryObjects.map((file, i) => [basename(units[i]?.source ?? '', '.cpp'), sizesOf(file)]),
    );
    library = Object.values(parts).reduce(sum, ZERO);
    console.log(
      table({
        ...parts,
        'FleetDevice, all of it': library,
        FleetBoard: boards,
        FleetClock: sizesOf(clock),
        FleetIdentity: identity,
        Enrolled: enrolled,
        ...Object.fromEntries(sketches),
      }),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('FleetDevice keeps its words in flash', () => {
    expect(library.flash).toBeGreaterThan(4000); // so they were counted
    expect(library.flash).toBeLessThan(24 * 1024);
    expect(ram(library)).toBeLessThan(256);
  });

  it.each(SKETCHES)('%s with the libraries takes at most 5,300 bytes of RAM, TLS left out', (name) => {
    const sketch = sketches.get(name) ?? ZERO;
    expect(sketch.zeroed).toBeGreaterThan(4096); // the ring and the buffers of FleetDevice are in there
    expect(ram(sketch) + ram(library)).toBeLessThanOrEqual(STATIC_RAM_LIMIT);
  });

  it('FleetDevice takes less than a seventh of the stack of 4 KB', () => {
    const use = stackUse(libraryObjects.map(callGraphOf), LIBRARY);
    console.log(`stack: largest frame ${use.largest} (${use.function}), deepest chain of calls ${use.deepest}`);
    expect(use.largest).toBeLessThanOrEqual(192);
    expect(use.deepest).toBeLessThanOrEqual(544);
  });

  it('FleetIdentity keeps its words in flash, and takes at most as much RAM as FleetBoard and FleetDevice leave', () => {
    expect(identity.flash).toBeGreaterThan(4000);
    expect(identity.flash).toBeLessThan(20 * 1024);
    console.log(`Enrolled: ${ram(enrolled) + ram(library)} bytes of RAM with the libraries`);
    expect(ram(enrolled) + ram(library)).toBeLessThanOrEqual(8192);
  });

  it('FleetIdentity asks for no heap', () => {
    expect(heapCalls(identityObjects, 'xtensa-lx106-elf-nm')).toEqual([]);
  });

  it('FleetIdentity takes less than a third of that stack, BearSSL apart, which has one of its own', () => {
    const use = stackUse(identityObjects.map(callGraphOf), IDENTITY_LIBRARY);
    console.log(`FleetIdentity: largest frame ${use.largest} (${use.function}), deepest chain of calls ${use.deepest}`);
    expect(use.deepest).toBeLessThanOrEqual(1360);
  });
});
