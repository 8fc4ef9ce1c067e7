import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { commentBody, MARKER } from './comment-body.ts';
import { GitHub, needed } from './github.ts';

interface Comment {
  readonly id: number;
  readonly body: string;
  readonly user: { readonly login: string };
}

/** Who comments with the token of a workflow. The marker in anybody else's comment means nothing. */
const AUTHOR = 'github-actions[bot]';

/**
 * Leaves one comment of ours under a pull request, the one given: the first that is there is updated in place, others
 * are deleted.
 */
export async function leaveOneComment(github: GitHub, pullRequest: string, body: string): Promise<void> {
  const comments = await github.list<Comment>(`/issues/${pullRequest}/comments`);
  const [first, ...stale] = comments.filter((one) => one.user.login === AUTHOR && one.body.startsWith(MARKER));
  if (first === undefined) await github.call('POST', `/issues/${pullRequest}/comments`, { body });
  else await github.call('PATCH', `/issues/comments/${first.id}`, { body });
  for (const { id } of stale) await github.call('DELETE', `/issues/comments/${id}`);
}

// node .github/scripts/review-comment.ts REPORT, with PULL_REQUEST, COMMIT and LINK in the environment
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const report = readFileSync(needed({ REPORT: process.argv[2] }, 'REPORT'), 'utf8');
  const reviewed = { commit: needed(process.env, 'COMMIT'), link: needed(process.env, 'LINK') };
  const body = commentBody(report, reviewed);
  await leaveOneComment(new GitHub(process.env), needed(process.env, 'PULL_REQUEST'), body);
}
