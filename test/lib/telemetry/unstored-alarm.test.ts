import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { ReceiveMessageResult } from '@aws-sdk/client-sqs';
import { afterEach, expect, test } from 'vitest';
import { fleetSettings } from '../../../lib/fleet/settings.ts';
import { TelemetryStack } from '../../../lib/telemetry-stack.ts';
import { cloudWatchService } from '../../../local/src/cloudwatch/cloudwatch-service.ts';
import { dynamoDbService } from '../../../local/src/dynamodb/dynamodb-service.ts';
import { createIot } from '../../../local/src/iot/iot.ts';
import type { Readings } from '../../../local/src/readings.ts';
import { sqsService } from '../../../local/src/sqs/sqs-service.ts';
import { type Services, startServices } from '../../../local/test/support/start-services.ts';
import { templateOf, testApp } from '../synthesized.ts';

// The alarm and the rules of the template, over the local cloud's own metrics.

const HOUR = 60 * 60_000;
const ROLE = 'arn:aws:iam::000000000000:role/rules';
/** DynamoDB takes numbers of 38 digits. */
const REFUSED = `{"a":${'123'.repeat(13)}}`;
const row = (arrival: string) => ({ TableName: 'rows', Item: { device: { S: 'shed' }, arrival: { S: arrival } } });
const JSON_OBJECT = '{"temperature":21.5}';

type Properties = Record<string, unknown>;

let ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

async function fleetUnder(readings: Partial<Readings>) {
  const closing: (() => unknown)[] = [];
  let metrics = undefined as unknown as Services['metrics'];
  const services = await startServices(
    (parts) => {
      const cloudWatch = cloudWatchService(parts);
      ({ metrics } = cloudWatch);
      const dynamoDb = dynamoDbService({ ...parts, metrics, folder: undefined });
      closing.push(
        () => dynamoDb.close(),
        () => cloudWatch.close(),
      );
      return [cloudWatch.service, dynamoDb.service, sqsService({ ...parts, metrics })];
    },
    undefined,
    [],
    readings,
  );
  const iot = await createIot({ ...services, metrics, host: '127.0.0.1', mqttPort: 0 });
  for (const service of iot.services) services.dispatcher.register(service);
  ends.push(async () => {
    await services.close();
    for (const close of closing) await close();
  });
  const operator = services.iam.operator();
  const call = <Output = unknown>(service: string, operation: string, input: object): Promise<Output> =>
    services.dispatcher.invoke<Output>(operator, service, operation, input);

  await call('iam', 'CreateRole', {
    RoleName: 'rules',
    AssumeRolePolicyDocument: JSON.stringify({
      Statement: { Effect: 'Allow', Principal: { Service: 'iot.amazonaws.com' }, Action: 'sts:AssumeRole' },
    }),
  });
  await call('iam', 'PutRolePolicy', {
    RoleName: 'rules',
    PolicyName: 'rules',
    PolicyDocument: JSON.stringify({
      Statement: { Effect: 'Allow', Action: ['dynamodb:PutItem', 'sqs:SendMessage'], Resource: '*' },
    }),
  });
  const { QueueUrl = '' } = await call<{ QueueUrl?: string }>('sqs', 'CreateQueue', { QueueName: 'dead' });
  await call('dynamodb', 'CreateTable', {
    TableName: 'rows',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['device', 'arrival'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'device', KeyType: 'HASH' },
      { AttributeName: 'arrival', KeyType: 'RANGE' },
    ],
  });

  const template = templateOf(
    new TelemetryStack(testApp(), { settings: fleetSettings({}), fleetId: 'ours', sites: [] }),
  );
  const resources = (type: string) => Object.values(template.findResources(type)) as { Properties: Properties }[];
  const names = { TimeSeries: 'rows', DeadLetters: QueueUrl, RuleRole: ROLE };
  for (const { Properties } of resources('AWS::IoT::TopicRule')) {
    const { RuleName: ruleName, TopicRulePayload } = resolved(Properties, names) as Properties;
    if (ruleName === 'fleet_telemetry_connected') continue; // it hears no messages
    await call('iot', 'CreateTopicRule', { ruleName, topicRulePayload: lowerCamel(TopicRulePayload) });
  }
  const [alarm] = resources('AWS::CloudWatch::Alarm').filter((each) => 'Metrics' in each.Properties);
  await call('cloudwatch', 'PutMetricAlarm', {
    AlarmName: 'unstored',
    ...(resolved(alarm?.Properties, { ...names, DeadLetters: 'dead' }) as object),
  });

  return {
    call,
    QueueUrl,
    publish: async (payload: string | Uint8Array, times = 10) => {
      for (let n = 0; n < times; n++)
        await call('iot-data', 'Publish', { topic: 'rtjm/shed/telemetry', payload: Buffer.from(payload), qos: 1 });
    },
    /** Whatever was counted so far was counted an hour before. */
    hourLater: () => {
      for (const { minutes } of metrics.all()) {
        const moved = [...minutes].map(([minute, values]) => [minute - HOUR, values] as const);
        minutes.clear();
        for (const [minute, values] of moved) minutes.set(minute, values);
      }
    },
    state: async () => {
      const { MetricAlarms = [] } = await call<{ MetricAlarms?: MetricAlarm[] }>('cloudwatch', 'DescribeAlarms', {});
      return MetricAlarms[0]?.StateValue;
    },
  };
}

