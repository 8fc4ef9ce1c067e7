import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readDeviceList } from '../../../lib/fleet/device-list.ts';
import { addToList, beginList, writeIntoList } from '../../../lib/fleet/edit-list.ts';
import { temporaryFleet } from './temporary-fleet.ts';

const edited = (text: string, edit: (file: string) => unknown) => {
  const file = join(temporaryFleet({ 'devices.csv': text }), 'devices.csv');
  edit(file);
  return readFileSync(file, 'utf8');
};
const third = { name: 'third', board: 'esp32', generations: [{ number: 3, keyType: 'ec' }] } as const;

test.each([
  ['below the others', 'name,board\na,esp32\n', 'name,board\na,esp32\nnew,esp8266\n'],
  [
    'in the order of its columns',
    'board,name,revoked\nesp32,a,true\n',
    'board,name,revoked\nesp32,a,true\nesp8266,new,\n',
  ],
  ['after a last line without an end', 'name,board\na,esp32', 'name,board\na,esp32\nnew,esp8266\n'],
  [
    'with the ends that the others have',
    '\ufeff"name", board\r\na,esp32\r\n',
    '\ufeff"name", board\r\na,esp32\r\nnew,esp8266\r\n',
  ],
  ['as the first one', 'name,board\n', 'name,board\nnew,esp8266\n'],
])('adds a device %s', (_, text, wanted) => {
  expect(edited(text, (file) => addToList(file, [{ name: 'new', board: 'esp8266' }]))).toBe(wanted);
});

test('adds a column where a new device needs one, and no line changes otherwise', () => {
  const add = (file: string) => addToList(file, [{ name: 'gone', board: 'esp32', revoked: true }, third]);
  expect(edited('name,board\na, "esp32"\n\nb,esp8266\n', add)).toBe(
    'name,board,generation,revoked\na, "esp32",,\n\nb,esp8266,,\ngone,esp32,,true\nthird,esp32,3,\n',
  );
});

test.each([
  [{ revoked: 'true' }, 'name,board,revoked\na,esp32,\nb,esp8266,\n', 'name,board,revoked\na,esp32,\nb,esp8266,true\n'],
  [{ revoked: 'true' }, 'name,board\na,esp32\nb,esp8266\n', 'name,board,revoked\na,esp32,\nb,esp8266,true\n'],
  [
    { generation: '2' },
    'generation,board,name,revoked\r\n,esp32,b,TRUE\r\n',
    'generation,board,name,revoked\r\n2,esp32,b,true\r\n',
  ],
])('writes %j into the line of b', (values, text, wanted) => {
  expect(edited(text, (file) => expect(writeIntoList(file, { b: values })).toBe(true))).toBe(wanted);
});

test('writes into several lines, or into none', () => {
  const text = 'name,board\na,esp32\nb,esp8266\nc,esp32\n';
  const write = (...names: string[]) => {
    const changes = Object.fromEntries(names.map((name, index) => [name, { generation: String(index + 2) }]));
    return (file: string) => writeIntoList(file, changes);
  };
  expect(edited(text, write('c', 'a'))).toBe('name,board,generation\na,esp32,3\nb,esp8266,\nc,esp32,2\n');
  expect(edited(text, (file) => expect(() => write('c', 'd')(file)).toThrow('device "d" is not here'))).toBe(text);
});

test('what stands there already changes nothing', () => {
  const text = 'name,board,revoked\nb,esp8266,true';
  expect(edited(text, (file) => expect(writeIntoList(file, { b: { revoked: 'true' } })).toBe(false))).toBe(text);
});

test.each<[string, string, (file: string) => unknown]>([
  [
    ':3: device "a" already stands in line 2; allowed: once',
    'name,board\na,esp32\n',
    (file) => addToList(file, [{ name: 'a', board: 'esp32' }]),
  ],
  [': device "b" is not here', 'name,board\na,esp32\n', (file) => writeIntoList(file, { b: { revoked: 'true' } })],
  [
    ':2: board "esp64" is not known',
    'name,board\na,esp64\n',
    (file) => writeIntoList(file, { a: { revoked: 'true' } }),
  ],
])('refused, with nothing changed: %s', (message, text, edit) => {
  expect(edited(text, (file) => expect(() => edit(file)).toThrow(file + message))).toBe(text);
});

test('begins a list, with the columns that it needs, unless what follows fails', () => {
  const file = join(temporaryFleet({}), 'devices.csv');
  const fails = () => {
    throw new Error('no fleet file');
  };
  expect(() => beginList(file, [third], fails)).toThrow('no fleet file');
  expect(existsSync(file)).toBe(false);
  beginList(file, [third], () => undefined);
  expect(readFileSync(file, 'utf8')).toBe('name,board,generation\nthird,esp32,3\n');
  expect(readDeviceList(file)).toMatchObject([third]);
  expect(() => beginList(file, [], () => undefined)).toThrow('EEXIST');
});
