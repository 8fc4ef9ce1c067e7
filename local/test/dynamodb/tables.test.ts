import {
  BatchWriteItemCommand,
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ListTablesCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  ScanCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TABLE, arn, arrivals, client, query, services, start, table, useDynamoDb } from './dynamodb-tables.ts';

useDynamoDb();

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
