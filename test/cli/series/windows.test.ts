import { expect, test } from 'vitest';
import type { Row } from '../../../cli/aws/time-series.ts';
import { rowJson } from '../../../cli/row-text.ts';
import { STATS } from '../../../cli/series/summary.ts';
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
