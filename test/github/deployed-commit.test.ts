import { expect, test } from 'vitest';
import { deployedCommit } from '../../.github/scripts/deployed-commit.ts';
import { fakeGitHub } from './fake-github.ts';

const LIST = 'GET /deployments?environment=fleet&per_page=100&page=1';
const statusesOf = (id: number) => `GET /deployments/${id}/statuses?per_page=100&page=1`;

test('is the last one that succeeded, not the last one', async () => {
  const { github } = await fakeGitHub({
    [LIST]: [
      { id: 3, sha: 'ccc' },
      { id: 2, sha: 'bbb' },
      { id: 1, sha: 'aaa' },
    ],
    [statusesOf(3)]: [{ state: 'failure' }, { state: 'in_progress' }],
    [statusesOf(2)]: [{ state: 'inactive' }, { state: 'success' }, { state: 'in_progress' }],
  });
  expect(await deployedCommit(github, 'fleet')).toBe('bbb');
});

test('is unknown before the first', async () => {
  const { github } = await fakeGitHub({ [LIST]: [] });
  expect(await deployedCommit(github, 'fleet')).toBeUndefined();
});
