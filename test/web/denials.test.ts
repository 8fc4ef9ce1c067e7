import { expect, test } from 'vitest';
import { groupedDenials } from '../../web/denials.ts';
import type { Denial, DeviceView } from '../../web/wire.ts';

const device = (name: string, id: string): DeviceView => ({
  device: name,
  site: 'home',
  commandTopic: `cmd/rtjm/${name}`,
  revoked: false,
  deployed: true,
  certificates: [{ id, status: 'ACTIVE' }],
  connected: false,
  disagreements: [],
});
const devices = [device('kitchen', 'aa'), device('shed', 'bb')];
const denial = (time: number, other: Partial<Denial> = {}): Denial => ({
  time,
  what: 'Connect',
  client: 'kitchen',
  certificate: 'aa',
  why: 'the certificate is REVOKED',
  ...other,
});

test('what differs in its time alone is one, with how often and since when', () => {
  const groups = groupedDenials([denial(3), denial(1), denial(2, { what: 'Publish-In', topic: 'a' })], devices);
  expect(groups.map(({ denial: { what }, count, first, last }) => [what, count, first, last])).toEqual([
    ['Connect', 2, 1, 3],
    ['Publish-In', 1, 2, 2],
  ]);
});

test('a refusal is of the device whose certificate it was, whatever the client claimed to be', () => {
  const of = (other: Partial<Denial>) => groupedDenials([denial(1, other)], devices)[0]?.device;
  expect(of({ client: 'shed' })).toBe('kitchen');
  expect(of({ certificate: 'cc' })).toBeUndefined();
  const logless: Denial = { time: 1, what: 'Disconnect', client: 'kitchen', why: 'it was not let in' };
  expect(groupedDenials([logless], devices)[0]?.device).toBe('kitchen'); // as far as its client id says
});
