import fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FleetNames, NAME_PATTERN } from '../../../lib/fleet/names.ts';
import { readFleet } from '../../../lib/fleet/read.ts';
import { temporaryFleet } from './temporary-fleet.ts';
import { anyCharacter } from '../any-character.ts';

const NAMES = new FleetNames();

/** What `readFleet` says about one bad file, the folder's path left out. */
function complaint(files: Record<string, string>): string {
  const folder = temporaryFleet(files);
  try {
    readFleet(folder, NAMES);
  } catch (error) {
    return (error as Error).message.replace(join(folder, '/:'), 'fleet/:').replaceAll(join(folder, '/'), '');
  }
  return 'nothing to complain about';
}

describe('a good fleet', () => {
  test('is one site a file, with its devices in the order of the file', () => {
    const folder = temporaryFleet({
      'home.yaml':
        '# mine\ndevices:\n  shed: { board: esp8266, revoked: true }\n  attic:\n    board: esp32\n    generations: [3, 4]\n    keyType: { 3: rsa }\n',
      'allotment.yaml': 'devices: {}\n',
      'README.md': 'not a fleet file',
    });
    expect(readFleet(folder, NAMES)).toEqual([
      { name: 'allotment', names: NAMES, file: join(folder, 'allotment.yaml'), devices: [] },
      {
        name: 'home',
        names: NAMES,
        file: join(folder, 'home.yaml'),
        devices: [
          { name: 'shed', board: 'esp8266', revoked: true, generations: [{ number: 1, keyType: 'ec' }], line: 3 },
          {
            ...{ name: 'attic', board: 'esp32', revoked: false, line: 4 },
            generations: [
              { number: 3, keyType: 'rsa' },
              { number: 4, keyType: 'ec' },
            ],
          },
        ],
      },
    ]);
  });

  test('may name a device like anything JavaScript knows, or with digits alone', () => {
    const folder = temporaryFleet({
      'home.yaml': 'devices:\n  constructor: { board: esp32 }\n  0123: { board: esp32 }\n  7: { board: esp32 }\n',
    });
    expect(readFleet(folder, NAMES)[0]?.devices.map((device) => device.name)).toEqual(['constructor', '0123', '7']);
  });

  test('the one that comes with the repository', () => {
    expect(readFleet('fleet', NAMES).flatMap((site) => site.devices.map((device) => device.board))).toEqual([
      'esp8266',
      'esp32',
    ]);
  });
});

const KEYS = 'board, key, revoked, generations, keyType, csr, certificate, policies';

describe('a bad fleet file: one line with file, line and what is allowed', () => {
  const BOARDS = 'allowed: esp8266, esp32, esp32-c3, esp32-s3, esp32-c6';
  const NAMES_ALLOWED = 'is not valid; allowed: 1 to 64 characters of a-z, 0-9 and "-"';
  const EMPTY = '1: the file is empty; it starts with "devices:" and an entry a device';

  test.each(
    Object.entries({
      'a: { board: esp99 }': `board "esp99" is not known; ${BOARDS}`,
      'a: {}': `board is missing; ${BOARDS}`,
      'a: { bord: esp32 }': `"bord" is not known; allowed: ${KEYS}`,
      'a: { board: esp32, keyType: dsa }': 'keyType "dsa" is not known; allowed: ec, rsa',
      'a: { board: esp32, csr: "" }': 'csr must be text',
      'a: { board: esp32, csr: 7 }': 'csr must be text',
      'a:': 'a must be a map of keys and values',
      'a: { board: esp32, revoked: yes }': 'revoked must be true or false',
      'Küche: { board: esp32 }': `device name "Küche" ${NAMES_ALLOWED}`,
      // A key that JavaScript would swallow.
      '__proto__: { board: esp32 }': `device name "__proto__" ${NAMES_ALLOWED}`,
      [`${'x'.repeat(65)}: { board: esp32 }`]: `device name "${'x'.repeat(65)}" ${NAMES_ALLOWED}`,
      'good: { board: esp32 }': '"good" stands here a second time; allowed: once',
      'a: !x { board: esp32 }': 'not valid YAML: Unresolved tag: !x',
    }),
  )('%s', (entry, expected) => {
    const text = `devices:\n  good: { board: esp32 }\n  ${entry}\n`;
    expect(complaint({ 'home.yaml': text })).toBe(`home.yaml:3: ${expected}`);
  });

  test.each(
    Object.entries({
      'devices:\n  a:\n    board: esp32\n    csr: a.csr\n    keyType: ec\n':
        '5: keyType does not go with csr, whose key is made already',
      'devices:\n  a: { board: esp32\n':
        '3: not valid YAML: Flow map in block collection must be sufficiently indented and end with a }',
      'devices: {}\n---\ndevices: {}\n': '2: a second YAML document starts here; allowed: one a file',
      'devices:\n  a: &a { board: esp32 }\n  b: *a\n': '3: the alias *a is not allowed; write it out',
      '': EMPTY,
      '# later\n': EMPTY,
      '- a\n': '1: the content must be a map of keys and values',
      'devices:\n': '1: devices must be a map with an entry a device, such as kitchen-sensor: { board: esp8266 }',
      'devices:\n  - kitchen-sensor\n':
        '1: devices must be a map with an entry a device, such as kitchen-sensor: { board: esp8266 }',
      'devices: {}\nsite: x\n': '2: "site" is not known; allowed: devices, list',
    }),
  )('%j', (text, expected) => {
    expect(complaint({ 'home.yaml': text })).toBe(`home.yaml:${expected}`);
  });

  test.each([
    [
      { 'a.yaml': 'devices:\n  x: { board: esp32 }\n', 'b.yaml': 'devices:\n\n  x: { board: esp8266 }\n' },
      'b.yaml:3: device "x" already stands in a.yaml:2; allowed: once in the fleet',
    ],
    [
      { 'My Home.yaml': 'devices: {}\n' },
      'My Home.yaml: the file\'s name names the site; allowed: 1 to 64 characters of a-z, 0-9 and "-"',
    ],
    [{ 'home.yml': 'devices: {}\n' }, 'home.yml: a fleet file is called <site>.yaml; rename it'],
    [{}, 'fleet/: no fleet file here; it holds one YAML file a site, such as home.yaml'],
  ])('%j', (files, expected) => {
    expect(complaint(files)).toBe(expected);
  });

  test('a folder that is not there', () => {
    expect(() => readFleet('no-such-folder', NAMES)).toThrow(
      'no-such-folder/: no such folder here; run this in the folder that has cdk.json, or make it: it holds one YAML file a site, such as home.yaml',
    );
  });
});

