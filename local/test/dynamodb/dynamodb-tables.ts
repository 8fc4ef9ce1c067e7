import {
  type AttributeValue,
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { dynamoDbService } from '../../src/dynamodb/dynamodb-service.ts';
import { type Services, startServices } from '../support/start-services.ts';

export async function start(folder?: string): Promise<Services> {
  let close = async (): Promise<void> => undefined;
  const services = await startServices(
    (parts) => {
      const dynamoDb = dynamoDbService({ ...parts, folder: folder && `${folder}/dynamodb` });
      close = () => dynamoDb.close();
      return [dynamoDb.service];
    },
    folder && `${folder}/state`,
  );
  return {
    ...services,
    close: async () => {
      await services.close();
      await close();
    },
  };
}

/** One for all tests of a file. */
export let services: Services;
export let client: DynamoDBClient;
let count = 0;

/** Starts DynamoDB before the tests of a file. */
export function useDynamoDb(): void {
  beforeAll(async () => {
    services = await start();
    client = new DynamoDBClient(services.operator);
  });
  afterAll(() => services.close());
}

export const arn = (table: string): string => `arn:aws:dynamodb:us-east-1:000000000000:table/${table}`;
export const TABLE = {
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'device', AttributeType: 'S' },
    { AttributeName: 'arrival', AttributeType: 'N' },
  ],
  KeySchema: [
    { AttributeName: 'device', KeyType: 'HASH' },
    { AttributeName: 'arrival', KeyType: 'RANGE' },
  ],
} as const satisfies Partial<CreateTableCommandInput>;

/** Makes a table with rows of device `d` that arrived at 1, 2, ... */
export async function table(rows = 0, more: Partial<CreateTableCommandInput> = {}): Promise<string> {
  const TableName = `table-${++count}`;
  await client.send(new CreateTableCommand({ ...TABLE, ...more, TableName }));
  for (let n = 1; n <= rows; n++) await put(TableName, n);
  return TableName;
}
export const put = (
  TableName: string,
  arrival: number,
  more: Record<string, AttributeValue> = {},
  input: Partial<PutItemCommandInput> = {},
) =>
  client.send(
    new PutItemCommand({ TableName, Item: { device: { S: 'd' }, arrival: { N: String(arrival) }, ...more }, ...input }),
  );
export const query = (TableName: string, input: Partial<QueryCommandInput> = {}) =>
  client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'device = :d',
      ExpressionAttributeValues: { ':d': { S: 'd' } },
      ...input,
    }),
  );
export const arrivals = (answer: { Items?: Record<string, AttributeValue>[] | undefined }) =>
  answer.Items?.map(({ arrival }) => Number(arrival?.N));
