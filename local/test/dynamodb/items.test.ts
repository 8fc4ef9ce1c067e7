import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromDynalite, toDynalite } from '../../src/dynamodb/attribute-values.ts';
import { TABLE, arn, arrivals, client, put, query, services, table, useDynamoDb } from './dynamodb-tables.ts';

useDynamoDb();

describe('an item', () => {
  it('comes back as it was, whatever its attributes hold', async () => {
    const TableName = await table();
    const Item: Record<string, AttributeValue> = {
      device: { S: 'd' },
      arrival: { N: '1' },
      bytes: { B: new Uint8Array([0, 255]) },
      sets: { M: { B: { BS: [new Uint8Array([1])] }, BS: { L: [{ S: 'x' }, { NULL: true }] }, N: { NS: ['1', '2'] } } },
      B: { S: 'a name like a type' },
      LastDateTime: { N: '1.5' },
      empty: { S: '' },
      yes: { BOOL: true },
      digits: { N: '12345678901234567890123456789012345678' },
    };
    await client.send(new PutItemCommand({ TableName, Item }));
    const Key = { device: { S: 'd' }, arrival: { N: '1' } };
    expect((await client.send(new GetItemCommand({ TableName, Key }))).Item).toEqual(Item);
  });

  it('keeps an attribute with the name of an object’s prototype', () => {
    const item = JSON.parse('{"__proto__":{"M":{"__proto__":{"S":"x"}}}}') as object;
    expect(JSON.stringify(toDynalite(item))).not.toContain('"__proto__"');
    expect(JSON.stringify(fromDynalite(toDynalite(item)))).toBe(JSON.stringify(item));
  });

  it.each(['__proto__', '\0__proto__', '\0\0__proto__', 'toString', 'constructor', 'hasOwnProperty', 'length'])(
    'may have an attribute of the name %j, over the wire and in every operation',
    async (name) => {
      const TableName = await table();
      const Key = { device: { S: 'd' }, arrival: { N: '1' } };
      const named = (value: AttributeValue) => Object.fromEntries([[name, value]]);
      const Item = { ...Key, ...named({ N: '7' }), map: { M: named({ S: 'x' }) } };
      const asked = { ExpressionAttributeNames: { '#n': name, '#m': 'map' } };
      await client.send(new PutItemCommand({ TableName, Item }));
      // The SDK itself loses what stands under "__proto__" when it reads: see what the service answers.
      const answer = async (command: QueryCommand | ScanCommand | BatchGetItemCommand) => {
        let body = '';
        const reading = new DynamoDBClient(services.operator);
        reading.middlewareStack.add(
          (next) => async (args) => {
            const result = await next(args);
            const response = result.response as { body: AsyncIterable<Uint8Array> | Uint8Array };
            for await (const chunk of response.body as AsyncIterable<Uint8Array>) body += Buffer.from(chunk).toString();
            response.body = Buffer.from(body);
            return result;
          },
          { step: 'deserialize', priority: 'low', name: 'bodyOfAnswer' },
        );
        await reading.send(command as QueryCommand);
        return body;
      };
      const member = `${JSON.stringify(name)}:{"N":"7"}`;
      const inside = `"map":{"M":{${JSON.stringify(name)}:{"S":"x"}}}`;
      const condition = {
        KeyConditionExpression: 'device = :d',
        ExpressionAttributeValues: { ':d': { S: 'd' } },
      };
      expect(await answer(new QueryCommand({ TableName, ...condition }))).toContain(member);
      const projected = await answer(
        new QueryCommand({ TableName, ...condition, ...asked, ProjectionExpression: '#n, #m.#n' }),
      );
      expect(projected).toContain(member);
      expect(projected).toContain(inside);
      const found = await answer(
        new ScanCommand({
          TableName,
          FilterExpression: '#n = :seven',
          ExpressionAttributeNames: { '#n': name },
          ExpressionAttributeValues: { ':seven': { N: '7' } },
        }),
      );
      expect(found).toContain(member);
      const RequestItems = { [TableName]: { Keys: [Key], ...asked, ProjectionExpression: '#n, #m' } };
      expect(await answer(new BatchGetItemCommand({ RequestItems }))).toContain(member);
      await client.send(
        new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression: 'REMOVE #n',
          ExpressionAttributeNames: { '#n': name },
        }),
      );
      const after = await answer(new QueryCommand({ TableName, ...condition }));
      expect(after).not.toContain(member);
      expect(after).toContain(inside);
    },
  );

  it('of any bytes and names survives the way to dynalite and back', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.record({ S: fc.string() }),
        fc.uint8Array().map((B) => ({ B: Buffer.from(B) })),
        fc.array(fc.uint8Array()).map((BS) => ({ BS: BS.map((bytes) => Buffer.from(bytes)) })),
        fc
          .dictionary(fc.oneof(fc.string(), fc.constantFrom('B', 'BS', 'M', 'aDateTime', '__proto__')), tie('any'))
          .map((M) => ({ M })),
        fc.array(tie('any')).map((L) => ({ L })),
      ),
    })).any;
    fc.assert(
      fc.property(value, (item) => {
        expect(fromDynalite(toDynalite(item))).toEqual(item);
      }),
    );
  });

  it('is written only under its condition', async () => {
    const TableName = await table(1);
    const condition = { ConditionExpression: 'attribute_not_exists(device)' };
    await expect(put(TableName, 1, {}, condition)).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
    await put(TableName, 2, {}, condition);
  });

  it('is changed in place', async () => {
    const TableName = await table(1);
    const { Attributes } = await client.send(
      new UpdateItemCommand({
        TableName,
        Key: { device: { S: 'd' }, arrival: { N: '1' } },
        UpdateExpression: 'SET #c = if_not_exists(#c, :zero) + :one',
        ExpressionAttributeNames: { '#c': 'count' },
        ExpressionAttributeValues: { ':zero': { N: '0' }, ':one': { N: '1' } },
        ReturnValues: 'ALL_NEW',
      }),
    );
    expect(Attributes).toMatchObject({ count: { N: '1' } });
  });

  it('is gone when it is deleted', async () => {
    const TableName = await table(1);
    const Key = { device: { S: 'd' }, arrival: { N: '1' } };
    const { Attributes } = await client.send(new DeleteItemCommand({ TableName, Key, ReturnValues: 'ALL_OLD' }));
    expect(Attributes).toEqual(Key);
    expect((await client.send(new GetItemCommand({ TableName, Key }))).Item).toBeUndefined();
  });

  it.each<[string, Record<string, AttributeValue>, string]>([
    ['without a key', { arrival: undefined as never }, 'Missing the key arrival'],
    ['with a key of another type', { arrival: { S: '1' } }, 'Type mismatch for key arrival'],
    ['with an empty key', { device: { S: '' } }, 'empty string'],
    ['with a number of 39 digits', { n: { N: '9'.repeat(39) } }, 'more than 38 significant digits'],
    ['over 400 KB', { s: { S: 'x'.repeat(400 * 1024) } }, 'Item size has exceeded'],
  ])('%s is refused', async (_, more, message) => {
    const call = put(await table(), 1, more);
    await expect(call).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(call).rejects.toThrow(message);
  });

  it('of a table that is not there is refused', async () => {
    await expect(put('no-table', 1)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('is refused with what is not supported, by name', async () => {
    const call = put(await table(), 1, {}, { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' });
    await expect(call).rejects.toThrow('ReturnValuesOnConditionCheckFailure of dynamodb:PutItem is not implemented');
    const transaction = new TransactWriteItemsCommand({ TransactItems: [] });
    await expect(client.send(transaction)).rejects.toThrow('TransactWriteItems');
  });
});

describe('a query', () => {
  it('is ordered, either way', async () => {
    const TableName = await table(12);
    expect(arrivals(await query(TableName))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(arrivals(await query(TableName, { ScanIndexForward: false, Limit: 2 }))).toEqual([12, 11]);
  });

  it('goes on where the last page ended', async () => {
    const TableName = await table(5);
    const first = await query(TableName, { Limit: 2 });
    const second = await query(TableName, { Limit: 2, ExclusiveStartKey: first.LastEvaluatedKey });
    const last = await query(TableName, { Limit: 2, ExclusiveStartKey: second.LastEvaluatedKey });
    expect([first, second, last].map(arrivals)).toEqual([[1, 2], [3, 4], [5]]);
    expect(last.LastEvaluatedKey).toBeUndefined();
  });

  it('takes a range of keys and a filter', async () => {
    const TableName = await table(5);
    const input = {
      KeyConditionExpression: 'device = :d AND arrival BETWEEN :a AND :b',
      FilterExpression: 'attribute_not_exists(absence)',
      ExpressionAttributeValues: { ':d': { S: 'd' }, ':a': { N: '2' }, ':b': { N: '4' } },
    };
    expect(arrivals(await query(TableName, input))).toEqual([2, 3, 4]);
  });

  it('may go by an index', async () => {
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
    await put(TableName, 1, { site: { S: 'home' } });
    await put(TableName, 2, { site: { S: 'away' } });
    const input = {
      IndexName: 'by-site',
      KeyConditionExpression: 'site = :s',
      ExpressionAttributeValues: { ':s': { S: 'away' } },
    };
    expect(arrivals(await query(TableName, input))).toEqual([2]);
    const reader = new DynamoDBClient(
      await services.role('index-reader', [{ Action: 'dynamodb:Query', Resource: `${arn(TableName)}/index/by-site` }]),
    );
    await reader.send(new QueryCommand({ TableName, ...input }));
    const whole = new QueryCommand({
      TableName,
      KeyConditionExpression: 'device = :s',
      ExpressionAttributeValues: input.ExpressionAttributeValues,
    });
    await expect(reader.send(whole)).rejects.toThrow(`dynamodb:Query on resource: ${arn(TableName)}`);
  });
});

it('scans a table, consistently when asked', async () => {
  const TableName = await table(3);
  expect(arrivals(await client.send(new ScanCommand({ TableName, ConsistentRead: true })))?.sort()).toEqual([1, 2, 3]);
});

it('writes and reads items of several tables at a time', async () => {
  const [one, two] = [await table(), await table()];
  const row = (n: number) => ({ device: { S: 'd' }, arrival: { N: String(n) }, bytes: { B: new Uint8Array([n]) } });
  await client.send(
    new BatchWriteItemCommand({
      RequestItems: { [one]: [{ PutRequest: { Item: row(1) } }], [two]: [{ PutRequest: { Item: row(2) } }] },
    }),
  );
  const Keys = [{ device: { S: 'd' }, arrival: { N: '2' } }];
  const { Responses } = await client.send(new BatchGetItemCommand({ RequestItems: { [two]: { Keys } } }));
  expect(Responses).toEqual({ [two]: [row(2)] });
});