const ID = 'a'.repeat(64);

describe('a certificate that the board has already', () => {
  const generationsIn = (entry: string) =>
    readFleet(temporaryFleet({ 'home.yaml': `devices:\n  a: { board: esp32, ${entry} }\n` }), NAMES)[0]?.devices[0]
      ?.generations;

  test('is the identity of its generation, with the policies that it keeps', () => {
    expect(generationsIn(`certificate: ${ID}, policies: [wide]`)).toEqual([
      { number: 1, keyType: 'ec', certificateId: ID, policies: ['wide'] },
    ]);
  });

  test('may be followed by a generation of ours', () => {
    expect(generationsIn(`generations: [1, 2], certificate: { 1: ${ID} }, keyType: { 2: rsa }`)).toEqual([
      { number: 1, keyType: 'ec', certificateId: ID },
      { number: 2, keyType: 'rsa' },
    ]);
  });

  test('is of one device alone', () => {
    const entry = `{ board: esp32, certificate: ${ID} }`;
    expect(complaint({ 'home.yaml': `devices:\n  a: ${entry}\n  b: ${entry}\n` })).toBe(
      'home.yaml:3: certificate aaaaaaaa of "b" is for the key of "a", generation 1; allowed: a key of its own for each, ' +
        'since to revoke one would not stop the other',
    );
  });
});

const RISING = 'generations must be one or two whole numbers from 1 that rise, such as [1, 2]';

test.each(
  Object.entries({
    'generations: [0]': RISING,
    'generations: [1.5]': RISING,
    'generations: ["2"]': RISING,
    'generations: []': RISING,
    'generations: [1, 2, 3]': RISING,
    'generations: [2, 1]': RISING,
    'generations: [2, 2]': RISING,
    'generations: 2': RISING,
    'generation: 2': `"generation" is not known; allowed: ${KEYS}`,
    'keyType: { 2: rsa }': 'keyType names the generation 2; allowed: 1',
    'keyType: { 1: dsa }': 'keyType "dsa" is not known; allowed: ec, rsa',
    'keyType: { first: rsa }': 'keyType "first" is no generation; allowed: such as { 1: VALUE }',
    'generations: [1, 2], csr: a.csr':
      'csr is one key for two generations; allowed: one each, such as { 1: a.csr, 2: PATH }',
    'csr: { 2: a.csr }': 'csr names the generation 2; allowed: 1',
    'generations: [1, 2], keyType: rsa, csr: { 2: a.csr }': 'keyType does not go with csr, whose key is made already',
    'certificate: abc': 'certificate is no id of a certificate; allowed: 64 of 0-9 and a-f',
    [`certificate: { 2: ${ID} }`]: 'certificate names the generation 2; allowed: 1',
    [`generations: [1, 2], certificate: ${ID}`]: `certificate is one key for two generations; allowed: one each, such as { 1: ${ID}, 2: ID }`,
    [`certificate: ${ID}, keyType: ec`]: 'keyType does not go with certificate, whose key is made already',
    [`certificate: ${ID}, csr: a.csr`]: 'csr does not go with certificate, whose key is made already',
    'key: cloud': 'key "cloud" is not known; allowed: board',
    'key: board, csr: a.csr': 'csr does not go with key: board, which makes its key itself',
    'key: board, keyType: ec': 'keyType does not go with key: board, which makes its key itself',
    [`key: board, certificate: ${ID}`]: 'certificate does not go with key: board, which makes its key itself',
    'key: board, policies: [wide]': 'policies does not go with key: board, which makes its key itself',
    'key: board, generations: [1, 2]': 'generations: a device with key: board has one generation; allowed: such as [2]',
    'policies: [wide]': 'policies needs certificate; allowed: the names of the policies that the certificate keeps',
    [`certificate: ${ID}, policies: ["a b"]`]:
      'policies has an invalid name of a policy; allowed: 1 to 128 of a-z, A-Z, 0-9 and _+=,.@-',
  }),
)('%s', (keys, message) => {
  expect(complaint({ 'home.yaml': `devices:\n  a: { board: esp32, ${keys} }\n` })).toBe(`home.yaml:2: ${message}`);
});

test('exactly the names of the pattern are accepted, and no message has a second line', () => {
  const names = fc.oneof(
    fc.stringMatching(NAME_PATTERN),
    fc.string({ unit: anyCharacter, maxLength: 70 }),
    fc.constantFrom('a\nb', 'A', 'x'.repeat(65), '', ' ', 'null', 'true', '+', '#', '*', '${iot:ClientId}', 'a/b'),
  );
  fc.assert(
    fc.property(names, (name) => {
      const message = complaint({ 'home.yaml': `devices:\n  ${JSON.stringify(name)}: { board: esp32 }\n` });
      expect(message).not.toContain('\n');
      expect(message === 'nothing to complain about').toBe(NAME_PATTERN.test(name));
    }),
  );
});
