import type { ISubscriptionMap } from 'mqtt';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Identity, IotCloud, nextMessage } from './iot-cloud.ts';

let cloud: IotCloud;
let device: Identity;
beforeEach(async () => {
  cloud = await IotCloud.start();
  const statement = { Effect: 'Allow', Action: 'iot:*', Resource: '*' };
  device = await cloud.device('greedy', { Version: '2012-10-17', Statement: statement });
});
afterEach(() => cloud.stop());

const filters = (from: number, count: number): ISubscriptionMap =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`t/${from + n}`, { qos: 1 as const }]));

it('eight filters are one SUBSCRIBE, and nine end the connection', async () => {
  const client = await cloud.connect(device, 'greedy');
  expect(await client.subscribeAsync(filters(0, 8))).toHaveLength(8);
  await cloud.cutOff(client, () => client.subscribe(filters(8, 9)));
  expect(cloud.log.refusals.at(-1)?.why).toBe('one SUBSCRIBE has 9 topic filters; at most 8 are allowed');
});

it('nine filters end the connection also when they come before the CONNACK', async () => {
  const client = cloud.open(device, 'greedy');
  await cloud.cutOff(client, () => client.subscribe(filters(0, 9)));
});

it('a connection has fifty subscriptions; the next one fails, and the connection goes on', async () => {
  const client = await cloud.connect(device, 'greedy');
  for (let from = 0; from < 48; from += 8) await client.subscribeAsync(filters(from, 8));
  // The same filter again is no further one.
  await client.subscribeAsync(filters(0, 8));
  await expect(client.subscribeAsync(filters(48, 3))).rejects.toThrow('Unspecified error');
  expect(cloud.log.refusals.at(-1)?.why).toBe('the connection has 50 subscriptions; at most 50 are allowed');
  const message = nextMessage(client);
  await client.publishAsync('t/50', 'nobody hears it');
  await client.publishAsync('t/49', 'heard');
  expect(await message).toEqual(['t/49', 'heard']);

  await client.unsubscribeAsync('t/0');
  await client.subscribeAsync('t/50', { qos: 1 });
});
