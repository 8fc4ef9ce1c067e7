import type { MqttClient } from 'mqtt';
import type { Refusal } from '../../src/log.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Identity, IotCloud, arn, devicePolicy, nextMessage } from './iot-cloud.ts';

let cloud: IotCloud;
let kitchen: Identity;
let garage: Identity;
let watcher: MqttClient;

beforeAll(async () => {
  cloud = await IotCloud.start();
  kitchen = await cloud.device('kitchen');
  garage = await cloud.device('garage');
  const all = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'iot:*', Resource: '*' } };
  watcher = await cloud.connect(await cloud.device('watcher', all), 'watcher');
  await watcher.subscribeAsync('rtjm/#', { qos: 1 });
});
afterAll(() => cloud.stop());

let client: MqttClient;
beforeEach(async () => {
  client = await cloud.connect(kitchen, 'kitchen');
  return async () => void (await client.endAsync(true));
});

/** Without the certificate's id, which `who` has as well. */
const lastRefusal = () => {
  const { certificateId, ...rest }: Partial<Refusal> = cloud.log.refusals.at(-1) ?? {};
  expect(rest.who).toContain(`certificate ${certificateId ?? 'none'}`);
  return rest;
};
const who = (): string => `client kitchen (certificate ${kitchen.certificateId}, 127.0.0.1)`;
const noStatement = 'no statement allows it in kitchen';

