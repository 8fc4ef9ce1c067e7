import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lambda, startLambda } from './start-lambda.ts';

let lambda: Lambda;
beforeAll(async () => {
  lambda = await startLambda();
});
afterAll(() => lambda.close());

describe('the log of a function', () => {
  it('has what it says, on the console and beside it, between the lines of Lambda', async () => {
    const name = await lambda.create(
      `export const handler = async () => {
         console.log('hello %s', 'you', { n: 1 });
         console.error('two\\nlines');
         process.stdout.write('raw\\n');
       };`,
    );
    await lambda.invoke(name);
    const lines = await lambda.logs(name);
    expect(lines.map((line) => line.replace(/^[\d:.TZ-]{24}\t[0-9a-f-]{36}/, '<time>\t<id>'))).toEqual([
      expect.stringMatching(/^START RequestId: [0-9a-f-]{36} Version: \$LATEST$/),
      '<time>\t<id>\tINFO\thello you { n: 1 }',
      '<time>\t<id>\tERROR\ttwo\rlines',
      'raw',
      expect.stringMatching(/^END RequestId/),
      expect.stringMatching(/^REPORT RequestId: .*Duration: \d+ ms/),
    ]);
  });

  it('has what was written without a line break at the end, and text of any length and script', async () => {
    const name = await lambda.create(
      `export const handler = async () => { process.stdout.write('äöü🔑'.repeat(20_000)); process.stderr.write('open end'); };`,
    );
    await lambda.invoke(name);
    const lines = await lambda.logs(name);
    expect(lines).toContain('äöü🔑'.repeat(20_000));
    expect(lines).toContain('open end');
  });

  it('has more than one call of PutLogEvents takes', async () => {
    const name = await lambda.create(
      `export const handler = async () => { for (let n = 0; n < 12_000; n++) process.stdout.write(n + 'x'.repeat(100) + '\\n'); };`,
    );
    await lambda.invoke(name);
    expect((await lambda.logs(name)).filter((line) => line.endsWith('x'))).toHaveLength(9999);
    expect(lambda.services.log.lines.filter((line) => line.includes(name))).toEqual([]);
  });

  it('tells errors with their trace, timeouts and exits', async () => {
    const failing = await lambda.create('export const handler = async () => { throw new Error("so"); };');
    await lambda.invoke(failing);
    expect(await lambda.logs(failing)).toContainEqual(expect.stringMatching(/ERROR\tInvoke Error \t.*"so".*"stack"/));
    const hanging = await lambda.create('export const handler = () => { console.log("before"); for (;;); };', {
      Timeout: 1,
    });
    await lambda.invoke(hanging);
    const lines = await lambda.logs(hanging);
    expect(lines).toContainEqual(expect.stringContaining('before'));
    expect(lines).toContainEqual(expect.stringContaining('Task timed out after 1.00 seconds'));
  });

  it('lies in the group that the function names', async () => {
    const name = await lambda.create('export const handler = async () => console.log("elsewhere");', {
      LoggingConfig: { LogGroup: '/own/group' },
    });
    await lambda.invoke(name);
    expect(await lambda.logs(name, '/own/group')).toContainEqual(expect.stringContaining('elsewhere'));
  });

  it('has a stream for each environment', async () => {
    const name = await lambda.create('export const handler = async (_, context) => context.logStreamName;');
    const { payload } = await lambda.invoke(name);
    expect(payload).toMatch(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
    expect((await lambda.invoke(name)).payload).toBe(payload);
  });
});

it('is lost, with one line that says why, when the role may not write it; the function runs all the same', async () => {
  await lambda.services.role('mute', [], ['lambda.amazonaws.com']);
  const Role = 'arn:aws:iam::000000000000:role/mute';
  const name = await lambda.create('export const handler = async () => "ran";', { Role });
  expect((await lambda.invoke(name)).payload).toBe('ran');
  expect((await lambda.invoke(name)).payload).toBe('ran');
  await expect(lambda.logs(name)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  const said = lambda.services.log.lines.filter((line) => line.includes(`the Lambda function ${name}`));
  expect(said).toEqual([expect.stringMatching(/logs .* are lost: .*logs:CreateLogStream on resource/)]);
});
