import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDeviceList } from '../../../lib/fleet/device-list.ts';
import { FleetNames } from '../../../lib/fleet/names.ts';
import { allDevices, readFleet } from '../../../lib/fleet/read.ts';
import { temporaryFleet } from './temporary-fleet.ts';

const NAMES = new FleetNames();

function listed(text: string) {
  return readDeviceList(join(temporaryFleet({ 'devices.csv': text }), 'devices.csv'));
}

function complaint(
  files: Record<string, string>,
  read = (folder: string): unknown => readFleet(folder, NAMES),
): string {
  const folder = temporaryFleet(files);
  try {
    read(folder);
  } catch (error) {
    return (error as Error).message.replaceAll(join(folder, '/'), '');
  }
  return 'nothing to complain about';
}

const board = (name: string, line: number, more: object = {}) => ({
  ...{ name, board: 'esp32', revoked: false, enrols: true, generations: [{ number: 1, keyType: 'ec' }], line },
  ...more,
});

describe('a list of devices', () => {
  test.each([
    ['two columns', 'name,board\na,esp32\nb,esp32\n'],
    ['all columns, left empty', 'name,board,generation,revoked\na,esp32,,\nb,esp32,,\n'],
    ['columns in another order, without a last newline', 'board,name\nesp32,a\nesp32,b'],
    [
      'as spreadsheets write it: byte order mark, CRLF, quotes',
      '\ufeff"name","board"\r\n"a","esp32"\r\n"b","esp32"\r\n',
    ],
    ['with blanks around the values', 'name , board\n a,esp32 \n b, esp32\n'],
  ])('%s', (_, text) => {
    expect(listed(text)).toEqual([board('a', 2), board('b', 3)]);
  });

  test('says of each whether it is revoked, which key it is to have, and where it stands', () => {
    expect(listed('name,board,generation,revoked\na,esp32,3,\n\nconstructor,esp8266,,true\n7,esp32,1,TRUE\n')).toEqual([
      board('a', 2, { generations: [{ number: 3, keyType: 'ec' }] }),
      board('constructor', 4, { board: 'esp8266', revoked: true }),
      board('7', 5, { revoked: true }),
    ]);
  });

  test('may have no device yet', () => {
    expect(listed('name,board\n')).toEqual([]);
  });

  test('stands for the devices of a site, beside sites of the other kind', () => {
    const folder = temporaryFleet({
      'field.yaml': 'list: devices.csv\n',
      'home.yaml': 'devices:\n  c: { board: esp8266 }\n',
      'devices.csv': 'name,board\na,esp32\n',
    });
    const [field, home] = readFleet(folder, NAMES);
    expect(field).toEqual({
      ...{ name: 'field', names: NAMES, file: join(folder, 'field.yaml'), devices: [] },
      list: { file: join(folder, 'devices.csv'), devices: [board('a', 2)] },
    });
    expect([field!, home!].map((site) => allDevices(site).devices.map(({ name }) => name))).toEqual([['a'], ['c']]);
  });
});

describe('what is wrong with a list is one line', () => {
  const HEADER = 'allowed: a header such as name,board,generation,revoked';
  test.each([
    ['an empty file', '', `devices.csv:1: the column "name" is missing; ${HEADER}`],
    ['no header', 'a,esp32\n', `devices.csv:1: the column "a" is not known; ${HEADER}`],
    ['no board', 'name\na\n', `devices.csv:1: the column "board" is missing; ${HEADER}`],
    ['semicolons', 'name;board\na;esp32\n', `devices.csv:1: the column "name;board" is not known; ${HEADER}`],
    ['a column twice', 'name,board,name\n', `devices.csv:1: the column "name" stands here twice; ${HEADER}`],
    ['a value missing', 'name,board\na,esp32\nb\n', 'devices.csv:3: values: 1; allowed: 2, as in the header'],
    ['a value too many', 'name,board\na,esp32,x\n', 'devices.csv:2: values: 3; allowed: 2, as in the header'],
    ['a quote that does not end', 'name,board\n"a,esp32\n', /^devices\.csv:\d: not valid CSV: Quote Not Closed/],
    [
      'a name with a capital',
      'name,board\nAttic,esp32\n',
      'devices.csv:2: name "Attic" is not valid; allowed: 1 to 64 characters of a-z, 0-9 and "-"',
    ],
    [
      'a name that is a property of objects',
      'name,board\n__proto__,esp32\n',
      /^devices\.csv:2: name "__proto__" is not/,
    ],
    [
      'an unknown board',
      'name,board\na,esp99\n',
      'devices.csv:2: board "esp99" is not known; allowed: esp8266, esp32, esp32-c3, esp32-s3, esp32-c6',
    ],
    [
      'a generation of zero',
      'name,board,generation\na,esp32,0\n',
      'devices.csv:2: generation "0" is not valid; allowed: a whole number from 1, or nothing',
    ],
    [
      'a yes',
      'name,board,revoked\na,esp32,yes\n',
      'devices.csv:2: revoked "yes" is not valid; allowed: true, or nothing',
    ],
    [
      'a name twice',
      'name,board\na,esp32\nb,esp32\na,esp32\n',
      'devices.csv:4: device "a" already stands in line 2; allowed: once',
    ],
  ])('%s', (_, text, expected) => {
    const message = complaint({ 'devices.csv': text }, (folder) => readDeviceList(join(folder, 'devices.csv')));
    if (typeof expected === 'string') expect(message).toBe(expected);
    else expect(message).toMatch(expected);
  });

  test.each([
    [
      'both kinds at once',
      { 'a.yaml': 'devices: {}\nlist: devices.csv\n', 'devices.csv': 'name,board\n' },
      'a.yaml:1: the content has either "devices" or "list"; allowed: one of them',
    ],
    ['neither', { 'a.yaml': '{}\n' }, 'a.yaml:1: the content has either "devices" or "list"; allowed: one of them'],
    [
      'no such file',
      { 'a.yaml': 'list: none.csv\n' },
      'a.yaml:1: list "none.csv" is not there; allowed: the path of a CSV file, from the folder of this one',
    ],
    [
      'a name that another site has',
      { 'a.yaml': 'devices:\n  x: { board: esp32 }\n', 'b.yaml': 'list: b.csv\n', 'b.csv': 'name,board\nx,esp32\n' },
      'b.csv:2: device "x" already stands in a.yaml:2; allowed: once in the fleet',
    ],
    [
      'a name that another list has',
      { 'a.yaml': 'list: a.csv\n', 'a.csv': 'name,board\nx,esp32\n', 'b.yaml': 'list: a.csv\n' },
      'a.csv:2: device "x" already stands in a.csv:2; allowed: once in the fleet',
    ],
  ])('%s', (_, files, expected) => {
    if (typeof expected === 'string') expect(complaint(files as Record<string, string>)).toBe(expected);
    else expect(complaint(files as Record<string, string>)).toMatch(expected);
  });
});