describe('publishing', () => {
  it.each([0, 1] as const)('delivers what is allowed, with QoS %d', async (qos) => {
    const message = nextMessage(watcher);
    await client.publishAsync('rtjm/kitchen/telemetry', '{"temperature":21.5}', { qos });
    expect(await message).toEqual(['rtjm/kitchen/telemetry', '{"temperature":21.5}']);
  });

  it.each([
    ["another device's topic", 'rtjm/garage/telemetry'],
    ['a topic that only begins like its own', 'rtjm/kitchen-2/telemetry'],
    ['the commands of another device', 'cmd/rtjm/garage/relay'],
    ['its own commands', 'cmd/rtjm/kitchen/relay'],
    ['the level above its own', 'rtjm/kitchen'],
    ['a topic with an asterisk', 'rtjm/*/telemetry'],
  ])('to %s ends the connection', async (_, topic) => {
    await cloud.cutOff(client, () => client.publish(topic, '{}', { qos: 1 }));
    expect(lastRefusal()).toEqual({
      clientId: 'kitchen',
      who: who(),
      action: 'iot:Publish',
      resource: arn(`topic/${topic}`),
      why: noStatement,
    });
  });

  it('of a retained message without iot:RetainPublish ends the connection', async () => {
    const topic = 'rtjm/kitchen/status';
    await cloud.cutOff(client, () => client.publish(topic, 'on', { retain: true }));
    expect(lastRefusal()).toMatchObject({
      action: 'iot:RetainPublish',
      resource: arn(`topic/${topic}`),
      why: noStatement,
    });
  });

  it.each([
    ['a shadow topic', '$aws/things/kitchen/shadow/update'],
    ['an event topic', '$aws/events/presence/connected/kitchen'],
    ['a topic of the broker itself', '$SYS/broker/clients'],
  ])('to %s ends the connection, with its name', async (_, topic) => {
    await cloud.cutOff(client, () => client.publish(topic, '{}'));
    expect(lastRefusal()?.why).toBe(
      `topics that begin with $ are reserved, and ${topic} is not implemented by the local cloud`,
    );
  });

  it.each([
    ['QoS 2', 'rtjm/kitchen/a', { qos: 2 as const }, 'QoS 2 is not supported by AWS IoT'],
    ['8 slashes', 'rtjm/kitchen/1/2/3/4/5/6/7', {}, 'the topic has 8 slashes; at most 7 are allowed'],
    ['257 bytes', `rtjm/kitchen/${'x'.repeat(244)}`, {}, 'the topic has 257 bytes; at most 256 are allowed'],
  ])('with %s ends the connection', async (_, topic, options, why) => {
    await cloud.cutOff(client, () => client.publish(topic, '{}', options));
    expect(lastRefusal()).toEqual({
      clientId: 'kitchen',
      who: who(),
      action: 'iot:Publish',
      resource: arn(`topic/${topic}`),
      why,
    });
  });

  it('takes a payload of 128 KB and none that is longer', async () => {
    await client.publishAsync('rtjm/kitchen/big', Buffer.alloc(128 * 1024), { qos: 1 });
    await cloud.cutOff(client, () => client.publish('rtjm/kitchen/big', Buffer.alloc(128 * 1024 + 1), { qos: 1 }));
    expect(lastRefusal()?.why).toBe('the payload has 131073 bytes; at most 131072 are allowed');
  });

  it.each(['rtjm/kitchen/#', 'rtjm/+/telemetry'])('to the wildcard %s ends the connection', async (topic) => {
    await cloud.cutOff(client, () => client.publish(topic, '{}'));
    expect(cloud.log.lines.at(-2)).toMatch(
      /^the connection of client kitchen .* ends: [+#] is not allowed in PUBLISH$/,
    );
  });
});

describe('subscribing', () => {
  it('delivers what is allowed', async () => {
    await client.subscribeAsync('cmd/rtjm/kitchen/#', { qos: 1 });
    const message = nextMessage(client);
    await watcher.publishAsync('cmd/rtjm/kitchen/relay', '{"relay":true}', { qos: 1 });
    expect(await message).toEqual(['cmd/rtjm/kitchen/relay', '{"relay":true}']);
  });

  it.each([
    ["another device's commands", 'cmd/rtjm/garage/#'],
    ['the commands of all', 'cmd/rtjm/+/relay'],
    ['everything', '#'],
    ['telemetry', 'rtjm/#'],
    ['an asterisk', 'cmd/rtjm/*/relay'],
    ['its own commands and the level above', 'cmd/rtjm/kitchen'],
  ])('to %s ends the connection', async (_, filter) => {
    await cloud.cutOff(client, () => client.subscribe(filter));
    expect(lastRefusal()).toEqual({
      clientId: 'kitchen',
      who: who(),
      action: 'iot:Subscribe',
      resource: arn(`topicfilter/${filter}`),
      why: noStatement,
    });
  });

  it.each(['$aws/things/kitchen/shadow/#', '$SYS/#', '$share/group/cmd/rtjm/kitchen/#'])(
    'to the reserved %s ends the connection, with its name',
    async (filter) => {
      await cloud.cutOff(client, () => client.subscribe(filter));
      expect(lastRefusal()?.why).toBe(
        `topics that begin with $ are reserved, and ${filter} is not implemented by the local cloud`,
      );
    },
  );

  it('with QoS 2 ends the connection', async () => {
    await cloud.cutOff(client, () => client.subscribe('cmd/rtjm/kitchen/#', { qos: 2 }));
    expect(lastRefusal()).toMatchObject({ action: 'iot:Subscribe', why: 'QoS 2 is not supported by AWS IoT' });
  });
});

describe('receiving', () => {
  it('is asked for each message: what a wide subscription would get is left out, and the connection stays', async () => {
    const identity = await cloud.device('curious', {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: ['iot:Connect', 'iot:Subscribe'], Resource: '*' },
        { Effect: 'Allow', Action: 'iot:Receive', Resource: arn('topic/news/*') },
      ],
    });
    const curious = await cloud.connect(identity, 'curious');
    await curious.subscribeAsync('#', { qos: 1 });
    const message = nextMessage(curious);
    await watcher.publishAsync('secret/plan', 'x', { qos: 1 });
    await watcher.publishAsync('news/today', 'y', { qos: 1 });
    expect(await message).toEqual(['news/today', 'y']);
    expect(lastRefusal()).toEqual({
      clientId: 'curious',
      who: `client curious (certificate ${identity.certificateId}, 127.0.0.1)`,
      action: 'iot:Receive',
      resource: arn('topic/secret/plan'),
      why: 'no statement allows it in curious',
    });
    expect(curious.connected).toBe(true);
  });

  it('follows a change of the policy in the live session', async () => {
    const policy = (resource: string): object => ({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 'iot:*', Resource: resource },
    });
    const identity = await cloud.device('changing', policy('*'));
    const changing = await cloud.connect(identity, 'changing');
    await changing.publishAsync('rtjm/changing/a', '1', { qos: 1 });
    await cloud.call('CreatePolicyVersion', {
      policyName: 'changing',
      policyDocument: JSON.stringify(policy(arn('topic/other'))),
      setAsDefault: true,
    });
    await cloud.cutOff(changing, () => changing.publish('rtjm/changing/a', '2', { qos: 1 }));
    expect(lastRefusal()?.why).toBe('no statement allows it in changing');
  });

  it('says which statement denied', async () => {
    const document = devicePolicy('denied') as { Statement: object[] };
    document.Statement.push({
      Sid: 'NoDebug',
      Effect: 'Deny',
      Action: 'iot:Publish',
      Resource: arn('topic/rtjm/*/debug'),
    });
    const denied = await cloud.connect(await cloud.device('denied', document), 'denied');
    await denied.publishAsync('rtjm/denied/telemetry', '{}', { qos: 1 });
    await cloud.cutOff(denied, () => denied.publish('rtjm/denied/debug', '{}', { qos: 1 }));
    expect(lastRefusal()?.why).toBe('denied by denied, NoDebug');
  });

  it('as at AWS: `x/#` does not match `x`, and no wildcard gets a retained message', async () => {
    await watcher.publishAsync('state/lamp', 'on', { qos: 1, retain: true });
    await watcher.subscribeAsync(['level/#', 'state/#'], { qos: 1 });
    const first = nextMessage(watcher);
    await watcher.publishAsync('level', 'above', { qos: 1 });
    await watcher.publishAsync('level/', 'below', { qos: 1 });
    expect(await first).toEqual(['level/', 'below']);
    const retained = nextMessage(watcher);
    await watcher.subscribeAsync('state/lamp', { qos: 1 });
    expect(await retained).toEqual(['state/lamp', 'on']);
    await watcher.unsubscribeAsync(['level/#', 'state/#', 'state/lamp']);
  });
});

it('keeps two devices apart, whatever they do', async () => {
  const other = await cloud.connect(garage, 'garage');
  await other.publishAsync('rtjm/garage/telemetry', '{}', { qos: 1 });
  await cloud.cutOff(client, () => client.publish('rtjm/garage/telemetry', '{}'));
  await other.publishAsync('rtjm/garage/telemetry', '{}', { qos: 1 });
  expect(other.connected).toBe(true);
  await other.endAsync();
});
