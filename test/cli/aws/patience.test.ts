import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isConnected } from '../../../cli/aws/connection.ts';
import { writeRow } from '../../../cli/rows/row-writer.ts';
import { runFleet } from '../run-fleet.ts';

/* An AWS that takes requests and does not answer them: nothing but a limit of time ends that. */

let aws: Server;
let requests: number;
/** How many requests get no answer. */
let silent: number;
/** The same every time: the clients keep where they have found their AWS. */
let port = 0;

beforeEach(async () => {
  requests = 0;
  aws = createServer((_, response) => {
    if (++requests > silent) response.setHeader('content-type', 'application/json').end('{"connected":true}');
  }).listen(port, '127.0.0.1');
  await once(aws, 'listening');
  ({ port } = aws.address() as AddressInfo);
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  aws.closeAllConnections();
  aws.close();
  await once(aws, 'close');
});

/** Lets the SDK's time pass until there is a result, and real time, which the network takes. */
async function asTimePasses<Result>(result: Promise<Result>): Promise<Result> {
  let isOver = false;
  const over = () => (isOver = true);
  result.then(over, over);
  while (!isOver) {
    await vi.advanceTimersByTimeAsync(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return result;
}

test.each<[string, () => Promise<unknown>]>([
  ['the calls of most verbs', () => isConnected('kitchen-sensor')],
  ['the calls that write rows', () => writeRow('time-series', {})],
])('%s are tried again when there is no answer', async (_, call) => {
  silent = 1;
  await asTimePasses(call());
  expect(requests).toBeGreaterThan(1);
});

test('a verb that gets no answer at all says so', async () => {
  silent = Infinity;
  const { code, stdout, stderr } = await asTimePasses(runFleet(['list']));
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^fleet: nothing answers at http:\/\/127.0.0.1:\d+ \(ETIMEDOUT\); start the local cloud/);
});