/** A part of a template in which references are what they refer to. */
function resolved(part: unknown, names: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(part)) return part.map((each) => resolved(each, names));
  if (typeof part !== 'object' || part === null) return part;
  const { Ref, 'Fn::GetAtt': [attributeOf] = [] } = part as { Ref?: string; 'Fn::GetAtt'?: string[] };
  const reference = Ref ?? attributeOf;
  if (reference !== undefined) return Object.entries(names).find(([name]) => reference.startsWith(name))?.[1];
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, resolved(value, names)]));
}

/** As AWS IoT has it where CloudFormation begins names with a capital. */
function lowerCamel(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(lowerCamel);
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [
      key === 'DynamoDBv2' ? 'dynamoDBv2' : key.charAt(0).toLowerCase() + key.slice(1),
      lowerCamel(value),
    ]),
  );
}

test('messages of every kind ring nothing, be they rows or dead letters, nor does no message', async () => {
  const fleet = await fleetUnder({});
  expect(await fleet.state()).toBe('OK');
  for (const hour of [1, 2, 3]) {
    fleet.hourLater();
    await fleet.publish(JSON_OBJECT);
    await fleet.publish('5');
    await fleet.publish('');
    await fleet.publish(REFUSED);
    expect([hour, await fleet.state()]).toEqual([hour, 'OK']);
  }
});

test.each([
  [true, 'OK'],
  [false, 'ALARM'],
])('with rows made of dead letters that are deleted (%j), it is %s', async (deletesThem, state) => {
  const { call, QueueUrl, ...fleet } = await fleetUnder({});
  await fleet.publish(REFUSED, 20);
  for (const hour of ['first', 'second']) {
    fleet.hourLater();
    await fleet.publish(JSON_OBJECT);
    const { Messages = [] } = await call<ReceiveMessageResult>('sqs', 'ReceiveMessage', {
      QueueUrl,
      MaxNumberOfMessages: 10,
    });
    expect(Messages).toHaveLength(10);
    for (const [n, { ReceiptHandle }] of Messages.entries()) {
      await call('dynamodb', 'PutItem', row(`${hour} ${n}`));
      if (deletesThem) await call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
    }
  }
  expect(await fleet.state()).toBe(state);
});

test.each<[Partial<Readings>, string]>([
  [{ case: 'error' }, JSON_OBJECT],
  [{ 'get-other': 'error' }, '5'],
])(
  '%j: what is lost without a trace rings after the second hour, and is quiet again when it is over',
  async (readings, payload) => {
    const fleet = await fleetUnder(readings);
    await fleet.publish(payload);
    expect(await fleet.state()).toBe('OK');
    fleet.hourLater();
    await fleet.publish(payload);
    expect(await fleet.state()).toBe('ALARM');
    fleet.hourLater();
    expect(await fleet.state()).toBe('OK');
  },
);

test('what becomes two rows rings, too', async () => {
  const { call, ...fleet } = await fleetUnder({});
  for (const hour of ['first', 'second']) {
    fleet.hourLater();
    await fleet.publish(JSON_OBJECT);
    for (let n = 0; n < 5; n++) await call('dynamodb', 'PutItem', row(`${hour} ${n}`));
  }
  expect(await fleet.state()).toBe('ALARM');
});

test('two messages that cross from one hour into the next ring nothing', async () => {
  const { call, ...fleet } = await fleetUnder({});
  for (const hour of ['first', 'second']) {
    fleet.hourLater();
    await fleet.publish(JSON_OBJECT, 1);
    for (let n = 0; n < 2; n++) await call('dynamodb', 'PutItem', row(`${hour} ${n}`));
  }
  expect(await fleet.state()).toBe('OK');
});
