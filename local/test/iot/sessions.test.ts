import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GetConnectionResponse, ListSubscriptionsResponse } from '@aws-sdk/client-iot-data-plane';
import type { MqttClient } from 'mqtt';
import { type Identity, IotCloud, arn, heard, nextMessage } from './iot-cloud.ts';

let cloud: IotCloud;
let kitchen: Identity;
let watcher: MqttClient;

beforeAll(async () => {
  cloud = await IotCloud.start();
  kitchen = await cloud.device('kitchen');
  const all = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'iot:*', Resource: '*' } };
  watcher = await cloud.connect(await cloud.device('watcher', all), 'watcher');
  await watcher.subscribeAsync('rtjm/#', { qos: 1 });
});
afterAll(() => cloud.stop());

const will = { topic: 'rtjm/kitchen/status', payload: Buffer.from('gone'), qos: 1 as const, retain: false };
const connection = (clientId = 'kitchen'): Promise<GetConnectionResponse> =>
  cloud.data<GetConnectionResponse>('GetConnection', { clientId });

it('drops the older of two connections with one client id, and sends its will', async () => {
  const older = await cloud.connect(kitchen, 'kitchen', { will });
  const closed = heard(older, 'close');
  const message = nextMessage(watcher);
  const newer = await cloud.connect(kitchen, 'kitchen');
  await closed;
  expect(await message).toEqual(['rtjm/kitchen/status', 'gone']);
  await newer.publishAsync('rtjm/kitchen/telemetry', '{}', { qos: 1 });
  expect(await connection()).toMatchObject({ connected: true });
  expect(cloud.log.lines.filter((line) => line.endsWith('DUPLICATE_CLIENTID'))).toHaveLength(1);
  await newer.endAsync();
});

it('leaves one of many connections that race for a client id', async () => {
  const open = new Set(Array.from({ length: 8 }, () => cloud.open(kitchen, 'kitchen')));
  const survivor = await new Promise<MqttClient>((resolve) => {
    for (const client of open)
      client.once('close', () => {
        open.delete(client);
        const [last, other] = open;
        if (last && !other) resolve(last);
      });
  });
  if (!survivor.connected) await heard(survivor, 'connect');
  await survivor.publishAsync('rtjm/kitchen/telemetry', '{}', { qos: 1 });
  await cloud.cutOff(survivor, () => cloud.data('DeleteConnection', { clientId: 'kitchen' }));
});

it('tells of a connection and how it ended', async () => {
  const client = await cloud.connect(kitchen, 'kitchen', { keepalive: 45, clean: false });
  expect(await cloud.data('GetConnection', { clientId: 'kitchen', includeSocketInformation: true })).toEqual({
    clientId: 'kitchen',
    connected: true,
    connectedSince: expect.any(Number) as number,
    thingName: 'kitchen',
    cleanSession: false,
    keepAliveDuration: 45,
    sessionExpiry: 3600,
    sourceIp: '127.0.0.1',
    sourcePort: expect.any(Number) as number,
    targetIp: '127.0.0.1',
    targetPort: cloud.iot.mqttPort,
  });
  const closed = heard(client, 'close');
  await client.endAsync();
  await closed;
  await expect
    .poll(() => connection())
    .toMatchObject({
      connected: false,
      disconnectReason: 'CLIENT_INITIATED_DISCONNECT',
      disconnectedSince: expect.any(Number) as number,
    });
  await expect(connection('nobody')).rejects.toMatchObject({ code: 'ResourceNotFoundException', status: 404 });
});

it('DeleteConnection ends a session at once, sends its will, and hinders no reconnect', async () => {
  const client = await cloud.connect(kitchen, 'kitchen', { will });
  const [closed, message] = [heard(client, 'close'), nextMessage(watcher)];
  await cloud.data('DeleteConnection', { clientId: 'kitchen' });
  expect(await connection()).toMatchObject({ connected: false, disconnectReason: 'API_INITIATED_DISCONNECT' });
  await closed;
  expect(await message).toEqual(['rtjm/kitchen/status', 'gone']);
  await expect(cloud.data('DeleteConnection', { clientId: 'kitchen' })).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
  });
  await (await cloud.connect(kitchen, 'kitchen')).endAsync();
});

it('DeleteConnection can prevent the will', async () => {
  await cloud.connect(kitchen, 'kitchen', { will });
  const message = nextMessage(watcher);
  await cloud.data('DeleteConnection', { clientId: 'kitchen', preventWillMessage: true });
  await watcher.publishAsync('rtjm/next', 'this comes next', { qos: 1 });
  expect(await message).toEqual(['rtjm/next', 'this comes next']);
});

