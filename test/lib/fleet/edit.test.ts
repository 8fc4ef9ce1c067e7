import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addDevice, markRevoked, writeGenerations } from '../../../lib/fleet/edit.ts';
import { generationKeys } from '../../../lib/fleet/generations.ts';
import { temporaryFleet } from './temporary-fleet.ts';

const FLOW = `# yaml-language-server: $schema=../fleet.schema.json
devices:

  # by the window
  kitchen-sensor: { board: esp8266 }   # new battery in May
  garage-door:    { board: esp32 }
  'old-shed':     {board: "esp8266",revoked:   false}
  attic: {
    board: esp32, # upstairs
  }
`;
const BLOCK = `devices:
    kitchen-sensor:
        board: esp8266   # new battery in May
    # the door
    garage-door:
        revoked: false   # never
        board: esp32
    attic:
        board: esp32`;

/** The lines that differ, as a diff shows them. */
function diff(before: string, after: string): string[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `-${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+${line}`),
  ];
}

function edit(text: string, device: string): string {
  const file = join(temporaryFleet({ 'home.yaml': text }), 'home.yaml');
  expect(markRevoked(file, device)).toBe(true);
  return readFileSync(file, 'utf8');
}

describe('marks a device revoked, and changes that line only', () => {
  test.each([
    [
      'one line, with a comment',
      'kitchen-sensor',
      [
        '-  kitchen-sensor: { board: esp8266 }   # new battery in May',
        '+  kitchen-sensor: { board: esp8266, revoked: true }   # new battery in May',
      ],
    ],
    [
      'aligned',
      'garage-door',
      ['-  garage-door:    { board: esp32 }', '+  garage-door:    { board: esp32, revoked: true }'],
    ],
    [
      'false before',
      'old-shed',
      [
        `-  'old-shed':     {board: "esp8266",revoked:   false}`,
        `+  'old-shed':     {board: "esp8266",revoked:   true}`,
      ],
    ],
    ['over several lines', 'attic', ['-    board: esp32, # upstairs', '+    board: esp32, revoked: true, # upstairs']],
  ])('flow style, %s', (_, device, expected) => {
    expect(diff(FLOW, edit(FLOW, device))).toEqual(expected);
  });

  test.each([
    ['a new line after the last', 'kitchen-sensor', ['+        revoked: true']],
    ['false before', 'garage-door', ['-        revoked: false   # never', '+        revoked: true   # never']],
    ['no newline at the end of the file', 'attic', ['+        revoked: true']],
  ])('block style, %s', (_, device, expected) => {
    expect(diff(BLOCK, edit(BLOCK, device))).toEqual(expected);
  });

  test('the new line stands below the device it belongs to', () => {
    expect(edit(BLOCK, 'kitchen-sensor')).toContain('board: esp8266   # new battery in May\n        revoked: true\n');
  });

  test('line ends of Windows stay', () => {
    expect(edit('devices:\r\n  a:\r\n    board: esp32\r\n', 'a')).toBe(
      'devices:\r\n  a:\r\n    board: esp32\r\n    revoked: true\r\n',
    );
  });
});

test('a device that is revoked already leaves the file alone', () => {
  const file = join(temporaryFleet({ 'home.yaml': 'devices: { a: { revoked: true, board: esp32 } }' }), 'home.yaml');
  expect(markRevoked(file, 'a')).toBe(false);
  expect(readFileSync(file, 'utf8')).toBe('devices: { a: { revoked: true, board: esp32 } }');
});

test('a device that is not in the file', () => {
  const file = join(temporaryFleet({ 'home.yaml': FLOW }), 'home.yaml');
  expect(() => markRevoked(file, 'kitchen')).toThrow(`${file}: device "kitchen" is not here`);
});

