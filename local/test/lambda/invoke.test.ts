import { readFileSync } from 'node:fs';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Lambda, startLambda } from './start-lambda.ts';

let lambda: Lambda;
beforeAll(async () => {
  lambda = await startLambda();
});
afterAll(() => lambda.close());

const WITHIN = { timeout: 30_000, interval: 20 };

describe('a handler', () => {
  it('gets the event and answers', async () => {
    const name = await lambda.create('export const handler = async (event) => ({ twice: event.n * 2 });');
    expect(await lambda.invoke(name, { n: 21 })).toEqual({
      functionError: undefined,
      status: 200,
      payload: { twice: 42 },
    });
  });

  it('gets an empty object without a payload, and answers null without a result', async () => {
    const name = await lambda.create('export const handler = async (event) => { if (event.x) throw 1 };');
    expect((await lambda.invoke(name)).payload).toBeNull();
  });

  it('may be CommonJS, in a folder, under any name', async () => {
    const files = {
      'src/app.js': 'const { n } = require("./n.json"); exports.main = async () => n;',
      'src/n.json': '{"n":7}',
    };
    const name = await lambda.create(files, { Handler: 'src/app.main' });
    expect((await lambda.invoke(name)).payload).toBe(7);
  });

  it('has the AWS SDK, as require and as import', async () => {
    const files = {
      'index.mjs': `import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
        import { createRequire } from 'node:module';
        const { S3Client } = createRequire(import.meta.url)('@aws-sdk/client-s3');
        export const handler = async () => [typeof STSClient, typeof GetCallerIdentityCommand, typeof S3Client];`,
    };
    const name = await lambda.create(files);
    expect((await lambda.invoke(name)).payload).toEqual(['function', 'function', 'function']);
  });

  it('may answer by callback up to Node.js 22, and no longer with 24', async () => {
    const code = 'export const handler = (event, context, callback) => setImmediate(() => callback(null, "called"));';
    const old = await lambda.create(code, { Runtime: 'nodejs22.x' });
    expect((await lambda.invoke(old)).payload).toBe('called');
    const now = await lambda.create(code, { Runtime: 'nodejs24.x' });
    expect((await lambda.invoke(now)).payload).toMatchObject({ errorType: 'Runtime.CallbackHandlerDeprecated' });
  });

  it('knows its context', async () => {
    const name = await lambda.create(
      `export const handler = async (event, context) =>
        ({ ...context, remaining: context.getRemainingTimeInMillis() });`,
    );
    const { payload } = await lambda.invoke(name);
    expect(payload).toMatchObject({
      functionName: name,
      functionVersion: '$LATEST',
      invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
      memoryLimitInMB: '128',
      logGroupName: `/aws/lambda/${name}`,
    });
    const { remaining, awsRequestId } = payload as { remaining: number; awsRequestId: string };
    expect(remaining).toBeGreaterThan(5000);
    expect(remaining).toBeLessThanOrEqual(10_000);
    expect(awsRequestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is kept warm', async () => {
    const name = await lambda.create('let count = 0; export const handler = async () => ++count;');
    expect((await lambda.invoke(name)).payload).toBe(1);
    expect((await lambda.invoke(name)).payload).toBe(2);
  });

  it('runs side by side in processes of their own', async () => {
    // Each waits for the other two, so that one after the other they would never end.
    const name = await lambda.create(
      `import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
       export const handler = async () => {
         const folder = process.env.HOME + '/meeting';
         mkdirSync(folder, { recursive: true });
         writeFileSync(folder + '/' + process.pid, '');
         while (readdirSync(folder).length < 3) await new Promise(setImmediate);
         return process.pid;
       };`,
    );
    const pids = await Promise.all([1, 2, 3].map(async () => (await lambda.invoke(name)).payload));
    expect(new Set(pids).size).toBe(3);
  });
});

it('waits its turn when ten of its processes are busy', async () => {
  const name = await lambda.create(
    'export const handler = async () => { await new Promise((r) => setTimeout(r, 500)); return process.pid; };',
  );
  const pids = await Promise.all(Array.from({ length: 12 }, async () => (await lambda.invoke(name)).payload));
  expect(pids).toHaveLength(12);
  expect(new Set(pids).size).toBeLessThanOrEqual(10);
});

describe('a function that fails', () => {
  it('answers its error with type, message and trace', async () => {
    const name = await lambda.create('export const handler = async () => { throw new TypeError("no good"); };');
    expect(await lambda.invoke(name)).toMatchObject({
      functionError: 'Unhandled',
      status: 200,
      payload: {
        errorType: 'TypeError',
        errorMessage: 'no good',
        trace: expect.arrayContaining(['TypeError: no good']) as string[],
      },
    });
  });

  it.each([
    ['does not parse', 'export const handler = async () => {{', 'Runtime.UserCodeSyntaxError'],
    [
      'imports what is not there',
      'import "nothing"; export const handler = async () => 1;',
      'Runtime.ImportModuleError',
    ],
    ['exports no handler', 'export const other = 1;', 'Runtime.HandlerNotFound'],
    ['throws while it is loaded', 'throw new RangeError("early");', 'RangeError'],
    [
      'leaves a promise to fail',
      'export const handler = () => { Promise.reject(new Error("later")); return new Promise(() => {}); };',
      'Runtime.UnhandledPromiseRejection',
    ],
    [
      'throws beside its promise',
      'export const handler = () => new Promise(() => setImmediate(() => { throw new EvalError("beside"); }));',
      'EvalError',
    ],
    ['answers what JSON cannot say', 'export const handler = async () => ({ n: 1n });', 'TypeError'],
    ['ends its process', 'export const handler = async () => process.exit(3);', 'Runtime.ExitError'],
  ])('because it %s says so', async (_, code, errorType) => {
    const name = await lambda.create(code);
    expect(await lambda.invoke(name)).toMatchObject({ functionError: 'Unhandled', payload: { errorType } });
    // And it fails the same way again, in a new process.
    expect(await lambda.invoke(name)).toMatchObject({ functionError: 'Unhandled', payload: { errorType } });
  });

  it('names the exit status when its process ends', async () => {
    const name = await lambda.create('export const handler = async () => process.exit(3);');
    expect(JSON.stringify((await lambda.invoke(name)).payload)).toContain(
      'Error: Runtime exited with error: exit status 3',
    );
  });

  it('is killed at its timeout, even when it never yields, and is as new afterwards', async () => {
    const name = await lambda.create(
      'let count = 0; export const handler = async ({ hang }) => { count++; while (hang); return count; };',
      { Timeout: 1 },
    );
    expect((await lambda.invoke(name, {})).payload).toBe(1);
    const { payload } = await lambda.invoke(name, { hang: true });
    expect(payload).toMatchObject({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/Task timed out after 1\.00 seconds$/) as string,
    });
    expect((await lambda.invoke(name, {})).payload).toBe(1);
  });

  it('that takes too much or gives too much is told the limit', async () => {
    const name = await lambda.create('export const handler = async ({ n }) => "x".repeat(n);');
    const mega = 1024 * 1024;
    expect((await lambda.invoke(name, { n: 6 * mega })).payload).toMatchObject({
      errorType: 'Function.ResponseSizeTooLarge',
    });
    await expect(lambda.invoke(name, 'x'.repeat(6 * mega))).rejects.toMatchObject({ name: 'RequestTooLargeException' });
    const later = lambda.invoke(name, 'x'.repeat(mega), { InvocationType: 'Event' });
    await expect(later).rejects.toMatchObject({ name: 'RequestTooLargeException' });
  });
});

