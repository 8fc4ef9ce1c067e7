/*
 * Builds firmware for this machine and prints the path of the executable: node --import tsx testing/firmware/build.ts
 * esp8266-ec. What it makes lies below node_modules/.cache/firmware.
 */
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FleetNames } from '../../lib/fleet/names.ts';
import { secretsHeader } from '../../cli/secrets/secrets-header.ts';
import { type Board, chipFamily, type ChipFamily } from '../../lib/fleet/schema.ts';
import { Compiler, type Unit } from './compiler.ts';
import { testIdentities } from './test-identities.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const CACHE = join(ROOT, 'node_modules/.cache/firmware');
/** The host name of the broker in the firmware's secrets. All names lead to this machine. */
export const BROKER_HOST = 'broker.example';

export const LIBRARY = join(ROOT, 'firmware/libraries/FleetDevice/src');
/** What all sketches share, and the library that it uses on the ESP8266 besides. */
export const BOARD_LIBRARY = join(ROOT, 'firmware/libraries/FleetBoard/src');
export const CLOCK = join(ROOT, 'firmware/libraries/FleetClock/src');
/** Keys, certificates and Wi-Fi in flash, and how a board gets them. */
export const IDENTITY_LIBRARY = join(ROOT, 'firmware/libraries/FleetIdentity/src');
export const SHIMS = join(ROOT, 'testing/firmware/board');
export const ARDUINO = join(SHIMS, 'arduino');
/** Thin declarations of the sensors' libraries that examples name. */
export const SENSORS = join(SHIMS, 'sensors');
const UNIT_TESTS = join(ROOT, 'test/firmware/unit');
const IDENTITY_TESTS = join(ROOT, 'test/firmware/identity');

// Objects without run-time types (below) cannot be checked for theirs: hence no vptr.
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize=vptr', '-fno-sanitize-recover=all'];
// -O1 takes three times as long for the unit tests, and its sanitizers see no more. The chips' builds have -Os.
const CHECKS = ['-Og', '-g1', ...SANITIZERS, '-fno-omit-frame-pointer'];
// As on the chips: unsigned char, no exceptions, no run-time types. Every warning is an error.
const COMMON = [...CHECKS, '-funsigned-char', '-Wall', '-Wextra', '-Werror'];
const FIRMWARE = [...COMMON, '-fno-exceptions', '-fno-rtti'];
// Tunables that let a test see in a second what takes minutes.
const QUICK = [
  '-DFLEET_REPORT_AFTER_MS=500',
  '-DFLEET_REPLY_TIMEOUT_MS=2000',
  '-DFLEET_BACKOFF_BASE_MS=200',
  '-DFLEET_BACKOFF_CAP_MS=2000',
  '-DFLEET_NTP_PATIENCE_MS=1500',
  '-DFLEET_TCP_TIMEOUT_MS=2000',
  '-DFLEET_TLS_TIMEOUT_MS=3000',
  '-DFLEET_WIFI_AGAIN_MS=1000',
  '-DFLEET_WIFI_RESTART_MS=8000',
  '-DFLEET_ENROL_ANSWER_MS=3000',
  '-DFLEET_ENROL_AGAIN_MS=200',
];
const QUICK_SKETCH = [
  ...QUICK,
  '-DPUBLISH_EVERY_MS=publishEveryMs()',
  '-DTRAVEL_MS=2000',
  '-DSLEEP_MS=300',
  '-DAWAKE_MS=3000',
];

/** The sketch of each chip, below firmware/. */
export const SKETCHES: Readonly<Record<ChipFamily, string>> = {
  esp8266: 'esp8266-telemetry/esp8266-telemetry.ino',
  esp32: 'esp32-telemetry/esp32-telemetry.ino',
};

interface Chip {
  /** The folders of libraries in the sketchbook that are for this chip alone. */
  readonly libraries: readonly string[];
  readonly crypto: readonly string[];
  readonly link: readonly string[];
}
const CHIPS: Readonly<Record<ChipFamily, Chip>> = {
  esp8266: {
    libraries: [BOARD_LIBRARY, CLOCK],
    crypto: ['-lbearssl'],
    link: ['-Wl,--wrap=time', '-Wl,--wrap=settimeofday'],
  },
  esp32: {
    libraries: [BOARD_LIBRARY],
    crypto: ['-lmbedtls', '-lmbedx509', '-lmbedcrypto'],
    link: [],
  },
};

