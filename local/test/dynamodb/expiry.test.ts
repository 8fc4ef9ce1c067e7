import {
  BatchGetItemCommand,
  GetItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { arrivals, client, put, query, table, useDynamoDb } from './dynamodb-tables.ts';

useDynamoDb();

const now = Math.floor(Date.now() / 1000);
const YEAR = 365 * 24 * 60 * 60;
const expiring = (attribute: string, seconds: number) => ({ [attribute]: { N: String(seconds) } });
let TableName: string;

// Row 1 has expired; the others have not, or not in a way that counts.
beforeAll(async () => {
  TableName = await table();
  await put(TableName, 1, expiring('expires', now - 60));
  await put(TableName, 2, expiring('expires', now + 3600));
  await put(TableName, 3);
  await put(TableName, 4, { expires: { S: String(now - 60) } });
  await put(TableName, 5, expiring('expires', now - 6 * YEAR));
  const TimeToLiveSpecification = { Enabled: true, AttributeName: 'expires' };
  await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
});

const key = (arrival: number) => ({ device: { S: 'd' }, arrival: { N: String(arrival) } });

describe('what has expired is passed over', () => {
  it('by queries, whatever they ask for', async () => {
    expect(arrivals(await query(TableName))).toEqual([2, 3, 4, 5]);
    expect(arrivals(await query(TableName, { ProjectionExpression: 'arrival' }))).toEqual([2, 3, 4, 5]);
    expect(await query(TableName, { Select: 'COUNT' })).toMatchObject({ Count: 4 });
    const filtered = { FilterExpression: 'attribute_exists(expires) OR arrived = :d' };
    expect(arrivals(await query(TableName, filtered))).toEqual([2, 4, 5]);
  });

  it('by scans and by reads of items', async () => {
    expect(arrivals(await client.send(new ScanCommand({ TableName })))?.sort()).toEqual([2, 3, 4, 5]);
    const get = async (n: number) =>
      (await client.send(new GetItemCommand({ TableName, Key: key(n), ProjectionExpression: 'arrival' }))).Item;
    expect([await get(1), await get(2)]).toEqual([undefined, { arrival: { N: '2' } }]);
    const RequestItems = { [TableName]: { Keys: [key(1), key(2)] } };
    const { Responses } = await client.send(new BatchGetItemCommand({ RequestItems }));
    expect(Responses?.[TableName]).toHaveLength(1);
  });

  it('not by a query in the old form, which is refused by name', async () => {
    const old = new QueryCommand({
      TableName,
      KeyConditions: { device: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'd' }] } },
    });
    await expect(client.send(old)).rejects.toThrow('KeyConditions on a table with a time to live');
  });
});
