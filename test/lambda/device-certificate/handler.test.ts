import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { handler } from '../../../lambda/device-certificate/handler.ts';
import { answerTo, eventFor, pathOf, SECRET } from './cloudformation.ts';
import { FakeAws } from './fake-aws.ts';

const context = { getRemainingTimeInMillis: () => 120_000 };

let aws: FakeAws;
let log: string[];
beforeEach(() => {
  aws = new FakeAws();
  log = [];
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, method).mockImplementation(
      (...line: unknown[]) => void log.push(line.map((part) => inspect(part)).join(' ')),
    );
  }
});
afterEach(() => {
  vi.restoreAllMocks();
});

test.each(['device', 'parameterPath'])(
  'an event without %s fails with its name, and its Delete succeeds',
  async (property) => {
    const event = eventFor('Create');
    delete (event.ResourceProperties as Record<string, unknown>)[property];
    const failed = await answerTo(event);
    expect(failed).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: 'unmade-shedCertificate1',
      Reason: `Error: the property ${property} is missing`,
    });
    expect((await answerTo(eventFor('Delete', { physicalId: failed.PhysicalResourceId }))).Status).toBe('SUCCESS');
    expect(aws.calls).toEqual(['DescribeStackResource']);
  },
);

test.each([
  [{ keyType: 'dsa' }, 'the property keyType must be ec or rsa'],
  [{ csr: '' }, 'the property csr is missing'],
])('%j is refused before anything is made', async (properties, problem) => {
  expect(await answerTo(eventFor('Create', properties))).toMatchObject({
    Status: 'FAILED',
    Reason: `Error: ${problem}`,
  });
  expect([aws.certificates, [...aws.parameters.keys()]]).toEqual([[], []]);
});

describe('what must not be seen', () => {
  test('neither a key nor the URL of the answer is logged or answered when all goes well', async () => {
    const answers: unknown[] = [await answerTo(eventFor('Create'))];
    const physicalId = aws.certificates[0]?.id ?? '';
    answers.push(await answerTo(eventFor('Update', { physicalId, revoked: true }, {})));
    answers.push(await answerTo(eventFor('Delete', { physicalId })));
    expect(log).toHaveLength(3);
    expect(inspect([log, answers], { depth: null })).not.toMatch(/PRIVATE|BEGIN|X-Amz-Signature/);
  });

  test('nor when an error quotes what it was about', async () => {
    aws.fault = (action) => {
      if (action === 'CreateCertificateFromCsr') throw new Error(`refused: ${aws.parameters.get(`${pathOf()}/key`)}`);
    };
    const answer = await answerTo(eventFor('Create'));
    expect(answer.Reason).toMatch(/^Error: refused: .*\(left out\)$/);
    expect(inspect([log, answer])).not.toMatch(/PRIVATE/);
  });

  test('nor when a parameter holds something that is no identity', async () => {
    const name = `${pathOf()}/certificate`;
    aws.parameters.set(name, '-----BEGIN PRIVATE KEY-----');
    expect((await answerTo(eventFor('Create'))).Reason).toBe(
      `UnreadableError: the SSM parameter ${name} holds no part of an identity; delete it: aws ssm delete-parameter --name ${name}`,
    );
  });

  test('a long reason is cut to what CloudFormation takes', async () => {
    aws.fault = () => {
      throw new Error('x'.repeat(10_000));
    };
    expect(JSON.stringify(await answerTo(eventFor('Create'))).length).toBeLessThan(4_096);
  });
});

describe('the answer over a real connection', () => {
  interface Put {
    readonly method: string | undefined;
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
  }
  let server: Server;
  let puts: Put[];
  let statuses: number[];
  const event = () => {
    const { port } = server.address() as AddressInfo;
    return { ...eventFor('Create'), ResponseURL: `http://127.0.0.1:${port}/answer?${SECRET}` };
  };

  beforeEach(async () => {
    puts = [];
    statuses = [];
    server = createServer((request, response) => {
      void text(request).then((body) => {
        puts.push({ method: request.method, headers: request.headers, body });
        response.writeHead(statuses.shift() ?? 200).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  test('is a PUT of JSON without a content type, for which the URL is signed', async () => {
    await handler(event(), context);
    expect(puts).toEqual([
      {
        method: 'PUT',
        headers: expect.objectContaining({ 'content-type': '' }) as unknown,
        body: expect.stringContaining('"Status":"SUCCESS"') as unknown,
      },
    ]);
    expect(puts[0]?.headers['content-length']).toBe(String(puts[0]?.body.length));
  });

  test('is sent again when it is not taken', async () => {
    statuses = [503, 500];
    await handler(event(), context);
    expect(puts).toHaveLength(3);
    expect(puts[2]?.body).toBe(puts[0]?.body);
  });
});

test('an answer nobody takes ends the run with an error, so that Lambda runs the event again, and tells no URL', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (url) => {
    throw new TypeError(`Failed to fetch ${inspect(url)}`);
  });
  const failure = handler(eventFor('Delete', { physicalId: 'unmade' }), context).catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  const error = await failure;
  vi.useRealTimers();
  expect(error).toEqual(new Error('CloudFormation did not take the answer: TypeError'));
  expect(inspect([error, log], { depth: null })).not.toContain(SECRET);
});
