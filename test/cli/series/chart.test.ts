import fc from 'fast-check';
import { PassThrough } from 'node:stream';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { Row } from '../../../cli/rows/time-series.ts';
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
    '24┤        ┏━━━━━━━━━┓',
    '  │      ┏━┛         ┗━┓',
    '23┤    ┏━┛             ┗━┓',
    '  │   ┏┛                 ┗━┓',
    '22┤┏━━┛                    ┗━┓',
    '  │┛                         ┗┓',
    '21┤                           ┗┓                         ┏━',
    '  │                            ┗┓                       ┏┛',
    '20┤                             ┗━━┓                 ┏━━┛',
    '  │                                ┗┓               ┏┛',
    '19┤                                 ┗━┓           ┏━┛',
    '  │                                   ┗━━┓      ┏━┛',
    '18┤                                      ┗━━━━━━┛',
    '  └─────────┬─────────────┬─────────────┬─────────────┬────▶',
    '        12:00         18:00         00:00         06:00',
    '2026-01-31 08:00 to 2026-02-01 08:00, max of 30 min',
  ]);
});

test('several fields have a panel each, with an axis of its own and the time of all', async () => {
  const pressure = day.map((row, minute) => ({ ...row, humidity: { N: String(1013 + Math.round(minute / 300)) } }));
  expect(await drawn(pressure, 60)).toMatchInlineSnapshot(`
    [
      "humidity",
      "     ▲",
      "1,018┤                                                 ┏━━━",
      "     │                                                 ┃",
      "1,017┤                                      ┏━━━━━━━━━━┛",
      "     │                                      ┃",
      "1,016┤                           ┏━━━━━━━━━━┛",
      "     │                           ┃",
      "1,015┤                ┏━━━━━━━━━━┛",
      "     │                ┃",
      "1,014┤     ┏━━━━━━━━━━┛",
      "     │     ┃",
      "1,013┤━━━━━┛",
      "     └─────────┬────────────┬────────────┬─────────────┬───▶",
      "           12:00        18:00        00:00         06:00",
      "",
      "temperature",
      "     ▲",
      "   24┤         ┏━━━━━━┓",
      "     │      ┏━━┛      ┗━━┓",
      "   23┤     ┏┛            ┗┓",
      "     │  ┏━━┛              ┗━┓",
      "   22┤ ┏┛                   ┗┓",
      "     │┏┛                     ┗┓",
      "   21┤┛                       ┗━━┓                       ┏━",
      "     │                           ┗┓                     ┏┛",
      "   20┤                            ┗┓                   ┏┛",
      "     │                             ┗━┓               ┏━┛",
      "   19┤                               ┗┓           ┏━━┛",
      "     │                                ┗━━━┓     ┏━┛",
      "   18┤                                    ┗━━━━━┛",
      "     └─────────┬────────────┬────────────┬─────────────┬───▶",
      "           12:00        18:00        00:00         06:00",
      "2026-01-31 08:00 to 2026-02-01 08:00, avg of 30 min",
    ]
  `);
});

test('a field that ended early has its place in the time of all', async () => {
  const rows = [
    ...day.slice(0, 720),
    ...day.slice(720).map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'humidity'))),
  ];
  const lines = await drawn(rows, 60);
  const widthOf = (field: string) => {
    const below = lines.slice(lines.indexOf(field) + 2);
    const panel = below.slice(
      0,
      below.findIndex((line) => line.includes('└')),
    );
    return Math.max(...panel.map((line) => line.replace(/^.*[│┤]/, '').length));
  };
  expect(widthOf('humidity')).toBeGreaterThan(26);
  expect(widthOf('humidity')).toBeLessThan(31);
  expect(widthOf('temperature')).toBeGreaterThan(54);
});

test('a gap is a gap, and what stands alone is a point', async () => {
  const hours = (from: number, to: number) => day.slice(from * 60, to * 60);
  const [lonely] = day.slice(16 * 60);
  expect(
    await drawn([...hours(0, 6), ...hours(12, 14), lonely as Row, ...hours(20, 24)], 60, { fields: ['temperature'] }),
  ).toMatchInlineSnapshot(`
    [
      "temperature",
      "  ▲",
      "24┤          ┏━━━",
      "  │      ┏━━━┛",
      "23┤     ┏┛",
      "  │   ┏━┛",
      "22┤ ┏━┛",
      "  │┏┛",
      "21┤┛                           ┓                         ┏━",
      "  │                            ┗┓                       ┏┛",
      "20┤                             ┗━┓                    ┏┛",
      "  │                               ┗━                ┏━━┛",
      "19┤                                               ┏━┛",
      "  │                                     •         ┛",
      "18┤",
      "  └─────────┬─────────────┬─────────────┬─────────────┬────▶",
      "        12:00         18:00         00:00         06:00",
      "2026-01-31 08:00 to 2026-02-01 08:00, avg of 30 min",
    ]
  `);
});

