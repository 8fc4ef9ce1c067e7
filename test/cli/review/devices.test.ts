import { describe, expect, test } from 'vitest';
import { compare } from '../../../cli/review/compare.ts';
import type { RekeyedDevice } from '../../../cli/review/devices.ts';
import { deviceParts } from '../../../cli/review/report-devices.ts';
import type { Generation } from '../../../lib/fleet/generations.ts';
import { assemblyOf, edited, NOTHING, resourceOf } from './assemblies.ts';

const SITE = 'fleet-site-home';
const DELETED = 'the key and the certificate of generation';
const GONE = (generation: number) =>
  `${DELETED} ${generation} are deleted; a board that still uses that generation cannot connect any more`;
const before = assemblyOf({ home: ['attic', 'shed'] });

/** The comparison with everything but the room that is left, which every device changes. */
function changesFrom(base: typeof before, head: typeof before) {
  const { sites, ...changes } = compare(base, head);
  expect(sites).toHaveLength([...head.stacks.keys()].filter((name) => name.startsWith('fleet-site-')).length);
  return changes;
}

test('the same app twice: nothing', () => {
  expect(changesFrom(before, assemblyOf({ home: ['attic', 'shed'] }))).toEqual(NOTHING);
});

test('another order of devices: nothing', () => {
  expect(changesFrom(before, assemblyOf({ home: ['shed', 'attic'] }))).toEqual(NOTHING);
});

test('a device added: that device alone, and the room that is left', () => {
  const head = assemblyOf({ home: ['attic', 'shed', 'vault'] });
  expect(changesFrom(before, head)).toEqual({
    ...NOTHING,
    devices: { ...NOTHING.devices, added: [{ device: 'vault', site: 'home' }] },
  });
  const room = ({ sites }: ReturnType<typeof compare>) => sites[0];
  const [then, now] = [room(compare(before, before)), room(compare(before, head))];
  expect(now).toEqual({ site: 'home', devices: 3, resources: (then?.resources ?? 0) + 3, left: (then?.left ?? 0) - 3 });
});

test('a device added that is revoked: that is said, in a line of its own', () => {
  const head = assemblyOf({ home: ['attic', 'shed', 'vault', { name: 'lost', revoked: true }] });
  const { devices } = changesFrom(before, head);
  expect(devices.added).toEqual([
    { device: 'lost', site: 'home', isRevoked: true },
    { device: 'vault', site: 'home' },
  ]);
  expect(deviceParts(devices)).toEqual([
    [{ strong: 'added' }, ' ', { code: 'lost' }, ' to home, revoked: it gets no certificate'],
    [{ strong: 'added' }, ' ', { code: 'vault' }, ' to home'],
  ]);
});

test('devices removed: irreversible, and said once for all of them', () => {
  expect(changesFrom(before, assemblyOf({ home: [] }))).toEqual({
    ...NOTHING,
    devices: {
      ...NOTHING.devices,
      removed: [
        { device: 'attic', site: 'home' },
        { device: 'shed', site: 'home' },
      ],
    },
    dangers: [
      {
        irreversible: true,
        what: 'deleted',
        type: 'device',
        where: 'home',
        names: ['attic', 'shed'],
        consequence: 'certificate and private key go; the board cannot connect any more',
      },
    ],
  });
});

test('a device revoked is irreversible; one that is not revoked any more stays REVOKED', () => {
  const head = assemblyOf({ home: ['attic', { name: 'shed', revoked: true }] });
  expect(changesFrom(before, head)).toMatchObject({
    devices: { ...NOTHING.devices, revoked: [{ device: 'shed', site: 'home' }] },
    dangers: [{ irreversible: true, what: 'revoked', names: ['shed'] }],
  });
  expect(changesFrom(head, before)).toEqual({
    ...NOTHING,
    devices: {
      ...NOTHING.devices,
      other: [{ device: 'shed', site: 'home', why: 'revoked true → false', refused: false }],
    },
  });
});

const ofShed = (...generations: (number | Partial<Generation>)[]) =>
  assemblyOf({
    home: [
      'attic',
      {
        name: 'shed',
        generations: generations.map((one) => ({
          ...{ number: 1, keyType: 'ec' as const },
          ...(typeof one === 'number' ? { number: one } : one),
        })),
      },
    ],
  });
const csr = { path: 'shed.csr', pem: 'a request', publicKey: 'a key' };

