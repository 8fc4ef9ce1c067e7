import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { Board } from '../../testing/firmware/board.ts';
import { buildForLx106, emulatorWithFlash } from '../../testing/firmware/lx106.ts';
import { bearSslForLx106, canBuildForLx106 } from '../../testing/firmware/requirements.ts';

/*
 * The ESP8266 reads its flash in words of four bytes, and code that reads a byte of it dies. So does it in this emulator.
 * The sketch itself runs there in local-cloud.test.ts.
 */

describe.skipIf(!canBuildForLx106())('strings in the flash of an ESP8266', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flash-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = async (program: string): Promise<Board> => {
    const source = fileURLToPath(new URL(`flash/${program}.cpp`, import.meta.url));
    const executable = await buildForLx106({ source, secrets: '', folder, bearSsl: await bearSslForLx106() });
    return new Board(executable, { port: 0 }, emulatorWithFlash(executable));
  };

  it('are read as the chip wants it, whatever FleetDevice has to say', async () => {
    const board = await run('every-word');
    await board.says(/that was all/);
    await board.stop();
    expect(board.serial).toContain('clock (0): no NTP server has answered');
    expect(board.serial).toContain('TLS (48): the broker refuses the certificate of this device');
  });

  it('end a program that takes them for memory', async () => {
    const board = await run('careless');
    await expect(board.says(/after/)).rejects.toThrow(/reads 1 bytes of flash at 0x[0-9a-f]+: a LoadStoreError/);
    expect(board.serial).toBe('before\r\n');
  });
});
