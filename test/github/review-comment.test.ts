import { expect, test } from 'vitest';
import { MARKER } from '../../.github/scripts/comment-body.ts';
import { GitHub } from '../../.github/scripts/github.ts';
import { leaveOneComment } from '../../.github/scripts/review-comment.ts';
import { fakeGitHub } from './fake-github.ts';

const LIST = 'GET /issues/7/comments?per_page=100&page=1';
const bot = { login: 'github-actions[bot]' };
const someone = { login: 'someone' };

test('the first review of a pull request is a new comment', async () => {
  const { github, calls } = await fakeGitHub({
    [LIST]: [{ id: 1, user: someone, body: 'Looks good' }],
    'POST /issues/7/comments': {},
  });
  await leaveOneComment(github, '7', `${MARKER} new`);
  expect(calls).toEqual([LIST, `POST /issues/7/comments {"body":"${MARKER} new"}`]);
});

test('a later one takes its place, and further ones of ours go; nobody else loses a comment', async () => {
  const { github, calls } = await fakeGitHub({
    [LIST]: [
      { id: 1, user: someone, body: `${MARKER} written by hand` },
      { id: 2, user: bot, body: 'of another workflow' },
      { id: 3, user: bot, body: `${MARKER} old` },
      { id: 4, user: bot, body: `${MARKER} older` },
    ],
    'PATCH /issues/comments/3': {},
    'DELETE /issues/comments/4': {},
  });
  await leaveOneComment(github, '7', `${MARKER} new`);
  expect(calls).toEqual([LIST, `PATCH /issues/comments/3 {"body":"${MARKER} new"}`, 'DELETE /issues/comments/4']);
});

test('comments of a long discussion are found on later pages', async () => {
  const { github, calls } = await fakeGitHub({
    [LIST]: Array.from({ length: 100 }, (_, id) => ({ id, user: someone, body: 'more' })),
    'GET /issues/7/comments?per_page=100&page=2': [{ id: 200, user: bot, body: `${MARKER} old` }],
    'PATCH /issues/comments/200': {},
  });
  await leaveOneComment(github, '7', `${MARKER} new`);
  expect(calls.at(-1)).toMatch(/^PATCH \/issues\/comments\/200/);
});

test('what GitHub refuses is an error that says what and why', async () => {
  const { github } = await fakeGitHub({});
  await expect(leaveOneComment(github, '7', 'new')).rejects.toThrow(
    'GitHub refused GET /issues/7/comments?per_page=100&page=1: 404 not found',
  );
});

test('a missing variable is named', () => {
  expect(() => new GitHub({ GITHUB_REPOSITORY: 'owner/name' })).toThrow('GITHUB_TOKEN is not set');
});
