import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CliError } from './cli-error.ts';

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
