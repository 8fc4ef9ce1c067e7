/*
 * Builds firmware for the ESP8266's own processor, the lx106, with Debian's gcc for it.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  ARDUINO,
  BOARD_LIBRARY,
  CACHE,
  CLOCK,
  IDENTITY_LIBRARY,
  LIBRARY,
  ROOT,
  SHIMS,
  SKETCHES,
  sourcesIn,
} from './build.ts';
import { Compiler, type Unit } from './compiler.ts';
import { sectionsOf } from './sizes.ts';

/** What the core's platform.txt compiles C and C++ with, as far as it bears on size, stack and speed. */
export const LX106_FLAGS = [
  ...['-Os', '-free', '-fipa-pta', '-mlongcalls', '-mtext-section-literals', '-falign-functions=4'],
  ...['-ffunction-sections', '-fdata-sections', '-U__STRICT_ANSI__', '-D_GNU_SOURCE', '-DESP8266'],
];
/** The headers of picolibc. */
export const LX106_INCLUDE = '/usr/lib/xtensa-lx106-elf/include';
/** How to run what was built for the lx106. */
export const LX106_EMULATOR = ['qemu-xtensa', '-cpu', 'lx106'];
const FLASH_READS = join(ROOT, 'test/firmware/flash/flash-reads.c');

const CHIP = join(ROOT, 'testing/firmware/chip');
const ESP8266 = join(SHIMS, 'esp8266');
const COMPILER = 'xtensa-lx106-elf-g++';
const CXX = ['-std=gnu++17', ...LX106_FLAGS, '-fno-exceptions', '-fno-rtti', '-Wall', '-Wextra', '-Werror'];
const CALL_GRAPH = ['-fcallgraph-info=su'];
// picolibc's own macro for a stream leaves out a field.
const SHIM = [...CXX, '-Wno-missing-field-initializers'];
const QUICK = ['PUBLISH_EVERY_MS=1000', 'TRAVEL_MS=2000'];
const SKETCH = join(ROOT, 'firmware', SKETCHES.esp8266);

/** What the core runs on its second stack; see chip/stack-thunk.cpp. */
const ON_TLS_STACK = ['recvapp', 'recvrec', 'sendapp', 'sendrec'].flatMap((channel) => [
  `br_ssl_engine_${channel}_ack`,
  `br_ssl_engine_${channel}_buf`,
]);
const WRAPPED = ['time', 'settimeofday', 'malloc', 'free', ...ON_TLS_STACK];
const LINK = [
  '-nostdlib',
  '-Wl,--gc-sections',
  '-Wl,--defsym=vfscanf=__i_vfscanf', // without floating point, for which much of libgcc is missing
  ...WRAPPED.map((name) => `-Wl,--wrap=${name}`),
];

/** The folders of the C++ library's headers: those of this machine, told by chip/cxx what is not there. */
export function headers(): readonly string[] {
  if (found !== undefined) return found;
  const ask = (question: string): string => execFileSync('g++', [question], { encoding: 'utf8' }).trim();
  const version = ask('-dumpversion');
  const standard = [`/usr/include/c++/${version}`, `/usr/include/${ask('-print-multiarch')}/c++/${version}`];
  found = [join(CHIP, 'cxx'), join(CHIP, 'posix'), ...standard, LX106_INCLUDE].map((folder) => `-isystem${folder}`);
  return found;
}
let found: readonly string[] | undefined;

const FIRMWARE_INCLUDE = [join(CHIP, 'core'), LIBRARY, BOARD_LIBRARY, CLOCK, IDENTITY_LIBRARY, ARDUINO, ESP8266];

const firmware = (folder: string, ...flags: readonly string[]): Unit[] =>
  sourcesIn(folder).map((source) => ({
    source,
    flags: [...CXX, ...CALL_GRAPH, ...headers(), ...flags],
    include: FIRMWARE_INCLUDE,
  }));

/** The libraries of the sketchbook as they stand. */
export const libraryForLx106 = (): Unit[] => firmware(LIBRARY);
export const clockForLx106 = (): Unit[] => firmware(CLOCK);
export const boardLibraryForLx106 = (bearSsl: string): Unit[] => withTls(BOARD_LIBRARY, bearSsl);
export const identityLibraryForLx106 = (bearSsl: string): Unit[] => withTls(IDENTITY_LIBRARY, bearSsl);