/** The macros by which the cores tell a sketch what it is built for; the second is of the ESP32's sdkconfig.h. */
export const MACROS: Readonly<Record<Board, readonly string[]>> = {
  esp8266: ['-DESP8266'],
  esp32: ['-DESP32', '-DCONFIG_IDF_TARGET_ESP32=1'],
  'esp32-c3': ['-DESP32', '-DCONFIG_IDF_TARGET_ESP32C3=1'],
  'esp32-s3': ['-DESP32', '-DCONFIG_IDF_TARGET_ESP32S3=1'],
  'esp32-c6': ['-DESP32', '-DCONFIG_IDF_TARGET_ESP32C6=1'],
};

/** The C++ of the cores: the ESP32 has it from 2.0.17, with which PlatformIO builds, the others from 3.x. */
const STANDARDS: Readonly<Record<Board, string>> = {
  esp8266: '-std=gnu++17',
  esp32: '-std=gnu++11',
  'esp32-c3': '-std=gnu++2b',
  'esp32-s3': '-std=gnu++2b',
  'esp32-c6': '-std=gnu++2b',
};

/** The C++ files in a folder and below. */
export const sourcesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.cpp'))
    .map((name) => join(folder, name));

/** The library, for no chip at all. */
const libraryIn = (standard: string): Unit[] =>
  sourcesIn(LIBRARY).map((source) => ({
    source,
    flags: [standard, ...FIRMWARE, ...QUICK, '-Wconversion', '-Wno-sign-conversion'],
    include: [LIBRARY, ARDUINO],
  }));
/** In the oldest C++ of the cores. */
const library = libraryIn('-std=gnu++11');

/** What stands for Arduino's core, whatever the chip. */
const arduino: readonly Unit[] = sourcesIn(ARDUINO).map((source) => ({
  source,
  flags: ['-std=gnu++17', ...COMMON],
  include: [ARDUINO],
}));

/**
 * A sketch as it stands, with the shims of its chip.
 *
 * @param sketch its path below firmware/
 * @param secrets the text of secrets.h
 * @param folder where the sketch is copied beside its secrets.h, so that a secrets.h of yours is left alone
 * @param claim the text of claim.h, for sketches whose identity lies in flash
 */
export async function buildSketch(
  board: Board,
  sketch: string,
  secrets: string,
  folder: string,
  claim = '',
): Promise<string> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const source = join(folder, basename(sketch));
  copyFileSync(join(ROOT, 'firmware', sketch), source);
  writeFileSync(join(folder, 'secrets.h'), secrets, { mode: 0o600 });
  writeFileSync(join(folder, 'claim.h'), claim, { mode: 0o600 });

  const { crypto, link, libraries } = CHIPS[chipFamily(board)];
  const enrols = readFileSync(source, 'utf8').includes('#include <FleetIdentity.h>');
  const chip = join(SHIMS, chipFamily(board));
  const flags = [STANDARDS[board], ...FIRMWARE, ...QUICK_SKETCH, ...MACROS[board]];
  const include = [LIBRARY, ...libraries, IDENTITY_LIBRARY, ARDUINO, chip];
  const units: Unit[] = [
    { source, flags: [...flags, '-include', 'Arduino.h'], include: [...include, SENSORS, folder] },
    ...[...libraries, ...(enrols ? [IDENTITY_LIBRARY] : [])]
      .flatMap(sourcesIn)
      .map((file) => ({ source: file, flags, include })),
    ...sourcesIn(chip).map((shim) => ({
      source: shim,
      flags: ['-std=gnu++17', ...COMMON, ...MACROS[chipFamily(board)]],
      include: [ARDUINO, chip],
    })),
    ...arduino,
    ...libraryIn(STANDARDS[board]),
  ];
  const executable = await new Compiler(CACHE).executable(units, [...CHECKS, ...crypto, ...link]);
  chmodSync(executable, 0o700); // it holds a private key
  return executable;
}

/** What this expects of a core, checked against the shims: contract/ says how to check a core itself. */
export const buildContract = (board: Board): Promise<string[]> => {
  const source = join(ROOT, 'test/firmware/contract', `${chipFamily(board)}.cpp`);
  const flags = [STANDARDS[board], ...FIRMWARE, ...MACROS[board]];
  return new Compiler(CACHE).objects([{ source, flags, include: [ARDUINO, join(SHIMS, chipFamily(board))] }]);
};

/** The library alone, as object files. */
export const buildLibrary = (): Promise<string[]> => new Compiler(CACHE).objects(library);

