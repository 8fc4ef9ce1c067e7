import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Cloud, Faults, memoryLog, startCloud } from '../../src/cloud.ts';
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import type { ClientOptions } from '../support/start-services.ts';

const faults = new Faults();
let cloud: Cloud;
let options: ClientOptions;
let client: DynamoDBClient;

beforeAll(async () => {
  cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog(), faults });
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = cloud.environment;
  const credentials = { accessKeyId, secretAccessKey };
  options = { endpoint: cloud.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
  client = new DynamoDBClient(options);
  await client.send(
    new CreateTableCommand({
      TableName: 'rows',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
});
afterAll(() => cloud.close());
beforeEach(() => faults.clear());

const PUT = { service: 'dynamodb', operation: 'PutItem' };
/** Puts so many rows one after the other. @returns for each the name of its error, or undefined */
async function put(count: number): Promise<(string | undefined)[]> {
  const errors: (string | undefined)[] = [];
  for (let n = 0; n < count; n += 1) {
    const command = new PutItemCommand({ TableName: 'rows', Item: { id: { S: String(n) } } });
    errors.push(
      await client.send(command).then(
        () => undefined,
        (error: Error) => error.name,
      ),
    );
  }
  return errors;
}

describe('a throttled share', () => {
  it('is about that share, and the same calls for the same seed', async () => {
    const run = async (seed: number) => {
      const end = faults.throttleShare(PUT, 0.2, seed);
      const errors = await put(200);
      end();
      return errors;
    };
    const first = await run(1);
    const throttled = first.filter((name) => name === 'ThrottlingException').length;
    expect(throttled).toBeGreaterThan(20);
    expect(throttled).toBeLessThan(60);
    expect(first.filter((name) => name === undefined)).toHaveLength(200 - throttled);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
    expect(faults.injected.length).toBeGreaterThan(throttled);
  });

  it('is counted by DynamoDB as it counts throttles', async () => {
    faults.throttleShare(PUT, 1, 1);
    const sum = async (MetricName: string, ...more: { Name: string; Value: string }[]) => {
      const { Datapoints = [] } = await new CloudWatchClient(options).send(
        new GetMetricStatisticsCommand({
          Namespace: 'AWS/DynamoDB',
          MetricName,
          Dimensions: [{ Name: 'TableName', Value: 'rows' }, ...more],
          StartTime: new Date(Date.now() - 600_000),
          EndTime: new Date(Date.now() + 60_000),
          Period: 60,
          Statistics: ['Sum'],
        }),
      );
      return Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
    };
    const operation = { Name: 'Operation', Value: 'PutItem' };
    const before = [await sum('WriteThrottleEvents'), await sum('ThrottledRequests', operation)];
    await put(3);
    const after = [await sum('WriteThrottleEvents'), await sum('ThrottledRequests', operation)];
    expect(after).toEqual(before.map((count) => count + 3));
  });
});

describe('an outage', () => {
  it('fails every call from its beginning to its end, and no other operation', async () => {
    const close = faults.openOutage(PUT);
    expect(new Set(await put(5))).toEqual(new Set(['InternalFailure']));
    close();
    expect(await put(2)).toEqual([undefined, undefined]);
  });

  it('may be of one caller alone', async () => {
    faults.openOutage({ ...PUT, caller: 'arn:aws:iam::000000000000:role/somebody' });
    expect(await put(1)).toEqual([undefined]);
  });
});
