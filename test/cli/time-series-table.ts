import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, vi } from 'vitest';
import type { Row } from '../../cli/rows/time-series.ts';

const dynalite = createRequire(import.meta.url)('dynalite') as (options: { createTableMs: number }) => Server;

/** A time-series table as the app deploys it, in a DynamoDB of this machine that the verbs then use. */
export async function timeSeriesTable(): Promise<{ put(...rows: Row[]): Promise<void> }> {
  const server = dynalite({ createTableMs: 0 });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  afterAll(() => void server.close());
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');

  const dynamoDB = new DynamoDBClient({});
  await dynamoDB.send(
    new CreateTableCommand({
      TableName: 'time-series',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'device', AttributeType: 'S' },
        { AttributeName: 'arrival', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'device', KeyType: 'HASH' },
        { AttributeName: 'arrival', KeyType: 'RANGE' },
      ],
    }),
  );
  return {
    put: async (...rows) => {
      for (const row of rows) await dynamoDB.send(new PutItemCommand({ TableName: 'time-series', Item: { ...row } }));
    },
  };
}

/** A message as the rule writes it. */
export function row(device: string, received: number, fields: Row, unique = '0'): Row {
  return {
    device: { S: device },
    arrival: { S: `${received}#${unique}` },
    received: { N: String(received) },
    full_topic: { S: `rtjm/${device}/telemetry` },
    ...fields,
  };
}