test.each<[number[], number[], Pick<RekeyedDevice, 'by' | 'gone'>, string | undefined]>([
  [[1], [1, 2], { by: 'rotated', gone: [] }, undefined],
  [[1, 2], [2], { by: 'finished', gone: [1] }, GONE(1)],
  [[1, 2], [1], { by: 'finished', gone: [2] }, GONE(2)],
  [[1, 2], [1, 3], { by: 'finished', gone: [2] }, GONE(2)],
  [
    [1],
    [2],
    { by: 'replaced', gone: [1] },
    `${DELETED} 1 are deleted; the board cannot connect until it has the new one`,
  ],
  [
    [1, 2],
    [3],
    { by: 'replaced', gone: [1, 2] },
    `${DELETED} 1, 2 are deleted; the board cannot connect until it has the new one`,
  ],
])('generations %j → %j: re-keyed', (then, now, how, consequence) => {
  const why = `generations ${then.join(', ')} → ${now.join(', ')}`;
  expect(changesFrom(ofShed(...then), ofShed(...now))).toEqual({
    ...NOTHING,
    devices: { ...NOTHING.devices, rekeyed: [{ device: 'shed', site: 'home', why, ...how }] },
    dangers:
      consequence === undefined
        ? []
        : [{ irreversible: true, what: 're-keyed', type: 'device', where: 'home', names: ['shed'], consequence }],
  });
});

describe('of a device that is revoked, nothing is said to work on', () => {
  const generations = (...numbers: number[]) => numbers.map((number) => ({ number, keyType: 'ec' as const }));
  const shed = (revoked: boolean, ...numbers: number[]) =>
    assemblyOf({ home: ['attic', { name: 'shed', revoked, generations: generations(...numbers) }] });
  const words = (base: typeof before, head: typeof before) =>
    deviceParts(compare(base, head).devices)
      .map((part) => JSON.stringify(part))
      .join('\n');

  test('when it is revoked with a rotation under way', () => {
    const [base, head] = [shed(false, 1), shed(true, 1, 2)];
    const { devices, dangers } = compare(base, head);
    expect(devices).toMatchObject({
      rekeyed: [],
      revoked: [{ device: 'shed' }],
      other: [{ device: 'shed', why: 'generations 1 → 1, 2', refused: false }],
    });
    expect(dangers).toMatchObject([{ what: 'revoked', names: ['shed'] }]);
    expect(words(base, head)).not.toContain('works on');
  });

  test('when it gets a new identity', () => {
    const [base, head] = [shed(true, 1), shed(false, 1, 2)];
    expect(compare(base, head).devices.rekeyed).toMatchObject([{ device: 'shed', by: 'renewed' }]);
    expect(words(base, head)).toContain('the identity before stays REVOKED, and the board needs the new one');
    expect(words(base, head)).not.toContain('works on');
  });
});

test('commands name the device, or the first of several', () => {
  const of = (names: string[], ...numbers: number[]) =>
    assemblyOf({
      home: names.map((name) => ({ name, generations: numbers.map((number) => ({ number, keyType: 'ec' as const })) })),
    });
  const words = (names: string[]) =>
    JSON.stringify(deviceParts(compare(of(names, 1), of(names, 1, 2)).devices)).replaceAll('"', '');
  expect(words(['shed'])).toContain('bin/fleet rotate shed --finish');
  expect(words(['attic', 'shed'])).toMatch(/bin\/fleet rotate attic --finish\}?,, and so for each/);
});

test.each<[(number | Partial<Generation>)[], string]>([
  [[{ keyType: 'rsa' }], 'keyType ec → rsa'],
  [[{ csr }], 'another certificate signing request'],
  [[{ csr }, 2], 'another certificate signing request'],
])('another key within one generation, %j: the deployment will refuse it', (generations, why) => {
  const found = changesFrom(before, ofShed(...generations));
  expect(found.devices.other).toEqual([{ device: 'shed', site: 'home', why, refused: true }]);
  expect(found.dangers).toEqual([
    {
      ...{ irreversible: false, what: 'refused', type: 'device', where: 'home', names: ['shed'] },
      consequence:
        'the deployment will refuse another key: a generation never changes; add one (bin/fleet rotate shed)',
    },
  ]);
});

test('a logical id that moves is a new key and a dead board', () => {
  const head = edited(before, SITE, (resources) => {
    const [id = ''] = Object.keys(resources).filter((name) => name.startsWith('shedCertificate'));
    Object.assign(resources, { Elsewhere: resources[id] });
    delete resources[id];
  });
  const [rekeyed] = changesFrom(before, head).devices.rekeyed;
  expect(rekeyed).toMatchObject({ device: 'shed', site: 'home', by: 'logical id' });
  expect(rekeyed?.why).toMatch(/^shedCertificate\w+ → Elsewhere$/);
  expect(compare(before, head).dangers).toMatchObject([{ irreversible: true, what: 're-keyed', names: ['shed'] }]);
});

