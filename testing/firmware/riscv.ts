/*
 * Builds firmware for the processor of the ESP32-C3, with Debian's gcc for RISC-V.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ARDUINO,
  BOARD_LIBRARY,
  CACHE,
  IDENTITY_LIBRARY,
  LIBRARY,
  MACROS,
  ROOT,
  SENSORS,
  SHIMS,
  sourcesIn,
  testSecrets,
} from './build.ts';
import { Compiler } from './compiler.ts';
import { headers } from './lx106.ts';

/** As core 3.x has it for the C3 (ESP-IDF: rv32imc, soft float), every warning an error. */
const FLAGS = [
  ...['-march=rv32imc', '-mabi=ilp32', '-std=gnu++2b', '-Os', '-ffunction-sections', '-fdata-sections'],
  ...['-fno-exceptions', '-fno-rtti', '-Wall', '-Wextra', '-Werror', ...MACROS['esp32-c3']],
];

const NO_THREADS = `-DMBEDTLS_USER_CONFIG_FILE="${join(ROOT, 'testing/firmware/chip/no-threads.h')}"`;

/**
 * FleetDevice, FleetBoard, FleetIdentity, and the sketches and examples of an ESP32, as object files. The headers of picolibc for the lx106
 * are those of any chip, as far as they are used here. Nothing is linked: there is no C library for this processor.
 */
export async function buildForRiscV(): Promise<string[]> {
  const folder = join(CACHE, 'riscv');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'secrets.h'), await testSecrets('esp32-c3', 'shed'), { mode: 0o600 });
  copyFileSync(join(ROOT, 'firmware/libraries/FleetIdentity/claim.example.h'), join(folder, 'claim.h'));
  // Of this machine's own headers those of mbedTLS alone, which are the same on any chip.
  if (!existsSync(join(folder, 'mbedtls'))) symlinkSync('/usr/include/mbedtls', join(folder, 'mbedtls'));
  const include = [LIBRARY, BOARD_LIBRARY, IDENTITY_LIBRARY, ARDUINO, join(SHIMS, 'esp32')];
  const flags = [...FLAGS, ...headers(), NO_THREADS, `-isystem${folder}`];
  return new Compiler(CACHE, 'riscv64-unknown-elf-g++').objects([
    ...[LIBRARY, BOARD_LIBRARY, IDENTITY_LIBRARY].flatMap(sourcesIn).map((source) => ({ source, flags, include })),
    ...sketches().map((source) => ({
      source,
      flags: [...flags, '-include', 'Arduino.h'],
      include: [...include, SENSORS, folder],
    })),
  ]);
}

/** Of an ESP32; FleetClock is for the ESP8266 alone. */
function sketches(): string[] {
  const firmware = join(ROOT, 'firmware');
  return readdirSync(firmware, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ino') && !/^esp8266-|FleetClock/.test(name))
    .map((name) => join(firmware, name));
}
