import { expect, test } from 'vitest';
import type { Row } from '../../../cli/rows/time-series.ts';
import { csvLines } from '../../../cli/rows/csv.ts';
import { formatMillisecond } from '../../../cli/terminal/time.ts';
import { row } from '../time-series-table.ts';

async function* pages<Item>(...items: Item[]) {
  yield* items;
}

test('a field that comes up after the first page is said, after everything else was written', async () => {
  const lines: string[] = [];
  const read = async () => {
    const [first, second] = [row('a', 1, { t: { N: '1' } }), row('a', 2, { t: { N: '2' }, late: { N: '3' } })];
    for await (const line of csvLines(pages([], [first], [second]), undefined)) lines.push(line);
  };
  await expect(read()).rejects.toThrow(
    'left out are fields that came up late (late); name all that you want: --field ...',
  );
  expect(lines).toEqual([
    'time_local,received,device,full_topic,t',
    `${formatMillisecond(1)},1,a,rtjm/a/telemetry,1`,
    `${formatMillisecond(2)},2,a,rtjm/a/telemetry,2`,
  ]);
});

async function cells(fields: Row): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of csvLines(pages([row('a', 1, fields)]), Object.keys(fields))) lines.push(line);
  return lines.map((line) => line.split(',').slice(4).join(','));
}

test('the local time is one that spreadsheets read', async () => {
  const lines: string[] = [];
  const received = new Date(2026, 0, 31, 8, 5, 7, 9).getTime();
  for await (const line of csvLines(pages([row('a', received, {})]), [])) lines.push(line);
  expect(lines[1]).toMatch(/^2026-01-31 08:05:07\.009,/);
});

test.each([
  ['\u001b[2Jx', '\\u001b[2Jx'],
  ['a\u202eb', 'a\\u202eb'],
  ['a\u200bb\u2060\ufeff', 'a\\u200bb\\u2060\\ufeff'],
  ['over\rwritten', 'over\\u000dwritten'],
  ['line\r\nbreak', '"line\nbreak"'],
  ['a\tb', 'a\tb'],
  ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
  ['@SUM(1)', "'@SUM(1)"],
  ['-5,5', '"-5,5"'],
  ['-', "'-"],
  ['Grüße, 温度', '"Grüße, 温度"'],
])('text %j is the cell %s, also as a name', async (text, cell) => {
  expect(await cells({ t: { S: text } })).toEqual(['t', cell]);
  expect(await cells({ [text]: { N: '1' } })).toEqual([cell, '1']);
});

test('any name is a column, and a field that a row lacks is empty', async () => {
  const names = ['__proto__', 'toString', 'constructor', 'length', 'hasOwnProperty'];
  const all = Object.fromEntries(names.map((name, index) => [name, { N: String(index) }]));
  const lines: string[] = [];
  for await (const line of csvLines(pages([row('a', 1, all), row('a', 1, {})]), undefined)) lines.push(line);
  expect(lines[0]).toBe(`time_local,received,device,full_topic,${[...names].sort().join(',')}`);
  expect(lines[1]?.split(',').slice(4).sort()).toEqual(['0', '1', '2', '3', '4']);
  expect(lines[2]?.split(',').slice(4)).toEqual(['', '', '', '', '']);
});
