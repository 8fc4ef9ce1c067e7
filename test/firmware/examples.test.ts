import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChipFamily } from '../../lib/fleet/schema.ts';
import { buildSketch, ROOT, testSecrets } from '../../testing/firmware/build.ts';
import { canBuildFirmware } from '../../testing/firmware/requirements.ts';

/*
 * The examples of the libraries compile for every chip that they are for.
 */

const LIBRARIES = join(ROOT, 'firmware/libraries');

const EXAMPLES = readdirSync(LIBRARIES).flatMap((library) =>
  readdirSync(join(LIBRARIES, library, 'examples')).map((name) => ({
    sketch: `libraries/${library}/examples/${name}/${name}.ino`,
    chips: library === 'FleetClock' ? (['esp8266'] as const) : (['esp8266', 'esp32'] as const),
  })),
);
/** What the sketches of boards that make their keys include. */
const CLAIM = readFileSync(join(LIBRARIES, 'FleetIdentity/claim.example.h'), 'utf8');
const CASES: readonly { sketch: string; chip: ChipFamily }[] = EXAMPLES.flatMap(({ sketch, chips }) =>
  chips.map((chip) => ({ sketch, chip })),
);

describe.skipIf(!canBuildFirmware())('the examples', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'examples-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(CASES)('$sketch for an $chip', async ({ sketch, chip }) => {
    const secrets = await testSecrets(chip, 'shed');
    const built = buildSketch(chip, sketch, secrets, join(folder, chip, basename(sketch, '.ino')), CLAIM);
    await expect(built).resolves.toBeTruthy();
  });
});

describe('the sketches', () => {
  const SKETCHES = readdirSync(join(ROOT, 'firmware')).filter((name) => name.startsWith('esp'));

  it.each(SKETCHES)('%s has at most 60 lines', (sketch) => {
    const text = readFileSync(join(ROOT, 'firmware', sketch, `${sketch}.ino`), 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
  });

  it('differ between the chips in their pins and their sensor alone', () => {
    for (const kind of ['telemetry', 'door']) {
      const [one, other] = (['esp8266', 'esp32'] as const).map((chip) =>
        readFileSync(join(ROOT, 'firmware', `${chip}-${kind}`, `${chip}-${kind}.ino`), 'utf8')
          .replace(/^\/\*[^]*?\*\//, '')
          .replace(/const float celsius = .*/, ''),
      );
      expect(one).toBe(other);
    }
  });
});
