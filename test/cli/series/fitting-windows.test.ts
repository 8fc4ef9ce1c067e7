import { expect, test } from 'vitest';
import { FittingWindows } from '../../../cli/series/fitting-windows.ts';

test('a million numbers fit into a few windows, and every one of them counts', () => {
  const windows = new FittingWindows(60, 1_000);
  const start = Date.parse('2026-01-31T08:00:00Z');
  for (let n = 0; n < 1_000_000; n++) windows.add('t', start + n * 100, String(n));
  const all = windows.of('t', 'count');
  expect(windows.length).toBe(1_800_000);
  expect(all.length).toBeLessThanOrEqual(60);
  expect(all.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(1_000_000);
  expect(windows.of('t', 'avg')[0]?.[1]).toBe('8999.5');
  expect(all.map(([from]) => from)).toEqual(all.map((_, index) => start + index * 1_800_000));
});

test('windows of a length that was asked for grow to its multiples', () => {
  const windows = new FittingWindows(2, 420_000);
  for (const minute of [0, 7, 14]) windows.add('t', minute * 60_000, '1');
  expect(windows.length).toBe(840_000);
  expect(windows.of('t', 'count')).toEqual([
    [0, '2'],
    [840_000, '1'],
  ]);
});

test('a number that comes late goes where it belongs', () => {
  const windows = new FittingWindows(10, 1_000);
  for (const time of [5_000, 3_500, 5_999]) windows.add('t', time, String(time));
  expect(windows.of('t', 'max')).toEqual([
    [3_000, '3500'],
    [5_000, '5999'],
  ]);
});
