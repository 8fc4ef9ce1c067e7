import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heard, type Identity, IotCloud, nextMessage } from './iot-cloud.ts';

/* Packets as MQTT 3.1.1 forbids them, written byte by byte: no client library sends such. */

let cloud: IotCloud;
let kitchen: Identity;

beforeAll(async () => {
  cloud = await IotCloud.start();
  const all = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'iot:*', Resource: '*' } };
  kitchen = await cloud.device('kitchen', all);
});
afterAll(() => cloud.stop());

const text = (value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
};
const packet = (first: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  expect(body.length).toBeLessThan(128);
  return Buffer.concat([Buffer.from([first, body.length]), body]);
};
const bytes = (...values: number[]): Buffer => Buffer.from(values);
const connectPacket = (name = 'MQTT', level = 4, flags = 2, ...rest: readonly Buffer[]): Buffer =>
  packet(0x10, text(name), bytes(level, flags, 0, 60), ...(level === 5 ? [bytes(0)] : []), text('kitchen'), ...rest);

async function open(): Promise<TLSSocket> {
  const socket = connect({
    host: 'localhost',
    port: cloud.iot.mqttPort,
    ca: cloud.iot.rootCaPem,
    key: kitchen.key,
    cert: kitchen.cert,
  });
  await once(socket, 'secureConnect');
  return socket;
}

/** All that the broker says until it closes the connection. */
async function answered(socket: TLSSocket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
  await once(socket, 'close', { signal: AbortSignal.timeout(30_000) });
  return Buffer.concat(chunks).toString('hex');
}

/** What the broker says to a packet behind a CONNECT that it takes, until it closes the connection. */
async function afterConnect(...sent: readonly Buffer[]): Promise<string> {
  const socket = await open();
  socket.write(connectPacket());
  const [connack] = (await once(socket, 'data')) as [Buffer];
  expect(connack.toString('hex')).toBe('20020000');
  const said = answered(socket);
  for (const each of sent) socket.write(each);
  return said;
}

const lastLine = (): string => cloud.log.lines.findLast((line) => line.includes('ends: ')) ?? '';

describe('a client of another version is told so by a CONNACK', () => {
  it.each([
    ['MQTT 3.1', 'MQIsdp', 3, '20020001', 'MQTT 3.1 is not supported by the local cloud; use MQTT 3.1.1'],
    ['MQTT 5', 'MQTT', 5, '2003008400', 'MQTT 5 is not supported by the local cloud; use MQTT 3.1.1'],
  ])('%s', async (_, name, level, connack, why) => {
    const socket = await open();
    socket.write(connectPacket(name, level));
    expect(await answered(socket)).toBe(connack);
    expect(cloud.log.refusals.at(-1)?.why).toBe(why);
  });

  it.each([
    ['MQTT', 6],
    ['MQTT', 0x84],
    ['MQTT', 3],
    ['HTTP', 4],
  ])('%s %i', async (name, level) => {
    const socket = await open();
    socket.write(connectPacket(name, level));
    expect(await answered(socket)).toBe('20020001');
    expect(lastLine()).toContain(`the protocol "${name}" of level ${level} is none of MQTT`);
  });
});