test('a reading that went missing is no gap, nor is a slow device full of them', async () => {
  const seldom = (_: Row, index: number) => index % 7 === 0;
  for (const rows of [day.filter((_, minute) => minute % 5 !== 0), day.slice(0, 300).filter(seldom)]) {
    const lines = await drawn(rows, 200, { fields: ['temperature'], every: 60_000 });
    expect(lines.join('')).not.toContain('•');
    // One line from the left to the right: each column of the plot has a part of it.
    const plot = lines.filter((line) => /[│┤]/.test(line)).map((line) => line.replace(/^.*[│┤]/, ''));
    const columns = Math.max(...plot.map((line) => line.length));
    const empty = Array.from({ length: columns }, (_, column) => plot.every((line) => (line[column] ?? ' ') === ' '));
    expect(empty.filter(Boolean)).toEqual([]);
  }
});

test('a count and a sum are of their own window: one without a number is a gap', async () => {
  const seldom = Array.from({ length: 5 }, (_, n) => rowWith(START + n * 3_000, { t: 1 }));
  for (const stat of ['count', 'sum'] as const) {
    const lines = await drawn(seldom, 60, { stat });
    expect(lines.filter((line) => line.includes('•')).map((line) => line.match(/•/g)?.length)).toEqual([5]);
    expect(lines.join('')).not.toContain('━');
  }
  expect((await drawn(seldom, 60)).join('')).not.toContain('•');
});

test.each([
  ['days', 120, 3_600_000, ['02-01', '02-02', '02-03', '02-04', '02-05']],
  [
    'years',
    96,
    30 * 86_400_000,
    ['2027', '2028', '2029', '2030', '2031', '2032', '2033'].map((year) => `${year}-01-01`),
  ],
  ['seconds', 4, 1_000, ['08:00:00', '08:00:01', '08:00:02', '08:00:03']],
])('the axis of time says %s where they begin, as far apart as they are', async (_, count, step, labels) => {
  const rows = Array.from({ length: count }, (_, n) => rowWith(START + n * step, { t: n }));
  const [ticks = '', said = ''] = (await drawn(rows, 200, { every: step })).slice(-3);
  expect(said.trim().split(/ +/)).toEqual(labels);
  const distances = [...ticks.matchAll(/┬/g)].map(({ index }) => index).map((at, n, all) => at - (all[n - 1] ?? at));
  expect(Math.max(...distances.slice(1)) - Math.min(...distances.slice(1))).toBeLessThanOrEqual(1);
});

test('times have space between them', async () => {
  const rows = Array.from({ length: 15 }, (_, n) => rowWith(START + n * 3_000, { t: 1 }));
  expect((await drawn(rows, 80)).at(-2)?.trim()).toMatch(/^\d\d:00:\d\d( {3,}\d\d:00:\d\d)+$/);
});

test.each([3, 4, 5, 6, 7, 8, 9, 10, 11])(
  'numbers up to %i stand evenly beside the axis, of any number of panels',
  async (most) => {
    const rows = Array.from({ length: 60 }, (_, n) => rowWith(START + n * 1_000, { a: (n * most) / 59, b: n, c: -n }));
    for (const fields of [['a'], ['a', 'b'], ['a', 'b', 'c']]) {
      const axis = (await drawn(rows, 80, { fields })).slice(2).join('\n').split('└')[0]?.split('\n') ?? [];
      const at = axis.flatMap((line, row) => (line.includes('┤') ? [row] : []));
      expect(new Set(at.slice(1).map((row, n) => row - (at[n] as number))).size).toBe(1);
    }
  },
);

test('several devices have panels of their own', async () => {
  const garage: Row = { ...rowWith(START + 60_000, { temperature: 5 }), device: { S: 'garage' } };
  const lines = await drawn([...day, garage], 60, { fields: ['temperature'], severalDevices: true });
  expect(lines.filter((line) => /^[a-z]/.test(line))).toEqual(['garage temperature', 'kitchen temperature']);
});

