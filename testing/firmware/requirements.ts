import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildBearSsl } from './bearssl.ts';
import { build, CACHE, type Target } from './build.ts';
import { locked } from './locked.ts';

/** Debian packages and a file of each, by what they are for. */
const PACKAGES = {
  'firmware on this machine': {
    'g++': '/usr/bin/g++',
    'libbearssl-dev': '/usr/include/bearssl/bearssl.h',
    'libmbedtls-dev': '/usr/include/mbedtls/ssl.h',
    mosquitto: '/usr/sbin/mosquitto',
  },
  "firmware for the ESP8266's processor": {
    'g++': '/usr/bin/g++', // whose C++ headers serve both
    'gcc-xtensa-lx106': '/usr/bin/xtensa-lx106-elf-g++',
    'picolibc-xtensa-lx106-elf': '/usr/lib/xtensa-lx106-elf/picolibc.specs',
    'qemu-user': '/usr/bin/qemu-xtensa',
    'debian-archive-keyring': '/usr/share/keyrings/debian-archive-keyring.gpg',
    'xz-utils': '/usr/bin/xz',
  },
  "firmware for the ESP32-C3's processor": {
    'g++': '/usr/bin/g++', // whose C++ headers serve all
    'gcc-riscv64-unknown-elf': '/usr/bin/riscv64-unknown-elf-g++',
    'libmbedtls-dev': '/usr/include/mbedtls/ssl.h',
    'picolibc-xtensa-lx106-elf': '/usr/lib/xtensa-lx106-elf/picolibc.specs',
  },
  "arduino-cli over a platform of this machine's": {
    'g++': '/usr/bin/g++',
    'libbearssl-dev': '/usr/include/bearssl/bearssl.h',
    'libmbedtls-dev': '/usr/include/mbedtls/ssl.h',
    mosquitto: '/usr/sbin/mosquitto',
    'universal-ctags': '/usr/bin/ctags-universal',
  },
  'fuzzing of the firmware': {
    'clang-14': '/usr/bin/clang++-14',
    'libclang-rt-14-dev': '/usr/lib/llvm-14/lib/clang/14.0.6/lib/linux/libclang_rt.fuzzer-x86_64.a',
    'nlohmann-json3-dev': '/usr/include/nlohmann/json.hpp', // what fleetJsonBool is held against
  },
} as const;
type Purpose = keyof typeof PACKAGES;

const APT_GET = '/usr/bin/apt-get';
const LOCK = join(CACHE, 'lock');

/** Runs a command while no other test file does: one builds or installs, the others wait and find it done. */
function alone(command: readonly string[], lock = LOCK): { ok: boolean; output: string } {
  mkdirSync(CACHE, { recursive: true, mode: 0o700 });
  const { status, stdout, stderr, error } = spawnSync('flock', [lock, ...command], { encoding: 'utf8' });
  return { ok: status === 0, output: status === 0 ? stdout.trim() : `${error?.message ?? ''}${stdout}${stderr}` };
}

const missingPackages = (purpose: Purpose): string[] =>
  Object.entries(PACKAGES[purpose])
    .filter(([, file]) => !existsSync(file))
    .map(([name]) => name);

function mayInstall(): boolean {
  try {
    accessSync(APT_GET, constants.X_OK);
  } catch {
    return false;
  }
  return process.getuid?.() === 0;
}

function install(packages: readonly string[]): void {
  const steps = ['apt-get update -qq', `apt-get install -y -qq --no-install-recommends ${packages.join(' ')}`];
  // Debian starts the broker as a service when it installs it; nobody asked for that.
  if (packages.includes('mosquitto')) steps.push('{ systemctl disable --now mosquitto || true; }');
  alone(['env', 'DEBIAN_FRONTEND=noninteractive', 'sh', '-c', steps.join('; ')]);
}

function can(purpose: Purpose): boolean {
  if (missingPackages(purpose).length > 0 && mayInstall()) install(missingPackages(purpose));
  const missing = missingPackages(purpose);
  if (missing.length === 0 || process.env.CI === 'true') return true;
  console.warn(`skipped: ${purpose}; to run it: sudo apt-get install ${missing.join(' ')}`);
  return false;
}

/*
 * Whether something can be built and run here; installs what is missing where it may. In CI (CI=true) the answer is yes
 * in any case: there, a test that cannot run has to fail.
 */
export const canBuildFirmware = (): boolean => can('firmware on this machine');
export const canBuildForLx106 = (): boolean => can("firmware for the ESP8266's processor");
export const canBuildForRiscV = (): boolean => can("firmware for the ESP32-C3's processor");
export const canFuzz = (): boolean => can('fuzzing of the firmware');

const ARDUINO_CLI = fileURLToPath(new URL('../../.github/scripts/arduino-cli', import.meta.url));

/**
 * Whether arduino-cli can be had: CI builds it, which takes minutes of a processor, and Go. Without Go it is left out, there
 * too: Debian's is too old, and nothing else here needs it.
 */
export function canRunArduinoCli(): boolean {
  const why =
    process.env.CI !== 'true'
      ? 'CI=true builds it, which takes minutes'
      : // From this one on, Go fetches the version that a program asks for.
        Number(/go1\.(\d+)/.exec(spawnSync('go', ['version'], { encoding: 'utf8' }).stdout ?? '')?.[1] ?? 0) < 21
        ? 'it takes Go 1.21 or newer, from https://go.dev/dl'
        : undefined;
  if (why !== undefined) console.warn(`skipped: sketches and examples by arduino-cli; ${why}`);
  return why === undefined && can("arduino-cli over a platform of this machine's");
}

/** The path of arduino-cli, built now or before, of the version that its script names. */
export function arduinoCli(): string {
  const file = join(CACHE, `arduino-cli-${createHash('sha256').update(readFileSync(ARDUINO_CLI)).digest('hex')}`);
  // A lock of its own: nobody else waits for it.
  const build = ['sh', '-ec', 'test -x "$1" || { "$0" "$1.tmp"; mv "$1.tmp" "$1"; }', ARDUINO_CLI, file];
  const { ok, output } = alone(build, join(CACHE, 'lock-arduino-cli'));
  if (!ok) throw new Error(`arduino-cli could not be built\n${output}`);
  return file;
}

/** What was built or is being built, for all test files of this process. */
const builds = ((globalThis as { builtFirmware?: Map<string, Promise<string>> }).builtFirmware ??= new Map<
  string,
  Promise<string>
>());

/** Builds something that is not there yet, while no other test file builds or installs. */
function builtOnce(name: string, build: () => Promise<string>): Promise<string> {
  const known = builds.get(name) ?? locked(LOCK, build);
  builds.set(name, known);
  return known;
}

/** The path of an executable, built now or before. */
export const built = (target: Target): Promise<string> => builtOnce(target, () => build(target));

/** The folder of BearSSL for the lx106, built now or before. */
export const bearSslForLx106 = (): Promise<string> => builtOnce('BearSSL', buildBearSsl);
