import {
  type AttributeValue,
  BatchWriteItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { client, table, useDynamoDb } from './dynamodb-tables.ts';

useDynamoDb();

describe('what DynamoDB does not store', () => {
  const nested = (maps: number): AttributeValue => (maps === 0 ? { S: 'x' } : { M: { inner: nested(maps - 1) } });
  const lists = (depth: number): AttributeValue => (depth === 0 ? { N: '1' } : { L: [lists(depth - 1)] });
  const key = { device: { S: 'd' }, arrival: { N: '1' } };
  const put = (TableName: string, more: Record<string, AttributeValue>) =>
    client.send(new PutItemCommand({ TableName, Item: { ...key, ...more } }));
  const update = (TableName: string, name: string, value: AttributeValue) =>
    client.send(
      new UpdateItemCommand({
        TableName,
        Key: key,
        UpdateExpression: 'SET #name = :value',
        ExpressionAttributeNames: { '#name': name },
        ExpressionAttributeValues: { ':value': value },
      }),
    );
  const batch = (TableName: string, more: Record<string, AttributeValue>) =>
    client.send(
      new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ PutRequest: { Item: { ...key, ...more } } }] } }),
    );

  // Measured at AWS: 31 maps around a text are stored, 32 are not (nubo-db/dynoxide issue 110).
  it('32 levels are stored, 33 are refused', async () => {
    const TableName = await table();
    for (const value of [nested(31), lists(31)]) {
      await put(TableName, { value });
      await update(TableName, 'value', value);
      await batch(TableName, { value });
    }
    const refusal = { name: 'ValidationException', message: /^Nesting Levels have exceeded supported limits/ };
    for (const value of [nested(32), lists(32), nested(500)]) {
      await expect(put(TableName, { value })).rejects.toMatchObject(refusal);
      await expect(update(TableName, 'value', value)).rejects.toMatchObject(refusal);
      await expect(batch(TableName, { value })).rejects.toMatchObject(refusal);
    }
  });

  it('a name has 1 to 65,535 bytes, wherever it stands', async () => {
    const TableName = await table();
    const most = 'é'.repeat(32_767) + 'x'; // 65,535 bytes
    const value = { S: '' };
    await put(TableName, { [most]: value });
    await put(TableName, { map: { M: { [most]: value } } });
    for (const [name, message] of [
      [`${most}x`, /Attribute name is too large, must be less than 65536 bytes/],
      ['', /attribute name must not be empty/],
    ] as const) {
      const refusal = { name: 'ValidationException', message };
      await expect(put(TableName, { [name]: value })).rejects.toMatchObject(refusal);
      await expect(put(TableName, { map: { M: { [name]: value } } })).rejects.toMatchObject(refusal);
      await expect(update(TableName, name, value)).rejects.toMatchObject(refusal);
      await expect(update(TableName, 'map', { M: { [name]: value } })).rejects.toMatchObject(refusal);
      await expect(batch(TableName, { [name]: value })).rejects.toMatchObject(refusal);
    }
  });
});
