import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FQBN } from '../../cli/flash/flash-tools.ts';
import { type ChipFamily } from '../../lib/fleet/schema.ts';
import { Board } from '../../testing/firmware/board.ts';
import { BROKER_HOST, CACHE, ROOT, testSecrets } from '../../testing/firmware/build.ts';
import { Mosquitto } from '../../testing/firmware/mosquitto.ts';
import { arduinoCli, canRunArduinoCli } from '../../testing/firmware/requirements.ts';
import { Sketchbook } from '../../testing/firmware/sketchbook.ts';
import { issue, testIdentities } from '../../testing/firmware/test-identities.ts';

/*
 * The real arduino-cli builds sketches and examples, over platforms of ours that put the shims where the chips' cores have
 * their headers: it writes the prototypes, and finds the libraries by what is included. The cores themselves are the
 * business of the workflow firmware.yml.
 */

const FIRMWARE = join(ROOT, 'firmware');
const LIBRARIES = join(FIRMWARE, 'libraries');
const CHIPS: readonly ChipFamily[] = ['esp8266', 'esp32'];

const exampleOf = (library: string, name: string): string => join(LIBRARIES, library, 'examples', name, `${name}.ino`);
const sketchOf = (name: string): string => join(FIRMWARE, name, `${name}.ino`);
/** One that uses each way to find a library; the workflow firmware.yml builds every sketch and example, with the real cores. */
const BUILDS: Readonly<Record<ChipFamily, readonly string[]>> = {
  esp8266: [
    exampleOf('FleetDevice', 'Minimal'),
    exampleOf('FleetClock', 'Time'),
    exampleOf('FleetIdentity', 'Enrolled'),
  ],
  esp32: [sketchOf('esp32-door'), exampleOf('FleetBoard', 'BME280')],
};

/** What library.properties says that a library needs, and what those need in turn. */
function needs(library: string): string[] {
  const properties = readFileSync(join(LIBRARIES, library, 'library.properties'), 'utf8');
  const [, depends = ''] = /^depends=(.*)$/m.exec(properties) ?? [];
  return [library, ...depends.split(',').filter(Boolean).flatMap(needs)];
}
/** The libraries of ours that a sketch names and what those depend on. An ESP32 has no use for FleetClock. */
function neededBy(chip: ChipFamily, source: string): string[] {
  const named = [...readFileSync(source, 'utf8').matchAll(/^#include <(Fleet\w+)\.h>/gm)].map(([, name = '']) => name);
  const all = new Set(named.flatMap(needs));
  if (chip === 'esp32') all.delete('FleetClock');
  return [...all].sort();
}

/** C++ that compiles with a prototype of the second function alone. */
const WANTS_A_PROTOTYPE = '\nvoid first() { second(1); }\nvoid second(int number) { (void)number; }\n';

/** What `arduino-cli compile --json` answers, as far as it matters. */
const built = z.object({
  compiler_err: z.string(),
  builder_result: z.object({ used_libraries: z.array(z.object({ name: z.string() })) }),
});

describe.skipIf(!canRunArduinoCli())('arduino-cli', () => {
  let folder: string;
  let sketchbook: Sketchbook;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'arduino-'));
    sketchbook = new Sketchbook(arduinoCli(), folder);
  }, 1_200_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** All in one place, `firmware/<chip>-telemetry`: so libraries are compiled once. */
  const put = async (chip: ChipFamily, source: string, more = ''): Promise<void> =>
    sketchbook.put(`${chip}-telemetry`, readFileSync(source, 'utf8') + more, await testSecrets(chip, 'kitchen-sensor'));
  /** Builds what was put there; gives back the libraries of ours that it found. */
  const librariesOf = async (command: readonly string[]): Promise<string[]> => {
    const { stdout, stderr } = await sketchbook.run(...command, '--json');
    const result = built.safeParse(JSON.parse(stdout));
    expect(result.data?.compiler_err, `${stdout.slice(0, 5000)}\n${stderr}`).toBe('');
    const libraries = result.data?.builder_result.used_libraries ?? [];
    return libraries.flatMap(({ name }) => (name.startsWith('Fleet') ? [name] : [])).sort();
  };

  it("runs the README's commands, and what they upload publishes", async () => {
    const sketch = sketchOf('esp8266-telemetry');
    await put('esp8266', sketch);
    const readme = readFileSync(join(FIRMWARE, 'README.md'), 'utf8');
    const commands = [...readme.matchAll(/^ *arduino-cli ((?:compile|upload) .*)$/gm)].map(([, args = '']) =>
      args.split(' '),
    );
    const [compile = [], upload = []] = commands;
    expect(commands.map(([verb]) => verb)).toEqual(['compile', 'upload']);
    expect(await librariesOf(compile)).toEqual(neededBy('esp8266', sketch));
    expect(await sketchbook.run(...upload)).toMatchObject({ code: 0 });

    const { rsaRoot } = await testIdentities(CACHE);
    const server = await issue(rsaRoot, { name: BROKER_HOST, host: BROKER_HOST });
    const broker = await Mosquitto.start(server, rsaRoot.certificate);
    const board = new Board(sketchbook.uploaded('esp8266'), { port: broker.port });
    await broker.receives(({ topic }) => topic === 'rtjm/kitchen-sensor/telemetry');
    await board.stop();
    await broker.stop();
  }, 300_000);

  it.each(CHIPS)(
    'builds sketches and examples for an %s, by the libraries that they name',
    async (chip) => {
      const compile = ['compile', '--warnings', 'all', '--libraries', 'firmware/libraries', '--fqbn', FQBN[chip]];
      for (const source of BUILDS[chip]) {
        await put(chip, source, basename(source) === 'Minimal.ino' ? WANTS_A_PROTOTYPE : '');
        const libraries = await librariesOf([...compile, `firmware/${chip}-telemetry`]);
        expect(libraries, source).toEqual(neededBy(chip, source));
      }
    },
    900_000,
  );
});
