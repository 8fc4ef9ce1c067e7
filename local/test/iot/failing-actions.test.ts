import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { AwsError } from '../../src/errors.ts';
import { nextMessage } from './iot-cloud.ts';
import {
  QUEUE,
  ROLE,
  TOPIC,
  client,
  cloud,
  columns,
  permit,
  publish,
  queue,
  rule,
  trust,
  useRuleCloud,
} from './rule-cloud.ts';

useRuleCloud();

describe('an action that fails', () => {
  const letter = (): { failures: { errorMessage: string }[] } =>
    JSON.parse(cloud.letters[0]?.MessageBody ?? '') as { failures: { errorMessage: string }[] };

  it('sends the dead letter before PUBACK, with the message as it came', async () => {
    await rule('rows', { actions: [columns], errorAction: queue });
    await permit(['sqs:SendMessage'], '*');
    await publish('{"temperature":21.5}');
    expect(cloud.letters[0]?.QueueUrl).toBe(QUEUE);
    expect(letter()).toEqual({
      ruleName: 'rows',
      topic: TOPIC,
      cloudwatchTraceId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      clientId: 'kitchen',
      base64OriginalPayload: Buffer.from('{"temperature":21.5}').toString('base64'),
      failures: [
        {
          failedAction: 'DynamoDBv2Action',
          failedResource: 'readings',
          errorMessage: expect.stringContaining('is not authorized to perform: dynamodb:PutItem') as string,
        },
      ],
    });
    expect(cloud.log.refusals.at(-1)).toMatchObject({
      who: 'arn:aws:sts::123456789012:assumed-role/rule/rows',
      action: 'dynamodb:PutItem',
      resource: 'arn:aws:dynamodb:eu-central-1:123456789012:table/readings',
    });
  });

  it('is named by its role when that does not trust AWS IoT', async () => {
    await cloud.dispatcher.invoke(cloud.operator, 'iam', 'UpdateAssumeRolePolicy', {
      RoleName: 'rule',
      PolicyDocument: JSON.stringify(trust('lambda.amazonaws.com')),
    });
    await rule('rows', { actions: [columns] });
    await publish('{}');
    expect(cloud.rows).toEqual([]);
    expect(cloud.log.lines.slice(-2)).toEqual([
      `rule rows: DynamoDBv2Action on readings failed: AccessDeniedException: iot.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`,
      `rule rows has no error action: a message to ${TOPIC} is lost`,
    ]);
  });

  it.each([
    ['a throttle', new AwsError('ProvisionedThroughputExceededException', 'slow down', 400)],
    ['an error of the service', new AwsError('InternalServerError', 'oops', 500)],
  ])('because of %s is tried three times', async (_, error) => {
    await rule('rows', { actions: [columns], errorAction: queue });
    let attempts = 0;
    cloud.beforeRow = () => {
      attempts += 1;
      if (attempts < 3) throw error;
    };
    await publish('{}');
    expect([attempts, cloud.rows.length, cloud.letters.length]).toEqual([3, 1, 0]);
    cloud.beforeRow = () => {
      throw error;
    };
    await publish('{}');
    expect(letter().failures[0]?.errorMessage).toContain(error.message);
  });

  it('because of the message is tried once, with the same keys it would have had', async () => {
    await rule('rows', { sql: "SELECT newuuid() AS id FROM 'rtjm/#'", actions: [columns] });
    const items: Record<string, AttributeValue>[] = [];
    cloud.beforeRow = (item) => {
      items.push(item);
      throw new AwsError('ValidationException', 'no such key', 400);
    };
    await publish('{}');
    expect(items).toHaveLength(1);
    cloud.beforeRow = (item) => {
      items.push(item);
      throw new AwsError('InternalServerError', 'oops', 500);
    };
    await publish('{}');
    expect(new Set(items.slice(1).map((item) => JSON.stringify(item))).size).toBe(1);
    expect(items).toHaveLength(4);
  });

  it('gives one letter for all actions of a rule', async () => {
    await rule('rows', { actions: [columns, columns, queue], errorAction: queue });
    await permit(['sqs:SendMessage'], '*');
    await publish('{}');
    expect(cloud.letters).toHaveLength(2);
    expect(JSON.parse(cloud.letters[1]?.MessageBody ?? '')).toMatchObject({ failures: [{}, {}] });
  });

  it('whose error action fails, too, is told loudly, and the device goes on', async () => {
    await rule('rows', { actions: [columns], errorAction: queue });
    await permit(['s3:GetObject'], '*');
    await publish('{}');
    expect(cloud.log.lines.at(-1)).toBe(`the error action of rule rows failed: a message to ${TOPIC} is lost`);
    expect(client.connected).toBe(true);
  });

  it('does not stop the other rules or the subscribers', async () => {
    await rule('rows', {
      actions: [{ dynamoDBv2: { roleArn: `${ROLE}-missing`, putItem: { tableName: 'readings' } } }],
    });
    await rule('good', { actions: [columns] });
    await client.subscribeAsync('rtjm/#', { qos: 1 });
    const message = nextMessage(client);
    await publish('{"a":1}');
    expect(await message).toEqual([TOPIC, '{"a":1}']);
    expect(cloud.rows).toHaveLength(1);
  });

  it('because the statement selected no object is a dead letter', async () => {
    await rule('rows', { sql: "SELECT * FROM 'rtjm/#'", actions: [columns], errorAction: queue });
    await publish('not JSON');
    expect(letter().failures[0]?.errorMessage).toContain('what the statement selected is not a JSON object');
  });
});

it('logs an SQL error and runs neither the actions nor the error action', async () => {
  const sql = "SET @a = data, @b = data SELECT @a AS a FROM 'rtjm/#'";
  await rule('rows', { sql, actions: [columns], errorAction: queue });
  await publish(JSON.stringify({ data: 'x'.repeat(100_000) }));
  expect([cloud.rows, cloud.letters]).toEqual([[], []]);
  expect(cloud.log.lines.at(-1)).toMatch(
    /^rule rows: SQL error over a message to rtjm\/kitchen\/telemetry: the values of SET/,
  );
});
