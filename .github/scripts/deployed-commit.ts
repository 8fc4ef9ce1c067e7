import { fileURLToPath } from 'node:url';
import { GitHub, needed } from './github.ts';

/**
 * The commit of the last deployment to an environment that succeeded, which is not always the one before this: a
 * deployment may have failed, or nobody approved it.
 */
export async function deployedCommit(github: GitHub, environment: string): Promise<string | undefined> {
  const deployments = await github.list<{ id: number; sha: string }>(
    `/deployments?environment=${encodeURIComponent(environment)}`,
  );
  for (const { id, sha } of deployments) {
    const statuses = await github.list<{ state: string }>(`/deployments/${id}/statuses`);
    if (statuses.some(({ state }) => state === 'success')) return sha;
  }
  return undefined;
}

// node .github/scripts/deployed-commit.ts, with ENVIRONMENT in the environment; prints nothing when there is none
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log((await deployedCommit(new GitHub(process.env), needed(process.env, 'ENVIRONMENT'))) ?? '');
}
