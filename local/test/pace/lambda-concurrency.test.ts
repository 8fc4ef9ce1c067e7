import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Cloud, memoryLog, startCloud } from '../../src/cloud.ts';
import { cloudClient } from '../support/cloud-client.ts';
import { zip } from '../support/zip.ts';
import { secondsUntil } from './seconds-until.ts';

let cloud: Cloud;
let lambda: LambdaClient;
let logs: CloudWatchLogsClient;

beforeAll(async () => {
  const pace = { name: 'aws', lambdaConcurrency: 4, divideLags: 10 } as const;
  cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog(), pace });
  const options = cloudClient(cloud);
  [lambda, logs] = [new LambdaClient(options), new CloudWatchLogsClient(options)];
  const document = (statement: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } });
  const iam = new IAMClient(options);
  const trust = document({ Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' });
  await iam.send(new CreateRoleCommand({ RoleName: 'sleeper', AssumeRolePolicyDocument: trust }));
  const PolicyDocument = document({ Action: 'logs:*', Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName: 'sleeper', PolicyName: 'logs', PolicyDocument }));
  // Loading it takes a while of processor time, and a machine has few processors.
  const code = `
    for (const end = Date.now() + 300; Date.now() < end; );
    export const handler = async ({ n, ms }) => {
      console.log('begin ' + n + ' ' + Date.now());
      await new Promise((resolve) => setTimeout(resolve, ms));
      console.log('end ' + n + ' ' + Date.now());
    };`;
  await secondsUntil(
    () =>
      lambda.send(
        new CreateFunctionCommand({
          FunctionName: 'sleeper',
          Role: 'arn:aws:iam::000000000000:role/sleeper',
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Timeout: 30,
          Code: { ZipFile: zip({ 'index.mjs': code }) },
        }),
      ),
    'InvalidParameterValueException',
  );
});
afterAll(() => cloud.close());

const invoke = (n: number, ms: number, InvocationType: 'Event' | 'RequestResponse') =>
  lambda.send(
    new InvokeCommand({ FunctionName: 'sleeper', InvocationType, Payload: Buffer.from(JSON.stringify({ n, ms })) }),
  );

/** Lines that the function wrote: `begin` or `end`, its number, and when. */
async function lines(): Promise<readonly (readonly [what: string, n: number, at: number])[]> {
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: '/aws/lambda/sleeper' }));
  return events.flatMap(({ message = '' }) => {
    const [, what, n, at] = /\b(begin|end) (\d+) (\d+)/.exec(message) ?? [];
    return what === undefined ? [] : [[what, Number(n), Number(at)] as const];
  });
}

it('a call beyond it is refused; events begin together as far as it goes, and run later beyond it', async () => {
  const called = Date.now();
  for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9]) expect((await invoke(n, 1500, 'Event')).StatusCode).toBe(202);
  await expect(invoke(0, 0, 'RequestResponse')).rejects.toMatchObject({
    name: 'TooManyRequestsException',
    $metadata: { httpStatusCode: 429 },
  });
  await vi.waitFor(async () => expect((await lines()).filter(([what]) => what === 'end')).toHaveLength(9), {
    timeout: 30_000,
    interval: 100,
  });
  const changes = (await lines())
    .map(([what, , at]) => ({ at, by: what === 'begin' ? 1 : -1 }))
    .sort((a, b) => a.at - b.at || a.by - b.by);
  let running = 0;
  const most = Math.max(...changes.map(({ by }) => (running += by)));
  expect(most).toBe(4);
  // At AWS environments start side by side, however few processors there are here: the four within what the first one takes.
  const [first = 0, , , fourth = 0] = changes.filter(({ by }) => by === 1).map(({ at }) => at);
  expect(fourth - first).toBeLessThan(first - called);
  // Nobody holds a place any more.
  expect((await invoke(10, 0, 'RequestResponse')).StatusCode).toBe(200);
});