const withTls = (folder: string, bearSsl: string): Unit[] =>
  firmware(folder, `-isystem${join(bearSsl, 'include')}`).map((unit) => ({
    ...unit,
    include: [...unit.include, CHIP],
  }));

/** What stands for the board: the shims of the ESP8266, and below them Linux as qemu-xtensa has it. */
const boardForLx106 = (bearSsl: string): Unit[] =>
  [CHIP, ESP8266, ARDUINO].flatMap(sourcesIn).map((source) => ({
    source,
    flags: [...SHIM, ...headers(), `-isystem${join(bearSsl, 'include')}`],
    include: [...FIRMWARE_INCLUDE, CHIP],
  }));

/** What runs on the board. */
export interface Program {
  /** The path of a C++ file with setup() and loop(). @default the ESP8266's sketch as it stands */
  readonly source?: string;
  /** Macros for it, such as `TLS_SEND_BYTES=512`. */
  readonly defines?: readonly string[];
  /** The text of secrets.h. */
  readonly secrets: string;
  /** The text of claim.h, when its identity lies in flash. @default it does not */
  readonly claim?: string;
  /** Where it is copied beside its secrets.h. */
  readonly folder: string;
  /** The folder of BearSSL for the lx106. */
  readonly bearSsl: string;
}

export function programForLx106({
  source = SKETCH,
  defines = QUICK,
  secrets,
  claim = '',
  folder,
  bearSsl,
}: Program): Unit {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const copy = join(folder, basename(source));
  copyFileSync(source, copy);
  writeFileSync(join(folder, 'secrets.h'), secrets, { mode: 0o600 });
  writeFileSync(join(folder, 'claim.h'), claim, { mode: 0o600 });
  const macros = defines.map((macro) => `-D${macro}`);
  return {
    source: copy,
    flags: [...CXX, ...macros, ...headers(), `-isystem${join(bearSsl, 'include')}`, '-include', 'Arduino.h'],
    include: [...FIRMWARE_INCLUDE, CHIP, folder],
  };
}

/** Objects of the lx106, in the order of the units. */
export const compileForLx106 = (units: readonly Unit[]): Promise<string[]> =>
  new Compiler(CACHE, COMPILER).objects(units);

/** What each function of an object of a library calls, and takes of the stack. */
export const callGraphOf = (object: string): string => readFileSync(object.replace(/o$/, 'ci'), 'utf8');

/** A program for the emulator. */
export async function buildForLx106(program: Program): Promise<string> {
  const { bearSsl } = program;
  const libraries = [
    ...libraryForLx106(),
    ...boardLibraryForLx106(bearSsl),
    ...clockForLx106(),
    ...(program.claim === undefined ? [] : identityLibraryForLx106(bearSsl)),
  ];
  const all = [programForLx106(program), ...boardForLx106(bearSsl), ...libraries];
  const start = ['-l:crti.o', '-l:crtbegin.o'];
  const system = [`-L${bearSsl}`, `-L${LX106_INCLUDE}/../lib`, '-Wl,--start-group', '-lbearssl', '-lc', '-lgcc'];
  const end = ['-Wl,--end-group', '-l:crtend.o', '-l:crtn.o'];
  const executable = await new Compiler(CACHE, COMPILER).executable(all, [...LINK, ...system, ...end], start);
  chmodSync(executable, 0o700); // it holds a private key
  return executable;
}

/**
 * How to run it with flash as the chip has it, which gives nothing but whole words: code that reads a byte of it ends the
 * program, with a line on the standard error.
 */
export function emulatorWithFlash(executable: string): string[] {
  const plugin = join(CACHE, 'flash-reads.so');
  const draft = `${plugin}.${process.pid}.tmp`;
  execFileSync('gcc', ['-shared', '-fPIC', '-O2', '-Wall', '-Wextra', '-Werror', '-o', draft, FLASH_READS]);
  renameSync(draft, plugin);
  const ranges = sectionsOf(executable)
    .filter(({ name }) => name.startsWith('.irom'))
    .map(({ address, size }) => `flash=${address.toString(16)}:${(address + size).toString(16)}`);
  return [...LX106_EMULATOR, '-plugin', [plugin, ...ranges].join(',')];
}
