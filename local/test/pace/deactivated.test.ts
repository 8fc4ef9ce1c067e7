import { afterEach, beforeEach, expect, it } from 'vitest';
import { Pace } from '../../src/pace/pace.ts';
import { type Identity, IotCloud, heard } from '../iot/iot-cloud.ts';

let cloud: IotCloud;
let kitchen: Identity;

beforeEach(async () => {
  const pace = new Pace({ name: 'aws', divideLags: 30 }); // three minutes are six seconds
  pace.begin();
  cloud = await IotCloud.start(undefined, undefined, pace);
  kitchen = await cloud.device('kitchen');
});
afterEach(() => cloud.stop());

const become = (newStatus: string) =>
  cloud.call('UpdateCertificate', { certificateId: kitchen.certificateId, newStatus });

it('a session goes on for a while after its certificate was revoked, though no new one begins', async () => {
  const client = await cloud.connect(kitchen, 'kitchen');
  const closed = heard(client, 'close');
  await become('REVOKED');
  const revoked = performance.now();
  await client.publishAsync('rtjm/kitchen/telemetry', '{}', { qos: 1 });
  await cloud.refused(kitchen, 'kitchen');
  await closed;
  expect(performance.now() - revoked).toBeGreaterThan(5000);
});

it('DeleteConnection ends it at once', async () => {
  const client = await cloud.connect(kitchen, 'kitchen');
  await become('REVOKED');
  const revoked = performance.now();
  const closed = heard(client, 'close');
  await cloud.data('DeleteConnection', { clientId: 'kitchen' });
  await closed;
  expect(performance.now() - revoked).toBeLessThan(5000);
  await cloud.refused(kitchen, 'kitchen');
});

it('a session whose certificate is ACTIVE again by then stays', async () => {
  const client = await cloud.connect(kitchen, 'kitchen');
  await become('INACTIVE');
  await become('ACTIVE');
  await new Promise((resolve) => setTimeout(resolve, 6500));
  expect(client.connected).toBe(true);
});
