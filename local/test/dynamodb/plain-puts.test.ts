import { DeleteTableCommand, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { Dynalite } from '../../src/dynamodb/dynalite.ts';
import { TABLE, arrivals, client, put, query, table, useDynamoDb } from './dynamodb-tables.ts';

useDynamoDb();

it('writes all of many puts at once, the latest of each key', async () => {
  const TableName = await table();
  const puts = Array.from({ length: 300 }, (_, n) => put(TableName, n % 100, { n: { N: String(n) } }));
  await Promise.all(puts);
  expect(arrivals(await query(TableName))).toEqual(Array.from({ length: 100 }, (_, n) => n));
  // The order in which one client's requests arrive is not its own, but what is answered last is what stays.
  await put(TableName, 1, { n: { N: '999' } });
  const Key = { device: { S: 'd' }, arrival: { N: '1' } };
  expect((await client.send(new GetItemCommand({ TableName, Key }))).Item?.n).toEqual({ N: '999' });
});

it('refuses a bad item beside good ones, and leaves those alone', async () => {
  const TableName = await table();
  const outcomes = await Promise.allSettled([
    put(TableName, 1),
    put(TableName, 2, { arrival: { S: 'no number' } }),
    put(TableName, 3),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(outcomes[1]).toMatchObject({ reason: { name: 'ValidationException' } });
  expect(arrivals(await query(TableName))).toEqual([1, 3]);
});

it('refuses an attribute that holds another type than it names', async () => {
  const dynalite = new Dynalite({ id: '000000000000', region: 'us-east-1' }, undefined);
  const refused = dynalite.run('PutItem', { TableName: 'table', Item: { n: { S: ['x'] } } });
  await expect(refused).rejects.toMatchObject({ code: 'SerializationException' });
  await dynalite.close();
});

it('answers what is under way before it closes, and nothing that comes later', async () => {
  const dynalite = new Dynalite({ id: '000000000000', region: 'us-east-1' }, undefined);
  await dynalite.run('CreateTable', { ...TABLE, TableName: 'table' });
  await dynalite.settled('table');
  const values = { KeyConditionExpression: 'device = :d', ExpressionAttributeValues: { ':d': { S: 'd' } } };
  const query = () => dynalite.run('Query', { TableName: 'table', ...values });
  const [answered, closed] = [query(), dynalite.close()];
  const refused = query();
  await expect(refused).rejects.toMatchObject({ code: 'ServiceUnavailable' });
  expect(await answered).toMatchObject({ Count: 0 });
  await closed;
});

it('lets one of two conditional puts win amid plain ones', async () => {
  const TableName = await table();
  const others = Array.from({ length: 50 }, (_, n) => put(TableName, n + 10));
  const condition = { ConditionExpression: 'attribute_not_exists(device)' };
  const outcomes = await Promise.allSettled([put(TableName, 1, {}, condition), put(TableName, 1, {}, condition)]);
  await Promise.all(others);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

it('keeps the indexes of a table that has some', async () => {
  const TableName = await table(0, {
    AttributeDefinitions: [...TABLE.AttributeDefinitions, { AttributeName: 'site', AttributeType: 'S' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-site',
        KeySchema: [{ AttributeName: 'site', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
  await Promise.all([1, 2, 3].map((n) => put(TableName, n, { site: { S: n === 2 ? 'away' : 'home' } })));
  const byIndex = new QueryCommand({
    TableName,
    IndexName: 'by-site',
    KeyConditionExpression: 'site = :s',
    ExpressionAttributeValues: { ':s': { S: 'home' } },
  });
  expect(arrivals(await client.send(byIndex))?.sort()).toEqual([1, 3]);
});

it('refuses all puts to a table that is gone', async () => {
  const TableName = await table();
  await client.send(new DeleteTableCommand({ TableName }));
  const outcomes = await Promise.allSettled([put(TableName, 1), put(TableName, 2)]);
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'ResourceNotFoundException' } });
});