describe('an invocation', () => {
  it('of a payload that is not JSON is refused', async () => {
    const name = await lambda.create('export const handler = async () => 1;');
    await expect(lambda.invoke(name, undefined, { Payload: Buffer.from('{') })).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
    });
  });

  it('of a function that is not there is refused', async () => {
    await expect(lambda.invoke('none')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('may name the function by its ARN', async () => {
    const name = await lambda.create('export const handler = async () => 1;');
    expect((await lambda.invoke(`arn:aws:lambda:us-east-1:000000000000:function:${name}`)).payload).toBe(1);
    expect((await lambda.invoke(`000000000000:function:${name}`)).payload).toBe(1);
    await expect(lambda.invoke(`arn:aws:lambda:us-east-1:111111111111:function:${name}`)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('may only be tried', async () => {
    const name = await lambda.create('export const handler = async () => console.log("ran");');
    expect(await lambda.invoke(name, {}, { InvocationType: 'DryRun' })).toMatchObject({
      status: 204,
      payload: undefined,
    });
    await expect(lambda.logs(name)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('may have its log at once', async () => {
    const name = await lambda.create('export const handler = async () => console.log("in the tail");');
    const output = await lambda.client.send(new InvokeCommand({ FunctionName: name, LogType: 'Tail' }));
    expect(Buffer.from(output.LogResult ?? '', 'base64').toString()).toMatch(/^START .*in the tail\n.*END /s);
  });

  it('as an event is answered before it runs, and tried three times with one request id', async () => {
    const code =
      'export const handler = async (event, { awsRequestId }) => { console.log("try", awsRequestId); throw new Error("no"); };';
    const name = await lambda.create(code);
    expect(await lambda.invoke(name, {}, { InvocationType: 'Event' })).toMatchObject({
      status: 202,
      payload: undefined,
    });
    await vi.waitFor(
      () => expect(lambda.services.log.lines).toContainEqual(expect.stringContaining(`${name} failed 3 times`)),
      WITHIN,
    );
    const tries = (await lambda.logs(name)).filter((line) => line.includes('\ttry '));
    expect(tries).toHaveLength(3);
    expect(new Set(tries.map((line) => line.split('try ')[1])).size).toBe(1);
  });

  it('as an event runs once when it succeeds', async () => {
    const name = await lambda.create('export const handler = async () => console.log("done");');
    await lambda.invoke(name, {}, { InvocationType: 'Event' });
    await vi.waitFor(
      async () => expect(await lambda.logs(name)).toContainEqual(expect.stringContaining('\tdone')),
      WITHIN,
    );
    expect((await lambda.logs(name)).filter((line) => line.startsWith('START'))).toHaveLength(1);
  });
});

it('finds no package of the local cloud: a function brings its own, as in AWS', async () => {
  const name = await lambda.create('import "fflate"; export const handler = async () => 1;');
  expect((await lambda.invoke(name)).payload).toMatchObject({ errorType: 'Runtime.ImportModuleError' });
});

it('leaves nothing running that a function has started', async () => {
  const own = await startLambda();
  const name = await own.create(
    `import { spawn } from 'node:child_process';
     export const handler = async () => [process.pid, spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']).pid];`,
  );
  const { payload } = await own.invoke(name);
  const running = (pid: number): boolean => {
    try {
      // A process that has ended and that nobody has waited for yet still has its id.
      return process.kill(pid, 0) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
    } catch {
      return false;
    }
  };
  const pids = payload as number[];
  expect(pids.map(running)).toEqual([true, true]);
  await own.close();
  await vi.waitFor(() => expect(pids.map(running)).toEqual([false, false]), WITHIN);
});
