import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { GitHub } from '../../.github/scripts/github.ts';

/** What GitHub answers, by method and path with the query. */
export type Answers = Readonly<Record<string, unknown>>;

/** A server that answers as told, and 404 to all else. @returns a client of it, and the calls that it saw */
export async function fakeGitHub(answers: Answers): Promise<{ github: GitHub; calls: string[] }> {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    const call = `${request.method} ${request.url?.replace('/repos/owner/name', '')}`;
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      calls.push(body === '' ? call : `${call} ${body}`);
      const known = request.headers.authorization === 'Bearer a-token' && Object.hasOwn(answers, call);
      response.statusCode = known ? 200 : 404;
      response.end(known ? JSON.stringify(answers[call]) : 'not found');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const github = new GitHub({
    GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    GITHUB_REPOSITORY: 'owner/name',
    GITHUB_TOKEN: 'a-token',
  });
  return { github, calls };
}
