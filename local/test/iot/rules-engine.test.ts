import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Action, TopicRulePayload } from '@aws-sdk/client-iot';
import type { MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../src/errors.ts';
import { type Identity, IotCloud, arn, nextMessage } from './iot-cloud.ts';

const ROLE = 'arn:aws:iam::123456789012:role/rule';
const QUEUE = 'https://sqs.eu-central-1.amazonaws.com/123456789012/dead-letters';
const TOPIC = 'rtjm/kitchen/telemetry';
const STAMPS = "SELECT *, topic() AS full_topic, timestamp() AS received FROM 'rtjm/#'";

let cloud: IotCloud;
let kitchen: Identity;
let client: MqttClient;

beforeEach(async () => {
  cloud = await IotCloud.start();
  await cloud.dispatcher.invoke(cloud.operator, 'iam', 'CreateRole', {
    RoleName: 'rule',
    AssumeRolePolicyDocument: JSON.stringify(trust('iot.amazonaws.com')),
  });
  await permit(['dynamodb:PutItem', 'sqs:SendMessage'], '*');
  kitchen = await cloud.device('kitchen', {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: 'iot:*', Resource: '*' },
  });
  client = await cloud.connect(kitchen, 'kitchen');
});
afterEach(() => cloud.stop());

const trust = (service: string): object => ({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } },
});

const permit = (actions: string[], resource: string): Promise<unknown> =>
  cloud.dispatcher.invoke(cloud.operator, 'iam', 'PutRolePolicy', {
    RoleName: 'rule',
    PolicyName: 'rule',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: actions, Resource: resource },
    }),
  });

const rule = (ruleName: string, payload: Partial<TopicRulePayload>): Promise<unknown> =>
  cloud.call('CreateTopicRule', {
    ruleName,
    topicRulePayload: { sql: STAMPS, awsIotSqlVersion: '2016-03-23', actions: [], ...payload },
  });

const columns: Action = { dynamoDBv2: { roleArn: ROLE, putItem: { tableName: 'readings' } } };
const queue: Action = { sqs: { roleArn: ROLE, queueUrl: QUEUE, useBase64: false } };
const publish = (payload: string | Buffer, topic = TOPIC): Promise<unknown> =>
  client.publishAsync(topic, payload, { qos: 1 });

