import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { markRevoked } from '../../../lib/fleet/edit.ts';
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
  expect(() => markRevoked(file, 'a')).toThrow(`${file}:2: add "revoked: true" to "a" by hand`);
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
