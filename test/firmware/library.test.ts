import { describe, expect, it } from 'vitest';
import { buildLibrary } from '../../testing/firmware/build.ts';
import { heapCalls } from '../../testing/firmware/footprint.ts';
import { built, canBuildFirmware } from '../../testing/firmware/requirements.ts';
import { runUnitTests } from '../../testing/firmware/unit-tests.ts';

/*
 * FleetDevice without a board: its unit tests are C++ (unit/), under AddressSanitizer and UndefinedBehaviorSanitizer.
 */

const able = canBuildFirmware();

describe.skipIf(!able)('FleetDevice', async () => {
  const tests = able ? runUnitTests(await built('unit')).tests : [];

  it.each(tests)('$name', ({ passed, failures }) => {
    expect(passed, failures).toBe(true);
  });

  it('has its unit tests run', () => {
    expect(tests.length).toBeGreaterThan(60);
  });

  it('asks for no heap', async () => {
    expect(heapCalls(await buildLibrary(), 'nm')).toEqual([]);
  });
});