/** The unit tests of the library, all in one. */
async function buildUnitTests(): Promise<string> {
  const tests = sourcesIn(UNIT_TESTS).map((source) => ({
    source,
    flags: ['-std=gnu++17', ...FIRMWARE, ...QUICK],
    include: [LIBRARY, ARDUINO, UNIT_TESTS],
  }));
  return new Compiler(CACHE).executable([...tests, ...library], CHECKS);
}

/** What FleetIdentity keeps in flash, over a fake of it: of one chip. */
async function buildIdentityTests(chip: ChipFamily): Promise<string> {
  const shims = join(SHIMS, chip);
  const include = [IDENTITY_LIBRARY, LIBRARY, BOARD_LIBRARY, ARDUINO, shims, IDENTITY_TESTS, UNIT_TESTS];
  const flags = ['-std=gnu++17', ...COMMON, ...MACROS[chip]];
  const tests = [...sourcesIn(IDENTITY_TESTS), join(UNIT_TESTS, 'main.cpp'), join(shims, FLASH[chip])];
  const parts = sourcesIn(join(IDENTITY_LIBRARY, 'identity')).filter(
    (source) => !/(Enrolment|Console)\.cpp$/.test(source),
  );
  const units = [...tests, ...parts].map((source) => ({
    source,
    flags,
    include,
  }));
  return new Compiler(CACHE).executable(units, [...CHECKS, ...CHIPS[chip].crypto]);
}
const FLASH: Readonly<Record<ChipFamily, string>> = { esp8266: 'NorFlash.cpp', esp32: 'Preferences.cpp' };

export const TARGETS = [
  'unit',
  'esp8266-identity',
  'esp32-identity',
  'esp8266-ec',
  'esp8266-rsa',
  'esp8266-door',
  'esp32-ec',
  'esp32-door',
  'esp8266-sleep',
  'esp32-sleep',
] as const;
export type Target = (typeof TARGETS)[number];

/** The text of a secrets.h that leads to the brokers of these tests. */
export async function testSecrets(board: Board, thingName: string, keyType: 'ec' | 'rsa' = 'ec'): Promise<string> {
  mkdirSync(CACHE, { recursive: true, mode: 0o700 });
  const { rsaRoot, ecRoot, ecDevice, rsaDevice } = await testIdentities(CACHE);
  const { certificate, key } = keyType === 'ec' ? ecDevice : rsaDevice;
  const identity = { certificateId: '', certificatePem: certificate, privateKeyPem: key, thingName, device: thingName };
  return secretsHeader({
    board,
    names: new FleetNames(),
    identity: { ...identity, telemetryTopic: `rtjm/${thingName}`, host: BROKER_HOST, port: 8883 },
    rootCertificates: `${rsaRoot.certificate}\n${ecRoot.certificate}\n`,
    ingest: 'broker',
  });
}

const DEEP_SLEEP = 'libraries/FleetBoard/examples/DeepSleep/DeepSleep.ino';

export async function build(target: Target): Promise<string> {
  if (target === 'unit') return buildUnitTests();
  if (target === 'esp8266-identity') return buildIdentityTests('esp8266');
  if (target === 'esp32-identity') return buildIdentityTests('esp32');
  const sketch = async (board: Board, path: string, thingName: string, keyType?: 'ec' | 'rsa'): Promise<string> =>
    buildSketch(board, path, await testSecrets(board, thingName, keyType), join(CACHE, target));
  switch (target) {
    case 'esp8266-ec':
      return sketch('esp8266', SKETCHES.esp8266, 'kitchen-sensor');
    case 'esp8266-rsa':
      return sketch('esp8266', SKETCHES.esp8266, 'kitchen-sensor', 'rsa');
    case 'esp8266-door':
      return sketch('esp8266', 'esp8266-door/esp8266-door.ino', 'garage-door');
    case 'esp32-ec':
      return sketch('esp32', SKETCHES.esp32, 'garage-door');
    case 'esp32-door':
      return sketch('esp32', 'esp32-door/esp32-door.ino', 'garage-door');
    case 'esp8266-sleep':
      return sketch('esp8266', DEEP_SLEEP, 'kitchen-sensor');
    case 'esp32-sleep':
      return sketch('esp32', DEEP_SLEEP, 'garage-door');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = TARGETS.find((name) => name === process.argv[2]);
  if (target === undefined) throw new Error(`which? ${TARGETS.join(', ')}`);
  console.log(await build(target));
}
