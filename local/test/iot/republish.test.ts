import { expect, it } from 'vitest';
import { nextMessage } from './iot-cloud.ts';
import { ROLE, TOPIC, client, cloud, columns, permit, publish, queue, rule, useRuleCloud } from './rule-cloud.ts';

useRuleCloud();

const to = (topic: string, qos?: number) => ({
  republish: { roleArn: ROLE, topic, ...(qos !== undefined && { qos }) },
});

it('publishes what was selected to another topic, where devices and rules get it', async () => {
  await permit(['iot:Publish', 'dynamodb:PutItem'], '*');
  await rule('hot', {
    sql: "SELECT temperature, topic(2) AS device FROM 'rtjm/+/telemetry' WHERE temperature > 30",
    actions: [to('alarms/${topic(2)}', 1)],
  });
  await rule('alarms', { sql: "SELECT *, clientid() AS client FROM 'alarms/#'", actions: [columns] });
  await client.subscribeAsync('alarms/#', { qos: 1 });
  const message = nextMessage(client);
  await publish('{"temperature":20}');
  await publish('{"temperature":31}');
  expect(await message).toEqual(['alarms/kitchen', '{"temperature":31,"device":"kitchen"}']);
  // It came over no connection (DG, iot-sql-functions, clientid).
  expect(cloud.rows.map(({ Item }) => Item)).toEqual([
    { temperature: { N: '31' }, device: { S: 'kitchen' }, client: { S: 'n/a' } },
  ]);
});

it('hands bytes on as they are', async () => {
  await permit(['iot:Publish'], '*');
  await rule('copy', { sql: "SELECT * FROM 'rtjm/#'", actions: [to('copies/raw')] });
  await client.subscribeAsync('copies/#', { qos: 1 });
  const message = new Promise<Buffer>((resolve) => client.once('message', (_topic, payload) => resolve(payload)));
  await publish(Buffer.from([0xff, 0x00, 0x7b]));
  expect(await message).toEqual(Buffer.from([0xff, 0x00, 0x7b]));
});

it('needs iot:Publish on that topic, and reaches basic ingest but no other reserved topic', async () => {
  const failures = () =>
    cloud.letters.map(({ MessageBody }) => {
      const { failures: all } = JSON.parse(MessageBody) as {
        failures: { failedAction: string; errorMessage: string }[];
      };
      return `${all[0]?.failedAction}: ${all[0]?.errorMessage}`;
    });
  await rule('copy', { actions: [to('copies/${topic(2)}')], errorAction: queue });
  await permit(['sqs:SendMessage'], '*');
  await publish('{}');
  expect(failures()).toEqual([
    expect.stringMatching(
      /^RepublishAction: .*not authorized to perform: iot:Publish on resource: .*topic\/copies\/kitchen/,
    ),
  ]);
  await permit(['iot:Publish', 'sqs:SendMessage', 'dynamodb:PutItem'], '*');
  await rule('ingest', { sql: 'SELECT *, topic() AS topic', actions: [columns] });
  await cloud.call('DeleteTopicRule', { ruleName: 'copy' });
  await rule('back', { sql: "SELECT a FROM 'rtjm/#'", actions: [to('$$aws/rules/ingest/a/b')] });
  await publish('{"a":1}');
  expect(cloud.rows.map(({ Item }) => Item)).toEqual([{ a: { N: '1' }, topic: { S: 'a/b' } }]);
  await rule('shadow', {
    sql: "SELECT a FROM 'rtjm/#'",
    actions: [to('$$aws/things/x/shadow/update')],
    errorAction: queue,
  });
  await publish('{"a":1}');
  expect(failures().at(-1)).toContain('the reserved topic $aws/things/x/shadow/update is not implemented');
});

it('ends a loop, and says so', async () => {
  await permit(['iot:Publish'], '*');
  await rule('mirror', { sql: "SELECT * FROM 'rtjm/#'", actions: [to('${topic()}', 1)] });
  await publish('{}');
  expect(cloud.log.lines.at(-1)).toBe(
    `rules mirror: a message to ${TOPIC} has been republished 20 times; the local cloud ends the loop here, AWS would go on`,
  );
});
