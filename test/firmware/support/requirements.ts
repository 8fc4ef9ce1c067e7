import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CACHE, type Target } from './build.ts';

const PACKAGES = {
  'g++': '/usr/bin/g++',
  'libbearssl-dev': '/usr/include/bearssl/bearssl.h',
  'libmbedtls-dev': '/usr/include/mbedtls/ssl.h',
  mosquitto: '/usr/sbin/mosquitto',
};
const APT_GET = '/usr/bin/apt-get';
const LOCK = join(CACHE, 'lock');

/** Runs a command while no other test file does: one builds or installs, the others wait and find it done. */
function alone(command: readonly string[]): { ok: boolean; output: string } {
  mkdirSync(CACHE, { recursive: true, mode: 0o700 });
  const { status, stdout, stderr, error } = spawnSync('flock', [LOCK, ...command], { encoding: 'utf8' });
  return { ok: status === 0, output: status === 0 ? stdout.trim() : `${error?.message ?? ''}${stdout}${stderr}` };
}

const missingPackages = (): string[] =>
  Object.entries(PACKAGES)
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

/**
 * Whether firmware can be built here; installs what is missing where it may. In CI (CI=true) the answer is yes in any
 * case: there, a test that cannot run has to fail.
 */
export function canBuildFirmware(): boolean {
  if (missingPackages().length > 0 && mayInstall()) install(missingPackages());
  const missing = missingPackages();
  if (missing.length === 0 || process.env.CI === 'true') return true;
  console.warn(`skipped: firmware on this machine; to run it: sudo apt-get install ${missing.join(' ')}`);
  return false;
}

/** The path of an executable, built now or before. */
export function built(target: Target): string {
  const script = fileURLToPath(new URL('build.ts', import.meta.url));
  const { ok, output } = alone([process.execPath, '--import', 'tsx', script, target]);
  if (!ok)
    throw new Error(`${target} was not built; missing packages: ${missingPackages().join(', ') || 'none'}\n${output}`);
  return output;
}
