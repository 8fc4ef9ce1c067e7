import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { findBase } from '../../../cli/review/git.ts';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'git-'));
  folders.push(folder);
  return folder;
}

/** A repository with a branch that has a commit, and what its commits are called by. */
function repository(branch: string) {
  const folder = emptyFolder();
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      encoding: 'utf8',
    }).trim();
  const commit = (name: string) => {
    writeFileSync(join(folder, name), name);
    git('add', '.');
    git('commit', '--quiet', `--message=${name}`);
    return git('rev-parse', 'HEAD');
  };
  git('init', '--quiet', `--initial-branch=${branch}`);
  return { folder, git, commit };
}

test('the commit at which the branch left main, whatever came to main since', async () => {
  const { folder, git, commit } = repository('main');
  const left = commit('first');
  git('checkout', '--quiet', '-b', 'feature');
  commit('mine');
  git('checkout', '--quiet', 'main');
  commit('theirs');
  git('checkout', '--quiet', 'feature');
  expect(await findBase(folder, undefined)).toEqual({ ref: 'main', commit: left });
  expect(await findBase(folder, 'main')).toEqual({ ref: 'main', commit: left });
});

test('origin/main goes before main', async () => {
  const { folder, git, commit } = repository('main');
  const published = commit('first');
  git('update-ref', 'refs/remotes/origin/main', published);
  commit('not pushed');
  expect(await findBase(folder, undefined)).toEqual({ ref: 'origin/main', commit: published });
});

test('what cannot be compared is said in a line', async () => {
  const folder = emptyFolder();
  await expect(findBase(folder, undefined)).rejects.toThrow(`${folder} is in no git repository`);
  const trunk = repository('trunk');
  trunk.commit('first');
  await expect(findBase(trunk.folder, undefined)).rejects.toThrow(
    'there is no branch origin/main or main; say what to compare with: --base REF',
  );
  await expect(findBase(trunk.folder, 'v9')).rejects.toThrow(
    'git knows no commit "v9"; allowed for --base: a branch, tag or commit',
  );
  trunk.git('checkout', '--quiet', '--orphan', 'other');
  trunk.commit('second');
  await expect(findBase(trunk.folder, 'trunk')).rejects.toThrow(
    'trunk and HEAD have no commit in common here; in a shallow clone: git fetch --unshallow',
  );
});
