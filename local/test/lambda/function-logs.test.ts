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

  it('lies in the group that the function names, in a stream with its name', async () => {
    const name = await lambda.create(
      `export const handler = async (_, context) => {
         console.log('elsewhere');
         return context.logStreamName;
       };`,
      { LoggingConfig: { LogGroup: '/own/group' } },
    );
    const { payload } = await lambda.invoke(name);
    expect(payload).toMatch(new RegExp(`^\\d{4}/\\d\\d/\\d\\d/${name}\\[\\$LATEST\\]\\[[0-9a-f]{32}\\]$`));
    expect(await lambda.logs(name, '/own/group')).toContainEqual(expect.stringContaining('elsewhere'));
  });

  // Developer Guide, "Configuring JSON and plain text log formats", and AWS's runtime, aws-lambda-nodejs-runtime-interface-client.
  it('is in JSON when the function says so, down to its levels', async () => {
    const code = `export const handler = async (event) => {
      console.debug('detail');
      console.log('hello', { n: 1 });
      console.warn({ degrees: 31, list: [1n > 0] });
      console.error('broke:', new TypeError('no key'));
      console.fatal('last');
      process.stdout.write('raw\\n{"level":"error","msg":"own"}\\n');
      if (event.fails) throw new RangeError('too hot');
    };`;
    const json = { LogFormat: 'JSON' } as const;
    const name = await lambda.create(code, { LoggingConfig: json });
    const requestId = expect.stringMatching(/^[0-9a-f-]{36}$/) as string;
    const time = expect.stringMatching(/^[\d-]{10}T[\d:.]{12}Z$/) as string;
    const log = async (of: string) =>
      (await lambda.logs(of)).map((line) => (line.startsWith('{') ? (JSON.parse(line) as unknown) : line));
    const said = (level: string, message: unknown, more: object = {}) => ({
      ...{ timestamp: time, level, requestId, message },
      ...more,
    });
    const stackTrace = expect.arrayContaining([expect.stringContaining('index.mjs')]) as string[];
    const metrics = expect.objectContaining({ durationMs: expect.any(Number) as number, memorySizeMB: 128 }) as object;
    await lambda.invoke(name);
    expect(await log(name)).toEqual([
      { time, type: 'platform.start', record: { requestId, version: '$LATEST' } },
      said('INFO', 'hello { n: 1 }'),
      said('WARN', { degrees: 31, list: [true] }),
      said('ERROR', expect.stringMatching(/^broke: TypeError: no key/), {
        ...{ errorType: 'TypeError', errorMessage: 'no key', stackTrace },
      }),
      said('FATAL', 'last'),
      'raw',
      { level: 'error', msg: 'own' },
      { time, type: 'platform.report', record: { requestId, metrics, status: 'success' } },
    ]);

    const LoggingConfig = { ...json, ApplicationLogLevel: 'ERROR', SystemLogLevel: 'WARN' } as const;
    const quiet = await lambda.create(code, { LoggingConfig });
    await lambda.invoke(quiet);
    await lambda.invoke(quiet, { fails: true });
    const own: unknown[] = [
      expect.objectContaining({ level: 'ERROR', errorMessage: 'no key' }),
      said('FATAL', 'last'),
      { level: 'error', msg: 'own' },
    ];
    const failed = { requestId, status: 'error', errorType: 'RangeError' };
    expect(await log(quiet)).toEqual([
      ...own,
      ...own,
      said('ERROR', { errorType: 'RangeError', errorMessage: 'too hot', stackTrace }),
      { time, type: 'platform.runtimeDone', record: failed },
      { time, type: 'platform.report', record: { ...failed, metrics } },
    ]);
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