describe('a row', () => {
  it('has the stamps and a column for each root attribute, before the message is acknowledged', async () => {
    await rule('rows', { actions: [columns] });
    const before = Date.now();
    await publish('{"temperature":21.5,"name":"","ok":true,"none":null,"list":[1,"a"],"nested":{"__proto__":{"a":1}}}');
    const [row] = cloud.rows;
    expect(row?.TableName).toBe('readings');
    const { received, ...others } = row?.Item ?? {};
    expect(Number(received?.N)).toBeGreaterThanOrEqual(before);
    expect(Number(received?.N)).toBeLessThanOrEqual(Date.now());
    expect(others).toEqual({
      temperature: { N: '21.5' },
      name: { S: '' },
      ok: { BOOL: true },
      none: { NULL: true },
      list: { L: [{ N: '1' }, { S: 'a' }] },
      nested: { M: Object.fromEntries([['__proto__', { M: { a: { N: '1' } } }]]) },
      full_topic: { S: TOPIC },
    });
  });

  it('keeps every digit of a number', async () => {
    await rule('rows', { actions: [columns] });
    await publish('{"big":1234567890123456789012345678901234}');
    expect(cloud.rows[0]?.Item.big).toEqual({ N: '1234567890123456789012345678901234' });
  });

  it('is written before PUBACK: the device waits as long as DynamoDB', async () => {
    await rule('rows', { actions: [columns] });
    const order: string[] = [];
    let asked = (): void => undefined;
    let answer = (): void => undefined;
    const wasAsked = new Promise<void>((resolve) => (asked = resolve));
    const mayAnswer = new Promise<void>((resolve) => (answer = resolve));
    cloud.beforeRow = async () => {
      asked();
      await mayAnswer;
      order.push('row');
    };
    const acknowledged = publish('{}').then(() => order.push('acknowledged'));
    await wasAsked;
    const other = await cloud.connect(kitchen, 'other');
    await other.publishAsync('unruled', '{}', { qos: 1 });
    order.push('another client is served meanwhile');
    answer();
    await acknowledged;
    expect(order).toEqual(['another client is served meanwhile', 'row', 'acknowledged']);
  });

  it('of a v1 action takes its keys from templates and holds the rest in one column', async () => {
    const dynamoDB = {
      roleArn: ROLE,
      tableName: 'readings',
      hashKeyField: 'device',
      hashKeyValue: '${topic(2)}',
      rangeKeyField: 'at',
      rangeKeyType: 'NUMBER' as const,
      rangeKeyValue: '${timestamp()}',
      payloadField: 'reading',
    };
    await rule('rows', { sql: "SELECT * FROM 'rtjm/#'", actions: [{ dynamoDB }] });
    await publish('{"device":"garage","at":1}');
    await publish(Buffer.from([0xff, 0x00]));
    expect(cloud.rows.map(({ Item: { at, ...item } }) => [/^\d{13}$/.test(at?.N ?? ''), item])).toEqual([
      [true, { device: { S: 'kitchen' }, reading: { M: { device: { S: 'garage' }, at: { N: '1' } } } }],
      [true, { device: { S: 'kitchen' }, reading: { B: Buffer.from([0xff, 0x00]) } }],
    ]);
  });

  it('comes from every rule that matches, and from no other', async () => {
    await rule('one', { actions: [columns] });
    await rule('two', { sql: "SELECT 2 AS two FROM 'rtjm/+/telemetry'", actions: [columns] });
    await rule('other', { sql: "SELECT 3 AS three FROM 'rtjm/+/status'", actions: [columns] });
    await rule('choosy', { sql: "SELECT 4 AS four FROM 'rtjm/#' WHERE temperature > 30", actions: [columns] });
    await rule('off', { sql: "SELECT 5 AS five FROM 'rtjm/#'", actions: [columns], ruleDisabled: true });
    await publish('{"temperature":20}');
    await publish('{}', 'elsewhere');
    await publish('{}', 'rtjm');
    expect(cloud.rows.map(({ Item }) => ('two' in Item ? 'two' : 'one')).sort()).toEqual(['one', 'two']);
    cloud.rows.length = 0;
    await cloud.call('EnableTopicRule', { ruleName: 'off' });
    await cloud.call('DisableTopicRule', { ruleName: 'one' });
    await cloud.call('DeleteTopicRule', { ruleName: 'two' });
    await publish('{"temperature":31}');
    expect(cloud.rows.flatMap(({ Item }) => Object.keys(Item)).sort()).toEqual(['five', 'four']);
  });

  it('comes from a last will and from HTTP as well', async () => {
    await rule('rows', {
      sql: "SELECT *, clientid() AS client, principal() AS principal FROM 'rtjm/#'",
      actions: [columns],
    });
    const will = { topic: 'rtjm/dying/status', payload: Buffer.from('{"gone":true}'), qos: 1 as const, retain: false };
    await cloud.connect(kitchen, 'dying', { will });
    await cloud.data('DeleteConnection', { clientId: 'dying' });
    await expect.poll(() => cloud.rows.length).toBe(1);
    await cloud.data('Publish', { topic: TOPIC, payload: Buffer.from('{"http":true}') });
    const operator = { S: cloud.operator.userId };
    expect(cloud.rows.map(({ Item }) => Item)).toEqual([
      { gone: { BOOL: true }, client: { S: 'dying' }, principal: { S: kitchen.certificateId } },
      { http: { BOOL: true }, client: { S: 'n/a' }, principal: operator },
    ]);
  });
});

describe('basic ingest', () => {
  it('runs the named rule alone, without its prefix, and delivers to nobody', async () => {
    await rule('rows', { sql: 'SELECT topic() AS topic', actions: [columns] });
    await rule('other', { actions: [columns] });
    await client.subscribeAsync('#');
    const message = nextMessage(client);
    await publish('{}', `$aws/rules/rows/${'x/'.repeat(7)}y`);
    expect(cloud.rows.map(({ Item }) => Item)).toEqual([{ topic: { S: `${'x/'.repeat(7)}y` } }]);
    await publish('next', 'elsewhere');
    expect(await message).toEqual(['elsewhere', 'next']);
  });

  it('says in the log when there is no such rule', async () => {
    await publish('{}', '$aws/rules/nothing/x');
    expect(cloud.log.lines.at(-1)).toBe('basic ingest: there is no enabled rule "nothing"');
  });

  it('needs a policy that allows its topic', async () => {
    await rule('rows', { actions: [columns] });
    const device = await cloud.device('garage', {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 'iot:Connect', Resource: '*' },
        { Effect: 'Allow', Action: 'iot:Publish', Resource: arn('topic/$aws/rules/rows/rtjm/garage/*') },
      ],
    });
    const garage = await cloud.connect(device, 'garage');
    await garage.publishAsync('$aws/rules/rows/rtjm/garage/telemetry', '{}', { qos: 1 });
    await cloud.cutOff(garage, () => garage.publish('$aws/rules/rows/rtjm/kitchen/telemetry', '{}', { qos: 1 }));
    expect(cloud.rows).toHaveLength(1);
  });
});

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
