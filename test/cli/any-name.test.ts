import { beforeAll, describe, expect, test } from 'vitest';
import { deadLetters } from './dead-letters.ts';
import { nothingDeployed, telemetryDeployed } from './deployed.ts';
import { runFleet } from './run-fleet.ts';

/* A device may give its fields any name, also such as a plain object answers to by itself, from the queue of dead letters
   to the local cloud's DynamoDB and back. */

const NAMES = [
  '__proto__',
  'toString',
  'constructor',
  'hasOwnProperty',
  'valueOf',
  'length',
  '\0__proto__',
  'prototype',
];
const members = NAMES.map((name, index) => `${JSON.stringify(name)}:${index}`).join(',');
const SHOWN = NAMES.map((name) => name.replace('\0', '\\u0000'));

beforeAll(async () => {
  const cloud = await deadLetters();
  const sink = await cloud.fresh();
  nothingDeployed();
  telemetryDeployed({
    TableName: sink.table,
    DeadLetterQueueUrl: sink.queueUrl,
    RowSettings: JSON.stringify({ stamps: ['received', 'full_topic'], ingest: 'broker' }),
  });
  await sink.fail({ payload: `{${members},"nested":{${members}}}` });
  await sink.fail({ payload: '{"other":1}' });
  await sink.fail({ payload: `{"received":1,${members}}`, topic: 'rtjm/whole/x' });
  const { stdout } = await runFleet(['redrive', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ rows: { columns: 2, raw: 1 }, left: [] });
});

const query = async (device: string, ...options: string[]) => {
  const { stdout, stderr } = await runFleet(['query', device, '--since', '1h', ...options]);
  expect(stderr).toBe('');
  return stdout;
};

describe.each([
  ['kitchen', []],
  ['kitchen', ['--field', ...NAMES, 'nested']],
  ['whole', []],
  ['whole', ['--field', ...NAMES]],
])('of %s, with %j,', (device, options) => {
  test('is there in rows', async () => {
    const json = await query(device, '--json', ...options);
    for (const [index, name] of SHOWN.entries()) {
      expect(json.split(`"${name}":${index}`), name).toHaveLength(device === 'whole' ? 2 : 3);
    }
    const text = await query(device, ...options);
    for (const [index, name] of SHOWN.entries()) expect(text).toContain(` ${name}=${index}`);
  });
});

test('is there in windows, CSV and charts, in what came last and inside of another field', async () => {
  const options = ['--field', ...NAMES];
  const every = await query('kitchen', ...options, '--every', '1w');
  for (const [index, name] of SHOWN.entries()) expect(every).toContain(` ${name}=${index}`);
  expect(await query('kitchen', ...options, '--csv')).toContain(`${SHOWN.join(',')}\n`);
  expect(await query('kitchen', '--csv', '--last', '9')).toContain('__proto__');
  const chart = `\n${await query('kitchen', ...options, '--chart')}`;
  for (const name of SHOWN) expect(chart).toContain(`\n${name}\n`);
  expect(await query('kitchen', '--field', 'nested.__proto__', '--json')).toContain('"nested.__proto__":0');
});

test('and what a row lacks is not there', async () => {
  const [head, ...rows] = (await query('kitchen', '--csv', '--field', 'other', ...NAMES)).trimEnd().split('\n');
  expect(head).toContain(`other,${SHOWN.join(',')}`);
  expect(rows.map((row) => row.split(',').slice(4).join()).sort()).toEqual([',0,1,2,3,4,5,6,7', '1,,,,,,,,']);
});
