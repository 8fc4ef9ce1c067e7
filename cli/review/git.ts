import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CliError } from '../terminal/cli-error.ts';

const MAIN_BRANCHES = ['origin/main', 'main'];

/** What git prints, without the line break at its end. */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['-C', folder, ...args]);
  return stdout.replace(/\n$/, '');
}

/** What git prints, or undefined when it fails. */
async function gitIfPossible(folder: string, ...args: readonly string[]): Promise<string | undefined> {
  return git(folder, ...args).catch(() => undefined);
}

/** What a review compares the working tree with. */
export interface Base {
  readonly ref: string;
  /** Where the working tree has left it: what happened there since is other people's. */
  readonly commit: string;
}

/**
 * @param ref as the user names it; else the main branch
 * @throws {CliError} when there is nothing to compare with
 */
export async function findBase(folder: string, ref: string | undefined): Promise<Base> {
  const top = await git(folder, 'rev-parse', '--show-toplevel').catch((error: NodeJS.ErrnoException) => {
    throw new CliError(
      error.code === 'ENOENT' ? 'git is not installed; fleet review needs it' : `${folder} is in no git repository`,
    );
  });
  for (const candidate of ref === undefined ? MAIN_BRANCHES : [ref]) {
    if ((await gitIfPossible(top, 'rev-parse', '--verify', '--quiet', `${candidate}^{commit}`)) === undefined) continue;
    const commit = await gitIfPossible(top, 'merge-base', candidate, 'HEAD');
    if (commit === undefined) {
      throw new CliError(
        `${candidate} and HEAD have no commit in common here; in a shallow clone: git fetch --unshallow`,
      );
    }
    return { ref: candidate, commit };
  }
  throw new CliError(
    ref === undefined
      ? `there is no branch ${MAIN_BRANCHES.join(' or ')}; say what to compare with: --base REF`
      : `git knows no commit ${JSON.stringify(ref)}; allowed for --base: a branch, tag or commit`,
  );
}
