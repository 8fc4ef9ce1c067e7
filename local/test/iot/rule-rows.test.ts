import { describe, expect, it } from 'vitest';
import { ROLE, TOPIC, cloud, columns, kitchen, publish, rule, useRuleCloud } from './rule-cloud.ts';

useRuleCloud();

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

  it('has columns of any name', async () => {
    await rule('rows', { actions: [columns] });
    const names = ['__proto__', 'toString', 'constructor', 'hasOwnProperty', 'length'];
    await publish(`{${names.map((name, index) => `"${name}":${index}`).join(',')}}`);
    const item = cloud.rows[0]?.Item ?? {};
    expect(names.map((name) => Object.getOwnPropertyDescriptor(item, name)?.value as unknown)).toEqual(
      names.map((_, index) => ({ N: String(index) })),
    );
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
    const replace = (ruleName: string, sql: string, ruleDisabled: boolean) =>
      cloud.call('ReplaceTopicRule', { ruleName, topicRulePayload: { sql, actions: [columns], ruleDisabled } });
    await replace('off', "SELECT 5 AS five FROM 'rtjm/#'", false);
    await replace('one', "SELECT 1 AS one FROM 'rtjm/#'", true);
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

  it('comes from the events of connections, which say the certificate and reach no other rule', async () => {
    await rule('events', { sql: "SELECT *, principal() AS p FROM '$aws/events/presence/+/lamp'", actions: [columns] });
    await rule('all', { sql: "SELECT 1 AS one FROM '#'", actions: [columns] });
    const lamp = await cloud.connect(kitchen, 'lamp');
    await lamp.endAsync();
    await (await cloud.connect(kitchen, 'lamp')).endAsync();
    await expect.poll(() => cloud.rows.length).toBe(4);
    const events = cloud.rows.map(({ Item }) => Item);
    const event = {
      clientId: { S: 'lamp' },
      timestamp: { N: expect.stringMatching(/^\d{13}$/) as string },
      sessionIdentifier: { S: expect.stringMatching(/^[0-9a-f-]{36}$/) as string },
      principalIdentifier: { S: kitchen.certificateId },
      ipAddress: { S: '127.0.0.1' },
    };
    const left = {
      eventType: { S: 'disconnected' },
      clientInitiatedDisconnect: { BOOL: true },
      disconnectReason: { S: 'CLIENT_INITIATED_DISCONNECT' },
    };
    expect(events).toEqual([
      { ...event, eventType: { S: 'connected' }, versionNumber: { N: '0' } },
      { ...event, ...left, versionNumber: { N: '0' } },
      { ...event, eventType: { S: 'connected' }, versionNumber: { N: '1' } },
      { ...event, ...left, versionNumber: { N: '1' } },
    ]);
    expect(events[0]?.sessionIdentifier).toEqual(events[1]?.sessionIdentifier);
  });
});
