/*
 * BearSSL for the ESP8266's processor, from the source package of Debian, which has it ready-made for PCs only.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { CACHE } from './build.ts';
import { LX106_FLAGS, LX106_INCLUDE } from './lx106.ts';

/** Debian 12's: BearSSL 0.6. Apt checks its signature, and asks no more of this machine than the key. */
const SOURCE =
  'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm main\n';

// BR_LOMUL: the processor multiplies 16 bits at a time, so BearSSL chooses what it has for those.
const FLAGS = [...LX106_FLAGS, '-DBR_LOMUL=1'];
/** What is for other processors, or for a server. */
const OTHERS = /i31|i32|i62|m31|m62|m64|ct64|ctmul64|x86ni|sse2|pclmul|pwr8|server/;

/** Fetches the source without touching this machine's own package lists. */
function fetchSource(folder: string): string {
  writeFileSync(join(folder, 'debian.list'), SOURCE);
  mkdirSync(join(folder, 'lists'));
  const settings = {
    'Dir::Etc::SourceList': join(folder, 'debian.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': join(folder, 'lists'),
    'APT::Sandbox::User': 'root', // else apt, where root starts it, could not write here
  };
  const own = Object.entries(settings).map(([name, value]) => `-o${name}=${value}`);
  execFileSync('apt-get', ['-qq', ...own, 'update'], { cwd: folder });
  execFileSync('apt-get', ['-qq', ...own, 'source', '--download-only', 'bearssl'], { cwd: folder });
  const archive = readdirSync(folder).find((name) => name.endsWith('.orig.tar.xz')) ?? '';
  const source = join(folder, 'source');
  mkdirSync(source);
  execFileSync('tar', ['xf', archive, '-C', source, '--strip-components=1'], { cwd: folder });
  return source;
}

async function compile(source: string, objects: string): Promise<void> {
  mkdirSync(objects);
  const files = readdirSync(join(source, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.c') && !OTHERS.test(name))
    .map((name) => join(source, 'src', name));
  const share = Math.ceil(files.length / availableParallelism());
  const include = ['inc', 'src'].map((folder) => `-I${join(source, folder)}`);
  const compilers = Array.from({ length: availableParallelism() }, (_, i) =>
    spawn(
      'xtensa-lx106-elf-gcc',
      [...FLAGS, ...include, `-isystem${LX106_INCLUDE}`, '-c', ...files.slice(i * share, (i + 1) * share)],
      {
        cwd: objects,
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    ),
  );
  for (const [code] of await Promise.all(compilers.map((compiler) => once(compiler, 'close'))))
    if (code !== 0) throw new Error('BearSSL was not compiled for the lx106');
}

/** The folder that holds it, built now or before. */
export async function buildBearSsl(): Promise<string> {
  const folder = join(
    CACHE,
    `bearssl-${createHash('sha256')
      .update([SOURCE, ...FLAGS, OTHERS.source].join('\0'))
      .digest('hex')}`,
  );
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true, mode: 0o700 });
  const draft = mkdtempSync(join(CACHE, 'bearssl-draft-'));
  const source = fetchSource(draft);
  await compile(source, join(draft, 'objects'));
  execFileSync('sh', ['-c', 'xtensa-lx106-elf-ar rcs libbearssl.a objects/*.o'], { cwd: draft });
  renameSync(join(source, 'inc'), join(draft, 'include'));
  for (const leftover of ['objects', 'lists', 'debian.list']) rmSync(join(draft, leftover), { recursive: true });
  rmSync(source, { recursive: true });
  renameSync(draft, folder);
  return folder;
}
