import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { inTemporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import { runFleet } from '../run-fleet.ts';

/* `fleet add` into a site whose devices are a list. */

const LIST = 'name,board\nmeter-1,esp32\nmeter-2,esp8266\n';
/** @param each what follows the name of the first one */
const nextFor = (name: string, each = '') => `Next:
  commit fleet/meters.csv
  npx cdk deploy --all
  plug its board in: bin/fleet flash ${name}${each}
  or your way: bin/fleet enrol --header (once a fleet), flash the example Enrolled (docs/enrolment.md), and then: bin/fleet enrol ${name}${each}
`;

beforeEach(() => {
  inTemporaryFleet({
    'fleet/home.yaml': 'devices:\n  kitchen: { board: esp8266 }\n',
    'fleet/meters.yaml': 'list: meters.csv\n',
    'fleet/meters.csv': LIST,
  });
});

const add = (...argv: string[]) => runFleet(['add', ...argv]);
const list = () => readFileSync('fleet/meters.csv', 'utf8');
const from = (text: string, ...argv: string[]) => {
  writeFileSync('new.csv', text);
  return add('--from', 'new.csv', '--site', 'meters', ...argv);
};

test('one device: a line below the others', async () => {
  const { code, stdout, stderr } = await add('meter-3', '--board', 'esp32-c3', '--site', 'meters');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(list()).toBe(`${LIST}meter-3,esp32-c3\n`);
  expect(stdout).toBe(`✓ fleet/meters.csv has meter-3\n${nextFor('meter-3')}`);
});

test('--from: those that are not there yet, by whatever order of columns', async () => {
  const { code, stdout, stderr } = await from('board,name\nesp32,meter-4\nesp8266,meter-2\nesp32,meter-3\n');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(list()).toBe(`${LIST}meter-4,esp32\nmeter-3,esp32\n`);
  expect(stdout).toBe(`✓ fleet/meters.csv has 2 new devices\n${nextFor('meter-4', ', and so for each')}`);
});

test('--from: none, where all are there', async () => {
  expect(await from(LIST)).toEqual({ code: 0, stdout: '✓ fleet/meters.csv has 0 new devices\n', stderr: '' });
  expect(list()).toBe(LIST);
});

test('--from: a site that is not there yet gets a list of its own', async () => {
  writeFileSync('new.csv', 'name,board,revoked\nvalve-1,esp32,\nvalve-2,esp32,true\n');
  const { code, stdout, stderr } = await add('--from', 'new.csv', '--site', 'valves');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(readFileSync('fleet/valves.yaml', 'utf8')).toBe('list: valves.csv\n');
  expect(readFileSync('fleet/valves.csv', 'utf8')).toBe('name,board,revoked\nvalve-1,esp32,\nvalve-2,esp32,true\n');
  expect(stdout).toContain('✓ fleet/valves.csv has 2 new devices; fleet/valves.yaml is new, and names it\n');
  expect(stdout).toContain('  commit fleet/valves.csv and fleet/valves.yaml\n');
});

describe('all or nothing:', () => {
  test.each([
    [
      'another board',
      'name,board\nmeter-3,esp32\nmeter-2,esp32\n',
      [],
      'new.csv:3: meter-2 stands in fleet/meters.csv:3, esp8266 there, and esp32 here; nothing was added',
    ],
    [
      'revoked here alone',
      'name,board,revoked\nmeter-3,esp32,\nmeter-1,esp32,true\n',
      [],
      'new.csv:3: meter-1 stands in fleet/meters.csv:2, esp32 there, and esp32, revoked here; nothing was added',
    ],
    [
      'a device of another site',
      'name,board\nmeter-3,esp32\nkitchen,esp8266\n',
      [],
      'new.csv:3: kitchen stands in fleet/home.yaml:2 already; nothing was added',
    ],
    [
      'no list',
      'devices:\n',
      [],
      'new.csv:1: the column "devices:" is not known; allowed: a header such as name,board,generation,revoked',
    ],
    [
      'a chip that is not known',
      'name,board\nmeter-3,esp64\n',
      [],
      'new.csv:2: board "esp64" is not known; allowed: esp8266, esp32, esp32-c3, esp32-s3, esp32-c6',
    ],
    ['a name besides', LIST, ['meter-9'], '--from goes without a name'],
    [
      'options of one device',
      LIST,
      ['--board', 'esp32'],
      "option '--from <file>' cannot be used with option '--board <board>'; see: bin/fleet add --help",
    ],
  ])('%s', async (_, text, argv, message) => {
    expect(await from(text, ...argv)).toEqual({ code: 1, stdout: '', stderr: `fleet: ${message}\n` });
    expect(list()).toBe(LIST);
  });

  test.each([
    [[], 'name a device, or add --from FILE'],
    [['--from', 'fleet/meters.csv'], 'which site? add --site and one of: home, meters'],
    [
      ['--from', 'fleet/meters.csv', '--site', 'home'],
      'the devices of fleet/home.yaml are no list; add --site and the name of one that has a list, or of a new one',
    ],
    [['--from', 'none.csv', '--site', 'meters'], 'none.csv: there is no such file'],
    [['meter-2', '--board', 'esp32', '--site', 'meters'], 'meter-2 stands in fleet/meters.csv already'],
    [
      ['meter-3', '--board', 'esp32', '--site', 'meters', '--local-key'],
      'the boards of fleet/meters.csv make their keys: without --local-key and --key-type',
    ],
    [
      ['meter-3', '--board', 'esp32', '--site', 'meters', '--key-type', 'rsa'],
      'the boards of fleet/meters.csv make their keys: without --local-key and --key-type',
    ],
  ])('%j', async (argv, message) => {
    expect(await add(...argv)).toEqual({ code: 1, stdout: '', stderr: `fleet: ${message}\n` });
    expect(list()).toBe(LIST);
  });

  test('a list that is there already stays, and no fleet file names it', async () => {
    writeFileSync('fleet/valves.csv', 'precious');
    writeFileSync('new.csv', 'name,board\nvalve-1,esp32\n');
    const { code, stderr } = await add('--from', 'new.csv', '--site', 'valves');
    expect([code, readFileSync('fleet/valves.csv', 'utf8'), existsSync('fleet/valves.yaml')]).toEqual([
      1,
      'precious',
      false,
    ]);
    expect(stderr).toContain('fleet/valves.csv');
    expect(readdirSync('fleet').sort()).toEqual(['home.yaml', 'meters.csv', 'meters.yaml', 'valves.csv']);
  });
});
