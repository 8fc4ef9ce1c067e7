import type { MqttClient } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { arn, devicePolicy, heard } from './iot-cloud.ts';
import { claim, cloud, obtain, start } from './provisioning-cloud.ts';
import { FROM_CSR, KEYS, again, ask, claimPolicy, provision } from './provisioning-requests.ts';

describe('the topics of provisioning', () => {
  afterEach(() => cloud.stop());

  it.each([
    ['publish a CBOR request', (client: MqttClient) => client.publish('$aws/certificates/create-from-csr/cbor', 'x')],
    ['subscribe to a CBOR answer', (client: MqttClient) => client.subscribe('$aws/certificates/create/cbor/accepted')],
    ['publish an answer', (client: MqttClient) => client.publish(`${FROM_CSR}/accepted`, '{}')],
    ['subscribe to requests', (client: MqttClient) => client.subscribe(FROM_CSR)],
    ['subscribe to all of them', (client: MqttClient) => client.subscribe('$aws/certificates/#')],
    ['retain a request', (client: MqttClient) => client.publish(KEYS, '{}', { retain: true })],
  ])('end the connection of who would %s', async (_, act) => {
    const client = await start();
    await cloud.allow(claim, 'all', {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 'iot:*', Resource: '*' },
    });
    await cloud.cutOff(client, act);
    expect(cloud.log.refusals).toHaveLength(1);
    expect(cloud.log.refusals[0]?.why).toMatch(/reserved/);
  });

  it.each([
    ['publish', (client: MqttClient) => client.publish(FROM_CSR, '{}'), 'iot:Publish', `topic/${FROM_CSR}`],
    [
      'publish for another template',
      (client: MqttClient) => client.publish(provision('other'), '{}'),
      'iot:Publish',
      `topic/${provision('other')}`,
    ],
    [
      'subscribe',
      (client: MqttClient) => client.subscribe(`${FROM_CSR}/accepted`),
      'iot:Subscribe',
      `topicfilter/${FROM_CSR}/accepted`,
    ],
  ])('are refused to whoever may not %s', async (_, act, action, resource) => {
    await start();
    const device = await cloud.device('kitchen', devicePolicy('kitchen'));
    await cloud.cutOff(await cloud.connect(device, 'kitchen'), act);
    expect(cloud.log.refusals).toEqual([expect.objectContaining({ action, resource: arn(resource) })]);
  });

  it('give no answer to whoever may not receive it', async () => {
    const client = await start();
    const { Statement } = claimPolicy('boards', arn) as { Statement: object[] };
    const deny = { Effect: 'Deny', Action: 'iot:Receive', Resource: arn(`topic/${FROM_CSR}/*`) };
    await cloud.allow(claim, 'deaf', { Version: '2012-10-17', Statement: [...Statement, deny] });
    client.on('message', (topic) => expect(topic).not.toContain(FROM_CSR));
    await client.subscribeAsync([`${FROM_CSR}/accepted`, `${FROM_CSR}/rejected`], { qos: 1 });
    await client.publishAsync(FROM_CSR, '{}', { qos: 1 });
    const refused = { action: 'iot:Receive', resource: arn(`topic/${FROM_CSR}/rejected`) };
    await expect.poll(() => cloud.log.refusals.at(-1)).toMatchObject(refused);
    expect((await ask(client, KEYS, '')).outcome).toBe('accepted');
  });

  it('answer over the connection that asked, to no other one, and only where it has subscribed', async () => {
    const client = await start();
    const spy = await cloud.connect(claim, 'claim-2');
    const topics: string[] = [];
    spy.on('message', (topic) => topics.push(topic));
    await spy.subscribeAsync(`${FROM_CSR}/+`);
    await obtain(client);
    await client.unsubscribeAsync([`${FROM_CSR}/accepted`, `${FROM_CSR}/rejected`]);
    await client.publishAsync(FROM_CSR, '{}', { qos: 1 });
    await expect.poll(() => cloud.log.lines.at(-1)).toMatch(/^the answer on .*\/rejected is lost: client claim-1/);
    // What was for it would have come before this answer.
    expect((await again(spy, FROM_CSR, '{}')).outcome).toBe('rejected');
    expect(topics).toEqual([`${FROM_CSR}/rejected`]);
  });

  it('give no answer to a later connection of the same client id, which would get the private key of another', async () => {
    await start();
    const clean = false;
    const first = await cloud.connect(claim, 'claim-3', { clean });
    first.handleMessage = () => undefined; // never acknowledges what it gets
    await first.subscribeAsync(`${KEYS}/accepted`, { qos: 1 });
    const { certificateId = '' } = (await again(first, KEYS, '')).body;
    first.stream.destroy();
    const other = await cloud.certify();
    await cloud.allow(other, 'other-claim', claimPolicy('*', arn));
    const second = cloud.open(other, 'claim-3', { clean });
    const messages: string[] = [];
    second.on('message', (_topic, payload) => messages.push(payload.toString()));
    await heard(second, 'connect');
    // What was kept for it comes before this answer.
    await again(second, KEYS, '');
    expect(messages.join()).not.toContain(certificateId);
  });

  it('are not served over HTTP, where nobody waits for the answer', async () => {
    await start();
    await expect(cloud.data('Publish', { topic: KEYS, payload: new Uint8Array() })).rejects.toThrow('reserved');
  });
});
