import { PassThrough } from 'node:stream';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { Row } from '../../../cli/aws/time-series.ts';
import { chart, type ChartOptions } from '../../../cli/series/chart.ts';
import { pagesOf, rowWith } from './rows-of.ts';

const START = Date.parse('2026-01-31T08:00:00Z');

beforeAll(() => {
  vi.stubEnv('TZ', 'UTC');
});

function drawn(rows: readonly Row[], columns: number, options: Partial<ChartOptions> = {}) {
  const output = Object.assign(new PassThrough(), { columns });
  return chart(output, pagesOf(rows), { fields: undefined, stat: 'avg', every: 1_000, ...options });
}

/** A day of a kitchen, a reading a minute. */
const day = Array.from({ length: 1_440 }, (_, minute) =>
  rowWith(START + minute * 60_000, {
    temperature: 21 + 3 * Math.sin(minute / 229),
    humidity: Math.round(40 - 5 * Math.cos(minute / 100)),
  }),
);

test('one field is a line', async () => {
  expect(await drawn(day, 60, { fields: ['temperature'], stat: 'max' })).toEqual([
    'temperature',
    '  ▲',
    '24┤         ┏━━━━━━┓',
    '  │       ┏━┛      ┗━┓',
    '23┤     ┏━┛          ┗━┓',
    '  │    ┏┛              ┗━┓',
    '  │  ┏━┛                 ┗┓',
    '22┤ ┏┛                    ┗┓',
    '  │┏┛                      ┗┓',
    '21┤┛                        ┗┓                         ┏━',
    '  │                          ┗━┓                      ┏┛',
    '  │                            ┗┓                    ┏┛',
    '20┤                             ┗━┓                 ┏┛',
    '  │                               ┗┓              ┏━┛',
    '19┤                                ┗┓            ┏┛',
    '  │                                 ┗━┓        ┏━┛',
    '  │                                   ┗━┓    ┏━┛',
    '18┤                                     ┗━━━━┛',
    '  └─────────┬─────────────┬────────────┬─────────────┬───▶',
    '        12:00         18:00        00:00         06:00',
    '2026-01-31 08:00 to 2026-02-01 08:00, max of 30 min',
  ]);
});

test('several fields are told apart without colours', async () => {
  expect(await drawn(day, 60)).toEqual([
    '● humidity   ○ temperature',
    '  ▲',
    '45┤         ●●●● ●                  ●●●●●',
    '  │        ●      ●                ●     ●',
    '40┤      ●●        ●●           ●●        ● ●           ●',
    '  │     ●            ●         ●             ●         ●',
    '  │  ●●               ●●     ●●               ●●     ●●',
    '35┤●●                   ● ●●●                   ●●●●',
    '  │',
    '30┤',
    '  │',
    '  │',
    '25┤',
    '  │   ● ●●●●●●●● ●●●●●●●● ●',
    '20┤●●●                     ●●●●●●                     ●●●',
    '  │                              ● ●●●●●●●● ●●●●●●●● ●',
    '  │',
    '15┤',
    '  └─────────┬─────────────┬────────────┬─────────────┬───▶',
    '        12:00         18:00        00:00         06:00',
    '2026-01-31 08:00 to 2026-02-01 08:00, avg of 30 min',
  ]);
});

describe.each([30, 60, 80, 200])('%i columns', (columns) => {
  test.each([
    ['a day', day],
    ['one reading', [rowWith(START, { temperature: 21.25 })]],
    ['all the same', day.map(() => rowWith(START, { temperature: -5 }))],
    ['great and small', [1e-9, -3e20, 7].map((t, n) => rowWith(START + n * 1e9, { t }))],
  ])('%s is as wide as the terminal', async (_, rows) => {
    const lines = await drawn(rows, columns);
    expect(lines.length).toBeGreaterThan(15);
    expect(Math.max(...lines.slice(1, -1).map((line) => [...line].length))).toBeLessThanOrEqual(columns);
  });
});

test('no colours where a program reads', async () => {
  expect((await drawn(day, 60)).join('')).not.toContain('\u001b');
});

test('nothing but text draws nothing', async () => {
  expect(await drawn([{ ...rowWith(START, {}), note: { S: '1' } }], 60)).toEqual([]);
});

test('names that a device chose cannot steer the terminal', async () => {
  const [legend] = await drawn([rowWith(START, { '\u001b[2J': 1, b: 1 })], 60);
  expect(legend).toBe('● \\u001b[2J   ○ b');
});

test('more fields than can be told apart are refused', async () => {
  const numbers = Object.fromEntries([...'abcdefg'].map((name) => [name, 1]));
  await expect(drawn([rowWith(START, numbers)], 60)).rejects.toThrow(
    'a chart tells 6 fields apart, and there are more (a b c d e f g); choose: --field ...',
  );
});