test('what cannot be edited safely is left to a person', () => {
  const text = 'devices:\n  a:\n    board: >-\n      esp32\n  b: { board: esp32 }\n';
  const file = join(temporaryFleet({ 'home.yaml': text }), 'home.yaml');
  expect(() => markRevoked(file, 'a')).toThrow(`${file}:2: write revoked: true into "a" by hand`);
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test('the file keeps its mode and its place behind a link, and no draft stays behind', () => {
  const folder = temporaryFleet({ 'real.yaml': FLOW });
  chmodSync(join(folder, 'real.yaml'), 0o640);
  symlinkSync(join(folder, 'real.yaml'), join(folder, 'home.yaml'));
  markRevoked(join(folder, 'home.yaml'), 'attic');
  expect(readFileSync(join(folder, 'real.yaml'), 'utf8')).toContain('revoked: true');
  expect(statSync(join(folder, 'real.yaml')).mode & 0o777).toBe(0o640);
  expect(readdirSync(folder)).toEqual(['home.yaml', 'real.yaml']);
});

describe('writes generations, and changes nothing else', () => {
  const made = (number: number, keyType: 'ec' | 'rsa' = 'ec') => ({ number, keyType });
  const kept = (number: number, path: string) => ({ ...made(number), csr: { path } });
  test.each([
    ['one more', 'a: { board: esp32 } # !', [made(1), made(2)], 'a: { board: esp32, generations: [1, 2] } # !'],
    ['one less', 'a: { generations: [8, 9], board: esp32 }', [made(9)], 'a: { generations: [9], board: esp32 }'],
    ['block style', 'a:\n    board: esp32 # !', [made(2)], 'a:\n    board: esp32 # !\n    generations: [2]'],
    [
      'a key type for all',
      'a: { board: esp32, keyType: rsa }',
      [made(1, 'rsa'), made(2, 'rsa')],
      'a: { board: esp32, keyType: rsa, generations: [1, 2] }',
    ],
    [
      'a key type each',
      'a: { board: esp32, keyType: rsa }',
      [made(1, 'rsa'), made(2)],
      'a: { board: esp32, keyType: { 1: rsa, 2: ec }, generations: [1, 2] }',
    ],
    [
      'a key type each, one less',
      'a: { board: esp32, generations: [1, 2], keyType: { 1: ec, 2: rsa } }',
      [made(2, 'rsa')],
      'a: { board: esp32, generations: [2], keyType: rsa }',
    ],
    [
      'a request each',
      'a: { board: esp32, csr: a.csr }',
      [kept(1, 'a.csr'), kept(2, 'b, c.csr')],
      'a: { board: esp32, csr: { 1: a.csr, 2: "b, c.csr" }, generations: [1, 2] }',
    ],
    [
      'a request beside a key of the cloud',
      'a: { board: esp32 }',
      [made(1), kept(2, 'a.csr')],
      'a: { board: esp32, generations: [1, 2], csr: { 2: a.csr } }',
    ],
    [
      'the same, of another type',
      'a: { board: esp32, keyType: rsa }',
      [made(1, 'rsa'), kept(2, 'a.csr')],
      'a: { board: esp32, keyType: { 1: rsa }, generations: [1, 2], csr: { 2: a.csr } }',
    ],
    [
      'a default that stands there',
      'a: { keyType: ec, board: esp32 }',
      [made(1), kept(2, 'a.csr')],
      'a: { board: esp32, generations: [1, 2], csr: { 2: a.csr } }',
    ],
    [
      'a type that has gone',
      'a: { board: esp32, generations: [1, 2], csr: { 2: a.csr }, keyType: { 1: rsa } }',
      [kept(2, 'a.csr')],
      'a: { board: esp32, generations: [2], csr: a.csr }',
    ],
    [
      'the same in block style',
      'a:\n    board: esp32\n    keyType: # old\n      1: rsa\n    generations: [1, 2]\n    csr: { 2: a.csr } # !',
      [kept(2, 'a.csr')],
      'a:\n    board: esp32\n    generations: [2]\n    csr: a.csr # !',
    ],
  ])('%s', (_, before, generations, after) => {
    const text = (entry: string) => `# mine\ndevices:\n  ${entry}\n  b: { board: esp8266 }\n`;
    const file = join(temporaryFleet({ 'home.yaml': text(before) }), 'home.yaml');
    writeGenerations(file, 'a', generationKeys(generations));
    expect(readFileSync(file, 'utf8')).toBe(text(after));
  });

  test('in block style over several lines, a person does it', () => {
    const text = 'devices:\n  a:\n    board: esp32\n    generations:\n      - 1\n      - 2\n';
    const file = join(temporaryFleet({ 'home.yaml': text }), 'home.yaml');
    const write = () => writeGenerations(file, 'a', generationKeys([made(2)]));
    expect(write).toThrow(`${file}:2: write generations: [2] into "a" by hand`);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});

describe('adds a device below the others, written as they are', () => {
  const added = (text: string, name: string, ...entry: [Parameters<typeof addDevice>[2]?]) => {
    const file = join(temporaryFleet({ 'home.yaml': text }), 'home.yaml');
    addDevice(file, name, entry[0] ?? { board: 'esp32' });
    return readFileSync(file, 'utf8');
  };

  test.each([
    ['one line', 'devices:\n\n  # x\n  a: { board: esp8266 } # y\n', '  b: { board: esp32 }\n'],
    ['block style', 'devices:\n    a:\n      board: esp8266 # y\n', '    b:\n      board: esp32\n'],
    ['no newline at the end', 'devices:\n  a: { board: esp8266 }', '\n  b: { board: esp32 }'],
    ['line ends of Windows', 'devices:\r\n  a: { board: esp8266 }\r\n', '  b: { board: esp32 }\r\n'],
  ])('%s', (_, text, more) => {
    expect(added(text, 'b')).toBe(text + more);
  });

  test('with a comment below that is about no device', () => {
    expect(added('devices:\n  a: { board: esp8266 }\n# the end\n', 'b')).toBe(
      'devices:\n  a: { board: esp8266 }\n  b: { board: esp32 }\n# the end\n',
    );
  });

  test('all devices in one line', () => {
    expect(added('devices: { a: { board: esp8266 } } # y\n', 'b')).toBe(
      'devices: { a: { board: esp8266 }, b: { board: esp32 } } # y\n',
    );
  });

  test('the first one', () => {
    expect(added('# mine\ndevices: {}\n', 'a')).toBe('# mine\ndevices:\n  a: { board: esp32 }\n');
  });

  test('with what it needs, quoted where YAML wants that', () => {
    expect(added('devices: {}\n', 'a', { board: 'esp32', keyType: 'rsa' })).toContain(
      '  a: { board: esp32, keyType: rsa }\n',
    );
    expect(added('devices:\n  a: { board: esp32 }\n', '-', { board: 'esp32', csr: 'a, b: {c}.csr' })).toContain(
      '  "-": { board: esp32, csr: "a, b: {c}.csr" }\n',
    );
    expect(added('devices:\n  a:\n    board: esp32\n', '123', { board: 'esp32', csr: '# a.csr' })).toContain(
      '    csr: "# a.csr"\n',
    );
  });

  test.each([
    [
      'b',
      'devices:\n  a: { board: esp32 }\n  b: { board: esp32 }\n',
      ':3: device "b" already stands here; allowed: once',
    ],
    ['B', 'devices: {}\n', ': device name "B" is not valid; allowed: 1 to 64 characters of a-z, 0-9 and "-"'],
    ['b', 'devices:\n', ':1: there are no devices here; begin with "devices: {}"'],
    ['b', 'devices:\n  ? a\n  : board: esp32\n', ':1: add "b: {"board":"esp32"}" by hand'],
  ])('or says why not: %s in %j', (name, text, message) => {
    const file = join(temporaryFleet({ 'home.yaml': text }), 'home.yaml');
    expect(() => addDevice(file, name, { board: 'esp32' })).toThrow(file + message);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});
