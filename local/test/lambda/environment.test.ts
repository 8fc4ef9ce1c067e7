import type { InvokeCommandOutput } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Lambda, startLambda } from './start-lambda.ts';

let lambda: Lambda;
beforeAll(async () => {
  lambda = await startLambda();
});
afterAll(() => lambda.close());

describe('the environment of a function', () => {
  it('has its variables, the region and where AWS is, and nothing of this process', async () => {
    vi.stubEnv('HTTP_PROXY', 'http://proxy');
    vi.stubEnv('NODE_OPTIONS', '--no-warnings');
    const code = 'export const handler = async () => process.env;';
    const name = await lambda.create(code, { Environment: { Variables: { TABLE: 'rows' } } });
    const { payload } = await lambda.invoke(name);
    vi.unstubAllEnvs();
    expect(payload).toMatchObject({
      TABLE: 'rows',
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: lambda.services.endpoint(),
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    });
    const names = Object.keys(payload as object).filter((key) => !/^(AWS_|LAMBDA_)/.test(key));
    expect(names.sort()).toEqual(['HOME', 'LANG', 'PATH', 'TABLE', 'TZ', '_HANDLER']);
  });

  it('has credentials of its role, with which it may do what the role may', async () => {
    await lambda.services.dispatcher.invoke(lambda.services.iam.operator(), 'ssm', 'PutParameter', {
      Name: '/open',
      Value: 'sesame',
      Type: 'String',
    });
    // The code finds the SDK where this test does.
    const name = await lambda.create(
      `import { GetParameterCommand, SSMClient } from ${JSON.stringify(import.meta.resolve('@aws-sdk/client-ssm'))};
       export const handler = async ({ Name }) =>
         (await new SSMClient().send(new GetParameterCommand({ Name }))).Parameter.Value;`,
    );
    expect((await lambda.invoke(name, { Name: '/open' })).payload).toBe('sesame');
    const { functionError, payload } = await lambda.invoke(name, { Name: '/closed' });
    expect(functionError).toBe('Unhandled');
    expect(payload).toMatchObject({
      errorType: 'AccessDeniedException',
      errorMessage: expect.stringContaining(
        `arn:aws:sts::000000000000:assumed-role/function/${name} is not authorized to perform: ssm:GetParameter`,
      ) as string,
    });
  });

  it('is not used again once its credentials are about to expire', async () => {
    const name = await lambda.create('export const handler = async () => process.env.AWS_ACCESS_KEY_ID;');
    const { dispatcher, iam } = lambda.services;
    // Not through a client: it would notice that the clock jumps.
    const accessKey = async () => {
      const call = dispatcher.invoke<InvokeCommandOutput>(iam.operator(), 'lambda', 'Invoke', { FunctionName: name });
      return Buffer.from((await call).Payload ?? []).toString();
    };
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const first = await accessKey();
      expect(first).toMatch(/^"ASIA/);
      vi.advanceTimersByTime(50 * 60_000);
      expect(await accessKey()).toBe(first);
      vi.advanceTimersByTime(9.5 * 60_000);
      expect(await accessKey()).not.toBe(first);
    } finally {
      vi.useRealTimers();
    }
  });

  it('sends to the local cloud over HTTP what a custom resource sends to it over HTTPS', async () => {
    const { hostname } = new URL(lambda.services.endpoint());
    const name = await lambda.create(
      `import * as https from 'node:https';
       export const handler = () => new Promise((resolve, reject) =>
         https.request({ hostname: '${hostname}', port: 443, path: '/response', method: 'PUT' },
           (response) => resolve(response.statusCode)).on('error', reject).end('{}'));`,
    );
    // Not signed, hence refused; but it arrived.
    expect((await lambda.invoke(name)).payload).toBe(403);
  });
});