test('fields are in the order in which they were asked for', async () => {
  const lines = await drawn(day, 60, { fields: ['temperature', 'humidity'] });
  expect(lines.filter((line) => /^[a-z]/.test(line))).toEqual(['temperature', 'humidity']);
});

describe('numbers of any size', () => {
  const text = (...numbers: string[]): Row[] =>
    numbers.map((N, n) => ({ ...rowWith(START + n * 3_600_000, {}), t: { N } }));

  test('are drawn up to what an axis can show, and the others are counted', async () => {
    const lines = await drawn(text('1', '1e999', '2', '-1e308', '3'), 60);
    expect(lines.at(-1)).toMatch(/, 2 past 1e\+300 left out$/);
    expect(lines[2]).toMatch(/^ *3\.0┤/);
    expect(await drawn(text('1e999', '-1e999'), 60)).toEqual([]);
  });

  test('crash nothing', async () => {
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(5e-324, -5e-324, 1e300, -1e300, 1e16, 1e16 + 2, 1, 1 + 2 ** -52),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(number, { minLength: 1, maxLength: 6 }), async (numbers) => {
        const lines = await drawn(text(...numbers.map(String)), 60);
        expect(lines.join('')).not.toMatch(/NaN|Infinity/);
        expect(Math.max(...lines.slice(1, -1).map((line) => line.length))).toBeLessThanOrEqual(60);
      }),
      { numRuns: 200 },
    );
  });
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
  const lines = await drawn([rowWith(START, { '\u001b[2J\u202e': 1, b: 1 })], 60);
  expect(lines[0]).toBe('\\u001b[2J\\u202e');
});

test('any name is a name', async () => {
  const numbers = Object.fromEntries(['__proto__', 'toString', 'constructor'].map((name) => [name, 1]));
  const lines = await drawn([rowWith(START, numbers), rowWith(START + 1, {})], 60, { fields: Object.keys(numbers) });
  expect(lines.filter((line) => /^[a-z_]/i.test(line))).toEqual(Object.keys(numbers));
});

test('more fields than anybody looks at are refused, unless they were named', async () => {
  const names = [...'abcdefghijklm'];
  const numbers = [rowWith(START, Object.fromEntries(names.map((name) => [name, 1])))];
  await expect(drawn(numbers, 60)).rejects.toThrow(
    'a chart has 12 panels, and there are more fields (a, b, c, d, e, f, g, h, i, j, k, l, m); choose: --field ...',
  );
  expect(await drawn(numbers, 60, { fields: names })).not.toEqual([]);
});

describe('a window that the span cuts', () => {
  // A reading a second for 20 s; windows of 10 s from START on, of which the span has all of one and a part of another.
  const rows = Array.from({ length: 15 }, (_, second) => rowWith(START + second * 1_000, { t: 1 }));
  const footer = async (stat: 'sum' | 'avg', span: { since: number; until: number }) =>
    (await drawn(rows, 60, { stat, every: 10_000, ...span })).at(-1);

  test('is left out of a sum, which would fall to a part of it, and that is said', async () => {
    expect(await footer('sum', { since: START, until: START + 15_000 })).toBe(
      '2026-01-31 08:00:00 to 2026-01-31 08:00:10, sum of 10 s, without the windows that the span cuts',
    );
  });

  test('is said within the lines of a terminal', async () => {
    const output = Object.assign(new PassThrough(), { isTTY: true, columns: 60 });
    const lines = await chart(output, pagesOf(rows), {
      ...{ fields: undefined, stat: 'sum', every: 10_000 },
      ...{ since: START, until: START + 15_000 },
    });
    expect(Math.max(...lines.flatMap((line) => line.split('\n')).map((line) => line.length))).toBeLessThanOrEqual(60);
  });

  test('is none the less true for an average, up to where the span ends', async () => {
    expect(await footer('avg', { since: START, until: START + 15_000 })).toBe(
      '2026-01-31 08:00:00 to 2026-01-31 08:00:15, avg of 10 s',
    );
  });

  test('is drawn where there is nothing else', async () => {
    const some = rows.slice(1, 9);
    const lines = await drawn(some, 60, { stat: 'sum', every: 10_000, since: START + 1_000, until: START + 9_000 });
    expect(lines.at(-1)).toBe('2026-01-31 08:00:00 to 2026-01-31 08:00:09, sum of 10 s');
  });
});