test('a device that moves to another site gets another identity', () => {
  const two = assemblyOf({ garden: ['pond'], home: ['attic', 'shed'] });
  expect(changesFrom(two, assemblyOf({ garden: ['pond', 'shed'], home: ['attic'] }))).toEqual({
    ...NOTHING,
    devices: { ...NOTHING.devices, moved: [{ device: 'shed', from: 'home', to: 'garden' }] },
    dangers: [
      {
        irreversible: true,
        what: 'moved',
        type: 'device',
        where: 'home → garden',
        names: ['shed'],
        consequence:
          'the old identity is deleted, another one is made; the board cannot connect until it has the new one; ' +
          'deploy fleet-site-home before fleet-site-garden, or the names are still taken',
      },
    ],
  });
});

test('a site that is taken out of the app stays deployed, with its devices', () => {
  const two = assemblyOf({ garden: ['pond'], home: ['attic', 'shed'] });
  const found = changesFrom(two, before);
  expect(found.stacks).toEqual({ added: [], removed: ['fleet-site-garden'] });
  expect(found.devices.removed).toEqual([{ device: 'pond', site: 'garden' }]);
  expect(found.dangers).toMatchObject([{ irreversible: true, what: 'left behind', names: ['fleet-site-garden'] }]);
  expect(found.dangers[0]?.consequence).toContain('(devices: pond)');
});

test('a new site: its stack, its devices, what its role may do, and the dashboard that shows it', () => {
  const found = changesFrom(before, assemblyOf({ garden: ['pond'], home: ['attic', 'shed'] }));
  expect(found).toMatchObject({
    dangers: [],
    devices: { ...NOTHING.devices, added: [{ device: 'pond', site: 'garden' }] },
    stacks: { added: ['fleet-site-garden'], removed: [] },
    resources: [{ stack: 'fleet-telemetry', name: 'ChartWidget' }],
    policies: [],
  });
  const elsewhere = found.access.added.filter(({ stack }) => stack !== 'fleet-site-garden');
  expect(elsewhere).toMatchObject([{ stack: 'fleet-telemetry', action: 'cloudformation:ListStackResources' }]);
  expect(found.access.added.length).toBeGreaterThan(5);
});

test('what else changes of a device is said of its resource', () => {
  const head = edited(before, SITE, (resources) => {
    resourceOf(resources, 'AWS::IoT::Thing', 'shed').Properties.AttributePayload = { Attributes: { floor: '1' } };
  });
  expect(changesFrom(before, head)).toMatchObject({
    ...NOTHING,
    resources: [
      { name: 'shed/Thing', change: 'changed', details: ['AttributePayload none → {"Attributes":{"floor":"1"}}'] },
    ],
  });
});

const ID = 'c'.repeat(64);
const adopted = (...policies: string[]) => ofShed({ certificateId: ID, ...(policies.length > 0 && { policies }) });

test('a certificate that was there before and loses a policy: each right that goes, when the policy was written down', () => {
  const known = adopted('wide', 'logs');
  const site = known.stacks.get(SITE);
  if (site === undefined) throw new Error('there is no site');
  const document = {
    Statement: [
      { Effect: 'Allow', Action: ['iot:Connect', 'iot:Publish'], Resource: '*' },
      { Effect: 'Deny', Action: 'iot:Subscribe', Resource: 'arn:x' },
      { Effect: 'Allow', NotAction: 'iot:Connect', Resource: '*' },
    ],
  };
  const template = { ...site.template, Metadata: { 'esp-fleet:policies': { wide: document } } };
  const base = { ...known, stacks: new Map([...known.stacks, [SITE, { ...site, template }]]) };
  const loss = (consequence: string) => ({
    ...{ irreversible: false, what: 'loses rights', type: 'device', where: 'home', names: ['shed'] },
    consequence: `the policy ${consequence}; AWS IoT cuts off a board that lives by it`,
  });
  expect(changesFrom(base, adopted()).dangers).toEqual([
    loss('"logs" is detached, and what it allows stands in no file (policies/logs.json)'),
    loss(
      '"wide" is detached, which gave it, when it was imported: iot:Connect, iot:Publish on *; the denial of iot:Subscribe ' +
        'on arn:x; something in statement 3 that is not understood here',
    ),
  ]);
  expect(changesFrom(adopted('wide'), adopted('wide'))).toEqual(NOTHING);
});

test('a certificate that is taken over, and given back, is not called lost', () => {
  const none = assemblyOf({ home: ['attic'] });
  expect(changesFrom(none, adopted('wide')).dangers).toMatchObject([
    {
      irreversible: false,
      what: 'taken over',
      consequence: expect.stringContaining('keeps wide, and loses any other') as string,
    },
  ]);
  expect(changesFrom(adopted('wide'), none).dangers).toMatchObject([
    { irreversible: false, what: 'deleted', consequence: expect.stringContaining('is given back') as string },
  ]);
  const rotating = ofShed({ certificateId: ID }, 2);
  expect(changesFrom(rotating, ofShed(2)).dangers).toMatchObject([
    {
      consequence: expect.stringMatching(
        /^of generation 1, the certificate that its board had before is given back/,
      ) as string,
    },
  ]);
});
