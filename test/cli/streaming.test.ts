import { DynamoDBClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { PassThrough } from 'node:stream';
import { beforeEach, expect, test } from 'vitest';
import { fleet } from '../../cli/program.ts';
import { nothingDeployed, telemetryDeployed } from './deployed.ts';
import { row } from './time-series-table.ts';

const PAGES = 8;
// A page of DynamoDB's has a megabyte; a thousand of its rows wait for what may have been measured before.
const ROWS_OF_A_PAGE = 2_000;

const dynamoDB = mockClient(DynamoDBClient);
beforeEach(() => {
  nothingDeployed();
  telemetryDeployed();
  dynamoDB.reset();
  dynamoDB.on(QueryCommand).callsFake(({ ExclusiveStartKey }: QueryCommandInput) => {
    const page = Number(ExclusiveStartKey?.page?.N ?? 0);
    const Items = Array.from({ length: ROWS_OF_A_PAGE }, (_, n) => {
      const number = page * ROWS_OF_A_PAGE + n;
      return row('kitchen', 1_769_860_800_000 + number * 1_000, { temperature: { N: String(number) } });
    });
    return { Items, ...(page < PAGES - 1 && { LastEvaluatedKey: { page: { N: String(page + 1) } } }) };
  });
});

const pagesRead = () => dynamoDB.commandCalls(QueryCommand).length;

test.each([[[]], [['--json']], [['--csv']], [['--every', '1s', '--json']]])(
  'query %j reads no further than its reader, and reaches the end',
  async (options) => {
    const stdout = new PassThrough();
    const running = fleet(['query', 'kitchen', '--since', '2026-01-31', ...options], {
      stdin: new PassThrough(),
      stdout,
      stderr: new PassThrough(),
    });
    // Its first line is there before the second page is asked for, and nobody takes it away.
    await expect.poll(() => stdout.readableLength).toBeGreaterThan(0);
    let before = 0;
    await expect.poll(() => before === (before = pagesRead()), { interval: 50 }).toBe(true);
    expect(pagesRead()).toBeLessThanOrEqual(2);

    let lines = 0;
    stdout.on('data', (chunk: Buffer) => (lines += chunk.filter((byte) => byte === 10).length));
    expect(await running).toBe(0);
    expect(pagesRead()).toBe(PAGES);
    expect(lines).toBe(PAGES * ROWS_OF_A_PAGE + (options.includes('--csv') ? 1 : 0));
  },
);
