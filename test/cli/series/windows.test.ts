import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Row } from '../../../cli/rows/time-series.ts';
import { rowJson } from '../../../cli/rows/row-text.ts';
import { type Stat, STATS } from '../../../cli/series/summary.ts';
import { type WindowOptions, windows } from '../../../cli/series/windows.ts';
import { pagesOf, rowWith } from './rows-of.ts';

const MINUTE = 60_000;

async function windowsOf(pages: readonly (readonly Row[])[], options: Partial<WindowOptions> = {}) {
  const rows: Row[] = [];
  const given = { every: MINUTE, stat: 'avg', fields: undefined, ...options } as const;
  for await (const page of windows(pagesOf(...pages), given)) rows.push(...page);
  return rows.map((row) => JSON.parse(rowJson(row)) as Record<string, unknown>);
}

test('begin at multiples of their length since 1970, across pages', async () => {
  const pages = [
    [rowWith(10 * MINUTE - 1, { t: 1 }), rowWith(10 * MINUTE, { t: 2 })],
    [],
    [rowWith(11 * MINUTE - 1, { t: 4 }), rowWith(13 * MINUTE + 5, { t: 7 })],
  ];
  expect(await windowsOf(pages)).toEqual([
    { received: 9 * MINUTE, device: 'kitchen', t: 1 },
    { received: 10 * MINUTE, device: 'kitchen', t: 3 },
    { received: 13 * MINUTE, device: 'kitchen', t: 7 },
  ]);
});

test.each(STATS.map((stat) => [stat, { avg: 0.2, min: 0.1, max: 0.3, sum: 0.6, count: 3 }[stat]] as const))(
  '%s',
  async (stat, expected) => {
    const rows = [0.1, 0.2, 0.3].map((t) => rowWith(0, { t }));
    expect(await windowsOf([rows], { stat })).toEqual([{ received: 0, device: 'kitchen', t: expected }]);
  },
);

describe('numbers past those of a computer', () => {
  const of = (...numbers: string[]) => numbers.map((N): Row => ({ ...rowWith(0, {}), t: { N } }));
  const text = async (numbers: string[], stat: Stat) => {
    const rows: string[] = [];
    for await (const page of windows(pagesOf(of(...numbers)), { every: MINUTE, stat, fields: undefined }))
      rows.push(...page.map(({ t }) => t?.N ?? ''));
    return rows.join();
  };

  test.each<[Stat, string[], string]>([
    ['avg', ['1e308', '1e308'], '1e+308'],
    ['sum', ['1e308', '1e308'], '2e+308'],
    ['max', ['1e999', '1'], '1e+999'],
    ['min', ['-1e999', '1e999'], '-1e+999'],
    ['avg', ['-1e999', '1e999'], '0'],
    ['max', ['12345678901234567890123456789012345678', '1'], '1.2345678901234567890123456789012345678e+37'],
    ['sum', ['9007199254740993', '2'], '9007199254740995'],
    ['sum', ['0.1', '0.2'], '0.3'],
    ['avg', ['1769860800123', '1769860800124'], '1769860800123.5'],
    ['avg', ['1', '1', '2'], '1.33333333333333'],
    ['count', ['1e999', '1'], '2'],
  ])('%s of %j is %s', async (stat, numbers, expected) => {
    expect(await text(numbers, stat)).toBe(expected);
    expect(() => void JSON.parse(expected)).not.toThrow();
  });

  test('what no arithmetic holds is left out', async () => {
    expect(await text(['1e99999999999999999999', '1'], 'sum')).toBe('1');
    expect(await text(['1e99999999999999999999'], 'sum')).toBe('');
  });
});

test('days are local ones', async () => {
  vi.stubEnv('TZ', 'Europe/Berlin');
  onTestFinished(() => void vi.unstubAllEnvs());
  const hours = [22, 23, 46, 47].map((hour) => rowWith(Date.UTC(2026, 9, 24, hour), { t: hour })); // 25 October has 25 hours
  expect(await windowsOf([hours], { every: 24 * 60 * MINUTE, stat: 'count' })).toEqual([
    { received: Date.UTC(2026, 9, 24, 22), device: 'kitchen', t: 3 },
    { received: Date.UTC(2026, 9, 25, 23), device: 'kitchen', t: 1 },
  ]);
});

test('each device has its own', async () => {
  const garage = { device: { S: 'garage' } };
  const rows = [rowWith(0, { t: 1 }), { ...rowWith(1, { t: 5 }), ...garage }, rowWith(2, { t: 3 })];
  expect(await windowsOf([rows])).toEqual([
    { received: 0, device: 'kitchen', t: 2 },
    { received: 0, device: 'garage', t: 5 },
  ]);
});

test('any name is a name', async () => {
  const names = ['__proto__', 'constructor', 'toString'];
  const numbers = Object.fromEntries(names.map((name) => [name, 4]));
  const [window] = await windowsOf([[rowWith(0, numbers)]]);
  expect(Object.keys(window ?? {})).toEqual(['received', 'device', ...names]);
  expect(await windowsOf([[rowWith(0, {})]], { fields: names })).toEqual([]);
});

test('say nothing of what is no number, and are left out when there is none', async () => {
  const text: Row = { ...rowWith(0, {}), t: { S: '20' } };
  expect(await windowsOf([[text, rowWith(MINUTE, { other: 1 })]], { fields: ['t'] })).toEqual([]);
  expect(await windowsOf([[text, rowWith(1, { t: 3 })]])).toEqual([{ received: 0, device: 'kitchen', t: 3 }]);
});

test('are given out as soon as they are over', async () => {
  let isRead = false;
  async function* pages() {
    yield [rowWith(0, { t: 1 }), rowWith(MINUTE, { t: 2 })];
    isRead = true;
    yield [rowWith(2 * MINUTE, { t: 3 })];
  }
  const [first] = (await windows(pages(), { every: MINUTE, stat: 'avg', fields: undefined }).next()).value as Row[];
  expect(first?.t).toEqual({ N: '1' });
  expect(isRead).toBe(false);
});
