import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  TagResourceCommand,
  TransactWriteItemsCommand,
  UntagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromDynalite, toDynalite } from '../../src/dynamodb/attribute-values.ts';
import { dynamoDbService } from '../../src/dynamodb/dynamodb-service.ts';
import { type Services, startServices } from '../support/start-services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function start(folder?: string): Promise<Services> {
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

let services: Services;
let client: DynamoDBClient;
let count = 0;
beforeAll(async () => {
  services = await start();
  client = new DynamoDBClient(services.operator);
});
afterAll(() => services.close());

const arn = (table: string): string => `arn:aws:dynamodb:us-east-1:000000000000:table/${table}`;
const TABLE = {
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
async function table(rows = 0, more: Partial<CreateTableCommandInput> = {}): Promise<string> {
  const TableName = `table-${++count}`;
  await client.send(new CreateTableCommand({ ...TABLE, ...more, TableName }));
  for (let n = 1; n <= rows; n++) await put(TableName, n);
  return TableName;
}
const put = (
  TableName: string,
  arrival: number,
  more: Record<string, AttributeValue> = {},
  input: Partial<PutItemCommandInput> = {},
) =>
  client.send(
    new PutItemCommand({ TableName, Item: { device: { S: 'd' }, arrival: { N: String(arrival) }, ...more }, ...input }),
  );
const query = (TableName: string, input: Partial<QueryCommandInput> = {}) =>
  client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'device = :d',
      ExpressionAttributeValues: { ':d': { S: 'd' } },
      ...input,
    }),
  );
const arrivals = (answer: { Items?: Record<string, AttributeValue>[] | undefined }) =>
  answer.Items?.map(({ arrival }) => Number(arrival?.N));

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

describe('a table', () => {
  it('is described with the ARN of this account, encrypted and protected as it was asked for', async () => {
    const TableName = await table(0, { DeletionProtectionEnabled: true, SSESpecification: { Enabled: true } });
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    expect(Table).toMatchObject({
      TableArn: arn(TableName),
      TableStatus: 'ACTIVE',
      DeletionProtectionEnabled: true,
      SSEDescription: { Status: 'ENABLED', SSEType: 'KMS' },
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    });
    expect(Math.abs((Table?.CreationDateTime?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
    expect((await client.send(new ListTablesCommand())).TableNames).toContain(TableName);
  });

  it('is deleted only when it is not protected', async () => {
    const TableName = await table(1, { DeletionProtectionEnabled: true });
    const remove = () => client.send(new DeleteTableCommand({ TableName }));
    await expect(remove()).rejects.toMatchObject({ name: 'ValidationException' });
    await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    await remove();
    await client.send(new CreateTableCommand({ ...TABLE, TableName }));
    expect(arrivals(await query(TableName))).toEqual([]);
  });

  it('has point-in-time recovery', async () => {
    const TableName = await table();
    const describe = async () =>
      (await client.send(new DescribeContinuousBackupsCommand({ TableName }))).ContinuousBackupsDescription
        ?.PointInTimeRecoveryDescription;
    expect(await describe()).toMatchObject({ PointInTimeRecoveryStatus: 'DISABLED' });
    const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 7 };
    await client.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
    expect(await describe()).toMatchObject({ PointInTimeRecoveryStatus: 'ENABLED', RecoveryPeriodInDays: 7 });
  });

  it('has a time to live', async () => {
    const TableName = await table();
    const update = (Enabled: boolean) =>
      client.send(
        new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled, AttributeName: 'expires' } }),
      );
    const describe = async () =>
      (await client.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription;
    expect(await describe()).toEqual({ TimeToLiveStatus: 'DISABLED' });
    await update(true);
    expect(await describe()).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' });
    await expect(update(true)).rejects.toThrow('already enabled');
    await update(false);
    await expect(update(false)).rejects.toThrow('already disabled');
  });

  it('has tags', async () => {
    const ResourceArn = arn(await table(0, { Tags: [{ Key: 'a', Value: '1' }] }));
    await client.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'b', Value: '2' }] }));
    await client.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['a'] }));
    const { Tags } = await client.send(new ListTagsOfResourceCommand({ ResourceArn }));
    expect(Tags).toEqual([{ Key: 'b', Value: '2' }]);
  });

  it.each<[string, Partial<CreateTableCommandInput>]>([
    ['StreamSpecification', { StreamSpecification: { StreamEnabled: true } }],
    ['TableClass', { TableClass: 'STANDARD_INFREQUENT_ACCESS' }],
    ['KMSMasterKeyId', { SSESpecification: { Enabled: true, KMSMasterKeyId: 'key' } }],
    [
      'OnDemandThroughput',
      {
        AttributeDefinitions: [...TABLE.AttributeDefinitions, { AttributeName: 'site', AttributeType: 'S' }],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'by-site',
            KeySchema: [{ AttributeName: 'site', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
            OnDemandThroughput: { MaxReadRequestUnits: 1 },
          },
        ],
      },
    ],
  ])('with %s is refused by name', async (name, input) => {
    await expect(table(0, input)).rejects.toThrow(name);
  });
});

describe('authorisation', () => {
  it('is by table and action', async () => {
    const [mine, yours] = [await table(), await table()];
    const options = await services.role('writer', [
      { Action: ['dynamodb:PutItem', 'dynamodb:BatchWriteItem'], Resource: arn(mine) },
    ]);
    const writer = new DynamoDBClient(options);
    const Item = { device: { S: 'd' }, arrival: { N: '1' } };
    await writer.send(new PutItemCommand({ TableName: mine, Item }));
    await expect(writer.send(new PutItemCommand({ TableName: yours, Item }))).rejects.toThrow(
      `dynamodb:PutItem on resource: ${arn(yours)}`,
    );
    await expect(writer.send(new ScanCommand({ TableName: mine }))).rejects.toThrow('dynamodb:Scan');
    const batch = new BatchWriteItemCommand({
      RequestItems: { [mine]: [{ PutRequest: { Item } }], [yours]: [{ PutRequest: { Item } }] },
    });
    await expect(writer.send(batch)).rejects.toThrow(`dynamodb:BatchWriteItem on resource: ${arn(yours)}`);
    expect(arrivals(await query(yours))).toEqual([]);
  });
});

it('survives a restart, with its items and settings', async () => {
  const folder = temporaryFolder();
  const before = await start(folder);
  const writer = new DynamoDBClient(before.operator);
  const create = { ...TABLE, TableName: 'kept', DeletionProtectionEnabled: true } as unknown as CreateTableCommandInput;
  await writer.send(new CreateTableCommand(create));
  const Item = { device: { S: 'd' }, arrival: { N: '1' } };
  await writer.send(new PutItemCommand({ TableName: 'kept', Item }));
  await before.close();
  const after = await start(folder);
  const reader = new DynamoDBClient(after.operator);
  expect((await reader.send(new ScanCommand({ TableName: 'kept' }))).Items).toEqual([Item]);
  const { Table } = await reader.send(new DescribeTableCommand({ TableName: 'kept' }));
  expect(Table?.DeletionProtectionEnabled).toBe(true);
  await after.close();
});
