/*
 * Builds firmware for the processor of the ESP32-C3, with Debian's gcc for RISC-V.
 */
import { ARDUINO, CACHE, LIBRARY, MACROS, sourcesIn } from './build.ts';
import { Compiler } from './compiler.ts';
import { headers } from './lx106.ts';

/** As core 3.x has it for the C3 (ESP-IDF: rv32imc, soft float), every warning an error. */
const FLAGS = [
  ...['-march=rv32imc', '-mabi=ilp32', '-std=gnu++2b', '-Os', '-ffunction-sections', '-fdata-sections'],
  ...['-fno-exceptions', '-fno-rtti', '-Wall', '-Wextra', '-Werror', ...MACROS['esp32-c3']],
];

/** The library, as object files. The headers of picolibc for the lx106 are those of any chip, as far as they are used here. */
export const buildLibraryForRiscV = (): Promise<string[]> =>
  new Compiler(CACHE, 'riscv64-unknown-elf-g++').objects(
    sourcesIn(LIBRARY).map((source) => ({ source, flags: [...FLAGS, ...headers()], include: [LIBRARY, ARDUINO] })),
  );