it('keeps commands for a persistent session, unless DeleteConnection cleans it', async () => {
  const options = { clean: false };
  const first = await cloud.connect(kitchen, 'kitchen', options);
  await first.subscribeAsync('cmd/rtjm/kitchen/#', { qos: 1 });
  await first.endAsync();
  await watcher.publishAsync('cmd/rtjm/kitchen/relay', 'on', { qos: 1 });
  const second = cloud.open(kitchen, 'kitchen', options);
  expect(await nextMessage(second)).toEqual(['cmd/rtjm/kitchen/relay', 'on']);
  await second.endAsync();
  const third = await cloud.connect(kitchen, 'kitchen', options);
  await cloud.data('DeleteConnection', { clientId: 'kitchen', cleanSession: true });
  await watcher.publishAsync('cmd/rtjm/kitchen/relay', 'off', { qos: 1 });
  const fourth = cloud.open(kitchen, 'kitchen', options);
  const packet = await new Promise<{ sessionPresent: boolean }>((resolve) => fourth.once('connect', resolve));
  expect(packet.sessionPresent).toBe(false);
  expect(third.connected).toBe(false);
  await fourth.endAsync();
});

it('does not bring a refused filter back with a persistent session', async () => {
  const options = { clean: false };
  const client = await cloud.connect(kitchen, 'kitchen', options);
  await cloud.cutOff(client, () => client.subscribe(['cmd/rtjm/kitchen/#', 'cmd/rtjm/garage/#'], { qos: 1 }));
  const again = cloud.open(kitchen, 'kitchen', options);
  const [connected, message] = [heard(again, 'connect'), nextMessage(again)];
  await connected;
  await watcher.publishAsync('cmd/rtjm/garage/door', 'open', { qos: 1 });
  await watcher.publishAsync('cmd/rtjm/kitchen/relay', 'on', { qos: 1 });
  expect(await message).toEqual(['cmd/rtjm/kitchen/relay', 'on']);
  await cloud.data('DeleteConnection', { clientId: 'kitchen', cleanSession: true });
});

it('publishes over HTTP for who may', async () => {
  const message = nextMessage(watcher);
  const payload = Buffer.from('over HTTP');
  await cloud.data('Publish', { topic: 'rtjm/http', payload, qos: 1 });
  expect(await message).toEqual(['rtjm/http', 'over HTTP']);
  const nobody = cloud.iam.servicePrincipal('nobody.amazonaws.com');
  await expect(cloud.data('Publish', { topic: 'rtjm/http', payload }, nobody)).rejects.toMatchObject({
    code: 'AccessDeniedException',
  });
  expect(cloud.log.refusals.at(-1)).toMatchObject({ action: 'iot:Publish', resource: arn('topic/rtjm/http') });
});

it.each([
  ['to a wildcard', { topic: 'rtjm/+' }, 'InvalidRequestException'],
  ['with QoS 2', { topic: 'rtjm/a', qos: 2 }, 'InvalidRequestException'],
  ['too much', { topic: 'rtjm/a', payload: Buffer.alloc(128 * 1024 + 1) }, 'InvalidRequestException'],
  ['to a shadow topic', { topic: '$aws/things/kitchen/shadow/update' }, 'NotImplemented'],
  ['with an expiry', { topic: 'rtjm/a', messageExpiry: 5 }, 'NotImplemented'],
])('refuses to publish %s over HTTP', async (_, input, code) => {
  await expect(cloud.data('Publish', input)).rejects.toMatchObject({ code });
});

it('lists what a client has subscribed to, also when it has left a persistent session', async () => {
  const subscriptions = (more = {}) =>
    cloud.data<ListSubscriptionsResponse>('ListSubscriptions', { clientId: 'kitchen', ...more });
  // A client has ended its connection before the broker has heard of it.
  const refusal = () =>
    subscriptions().then(
      () => undefined,
      (error: unknown) => error,
    );
  const isGone = () => expect.poll(refusal).toMatchObject({ code: 'ResourceNotFoundException' });
  await cloud.data('DeleteConnection', { clientId: 'kitchen', cleanSession: true }).catch(() => undefined);
  await isGone();
  const client = await cloud.connect(kitchen, 'kitchen', { clean: false });
  expect(await subscriptions()).toEqual({ subscriptions: [], nextToken: undefined });
  await client.subscribeAsync({ 'cmd/rtjm/kitchen/#': { qos: 1 }, 'cmd/rtjm/kitchen/a': { qos: 0 } });
  const both = [
    { topicFilter: 'cmd/rtjm/kitchen/#', qos: 1 },
    { topicFilter: 'cmd/rtjm/kitchen/a', qos: 0 },
  ];
  expect((await subscriptions()).subscriptions).toEqual(both);
  const { nextToken } = await subscriptions({ maxResults: 1 });
  expect(await subscriptions({ maxResults: 1, nextToken })).toEqual({ subscriptions: [both[1]], nextToken: undefined });
  await expect(subscriptions({ maxResults: 201 })).rejects.toMatchObject({ code: 'InvalidRequestException' });
  await client.endAsync();
  expect((await subscriptions()).subscriptions).toContainEqual(both[0]);
  const clean = await cloud.connect(kitchen, 'kitchen', { clean: true });
  await clean.subscribeAsync('cmd/rtjm/kitchen/#', { qos: 1 });
  await clean.endAsync();
  await isGone();
});
