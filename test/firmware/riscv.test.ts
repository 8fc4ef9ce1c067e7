import { describe, expect, it } from 'vitest';
import { buildForRiscV } from '../../testing/firmware/riscv.ts';
import { canBuildForRiscV } from '../../testing/firmware/requirements.ts';

/*
 * Libraries, sketches and examples for the processor of the ESP32-C3 (and the C6's, which has more): 32 bits of RISC-V, by
 * the C++ of core 3.x.
 */

describe.skipIf(!canBuildForRiscV())('the firmware on RISC-V', () => {
  it('compiles without a warning', async () => {
    const objects = await buildForRiscV();
    expect(objects.length).toBeGreaterThan(25);
  });
});
