import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CliError } from '../terminal/cli-error.ts';

/**
 * Refuses a file for a private key where git would track it.
 *
 * @throws {CliError}
 */
export function refuseUnlessIgnored(file: string): void {
  const path = resolve(file);
  let folder = dirname(path);
  while (!existsSync(folder)) folder = dirname(folder);
  const git = spawnSync('git', ['check-ignore', '--quiet', '--', path], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  // Without git, or outside of a repository, nothing is tracked.
  if (git.error !== undefined || git.status === 0 || git.stderr.includes('not a git repository')) return;
  if (git.status === 1) {
    throw new CliError(
      `git would track ${file}, which is to hold a private key; add it to .gitignore or write elsewhere`,
    );
  }
  throw new CliError(`git does not say whether it ignores ${file}: ${git.stderr.trim()}`);
}

/**
 * Refuses a folder for files of one device that is a folder of something else: the fleet's own, or one in which git tracks
 * files.
 *
 * @throws {CliError}
 */
export function refuseSharedFolder(folder: string, device: string, fleet: string): void {
  if (!existsSync(folder)) return;
  const path = realpathSync(folder);
  const other = `name a folder of its own, such as secrets/${device}`;
  if (existsSync(fleet) && path === realpathSync(fleet))
    throw new CliError(`${folder} holds the fleet files; ${other}`);
  if (!statSync(path).isDirectory()) return; // said where it is to be written
  const git = spawnSync('git', ['ls-files', '--', '.'], { cwd: path, encoding: 'utf8' });
  // Without git, or outside of a repository, nothing is tracked.
  if (git.stdout) throw new CliError(`${folder} holds files that git tracks; ${other}`);
}