describe('the connection is closed, and the log says why:', () => {
  it('a password without a user name', async () => {
    const socket = await open();
    socket.write(connectPacket('MQTT', 4, 0x42, text('secret')));
    expect(await answered(socket)).toBe('');
    expect(lastLine()).toContain('a password without a user name');
    expect(lastLine()).not.toContain('secret');
  });

  const id = bytes(0, 1);
  it.each<[string, Buffer, string]>([
    ['SUBSCRIBE to a+', packet(0x82, id, text('rtjm/a+'), bytes(0)), 'has a wildcard beside other characters'],
    ['SUBSCRIBE to a#', packet(0x82, id, text('a#'), bytes(0)), 'has a wildcard beside other characters'],
    ['SUBSCRIBE to #/a', packet(0x82, id, text('#/a'), bytes(0)), 'has a wildcard beside other characters'],
    ['UNSUBSCRIBE from a+', packet(0xa2, id, text('a+')), 'has a wildcard beside other characters'],
    ['SUBSCRIBE to nothing', packet(0x82, id, text(''), bytes(0)), 'an empty topic filter'],
    ['a filter with NUL', packet(0x82, id, text('a\0b'), bytes(0)), 'the topic filter has a NUL'],
    ['a filter that is no UTF-8', packet(0x82, id, text(bytes(0xc3, 0x28)), bytes(0)), 'the topic filter is no UTF-8'],
    ['a topic with NUL', packet(0x30, text('rtjm/a\0b'), Buffer.from('x')), 'the topic has a NUL'],
    ['a topic that is no UTF-8', packet(0x30, text(bytes(0xff)), Buffer.from('x')), 'the topic is no UTF-8'],
    ['a topic with half a surrogate pair', packet(0x30, text(bytes(0xed, 0xa0, 0x80))), 'the topic is no UTF-8'],
    ['PUBLISH with the packet id 0', packet(0x32, text('a'), bytes(0, 0)), 'PUBLISH with the packet id 0'],
    [
      'SUBSCRIBE with the packet id 0',
      packet(0x82, bytes(0, 0), text('a'), bytes(0)),
      'SUBSCRIBE with the packet id 0',
    ],
    ['UNSUBSCRIBE with the packet id 0', packet(0xa2, bytes(0, 0), text('a')), 'UNSUBSCRIBE with the packet id 0'],
    ['QoS 0 with DUP', packet(0x38, text('a'), Buffer.from('x')), 'DUP is set on a PUBLISH of QoS 0'],
    ['UNSUBSCRIBE without a filter', packet(0xa2, id), 'UNSUBSCRIBE without a topic filter'],
    ['SUBSCRIBE without a filter', packet(0x82, id), 'SUBSCRIBE without a topic filter'],
  ])('%s', async (_, sent, why) => {
    expect(await afterConnect(sent)).toBe('');
    expect(lastLine()).toContain(`the connection of client kitchen (certificate ${kitchen.certificateId}`);
    expect(lastLine()).toContain(why);
  });

  it('also where packets come byte by byte', async () => {
    const right = packet(0x32, text('rtjm/kitchen/a'), bytes(0, 7), Buffer.from('x'));
    const wrong = packet(0x82, id, text('a+'), bytes(0));
    const socket = await open();
    const byteByByte = async (sent: Buffer) => {
      for (const byte of sent) await new Promise((resolve) => socket.write(bytes(byte), resolve));
    };
    for (const [sent, answer] of [
      [connectPacket(), '20020000'],
      [right, '40020007'],
    ] as const) {
      await byteByByte(sent);
      expect(((await once(socket, 'data')) as [Buffer])[0].toString('hex')).toBe(answer);
    }
    const said = answered(socket);
    await byteByByte(wrong);
    expect(await said).toBe('');
    expect(lastLine()).toContain('has a wildcard beside other characters');
  });
});

it('a message is sent again with DUP, and one that waited for the first time without', async () => {
  const options = { clean: false, reconnectPeriod: 0 };
  const first = await cloud.connect(kitchen, 'kitchen', options);
  await first.subscribeAsync('again/#', { qos: 1 });
  // It takes the message, and goes without a PUBACK.
  first.handleMessage = () => first.stream.destroy();
  const seen = heard(first, 'close');
  const publisher = await cloud.connect(
    await cloud.device('other', {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 'iot:*', Resource: '*' },
    }),
    'other',
  );
  await publisher.publishAsync('again/1', 'sent', { qos: 1 });
  await seen;
  await publisher.publishAsync('again/2', 'waited', { qos: 1 });

  const back = cloud.open(kitchen, 'kitchen', options);
  const dups = new Map<string, boolean>();
  const both = new Promise<void>((resolve) => {
    back.on('packetreceive', (received) => {
      if (received.cmd === 'publish') dups.set(received.topic, received.dup);
      if (dups.size === 2) resolve();
    });
  });
  await Promise.race([both, nextMessage(back).then(() => both)]);
  expect(Object.fromEntries(dups)).toEqual({ 'again/1': true, 'again/2': false });
});
