import fc from 'fast-check';
import { expect, test } from 'vitest';
import { downsample, MOST_ROWS } from '../../../lambda/chart-widget/downsample.ts';
import type { Reading } from '../../../lambda/chart-widget/readings.ts';

const SPAN = { from: 0, to: 999 };

async function* pages(...all: Reading[][]): AsyncGenerator<Reading[]> {
  yield* all;
}

const reading = (time: number, fields: Record<string, number>): Reading => ({
  time,
  values: new Map(Object.entries(fields)),
});

test('few readings stay as they are, in the order of time', async () => {
  const { fields } = await downsample(pages([reading(9, { t: 1 })], [reading(5, { t: 2, h: 3 })]), SPAN, {
    columns: 1_000,
  });
  expect(Object.fromEntries(fields)).toEqual({
    t: [
      { time: 5, value: 2 },
      { time: 9, value: 1 },
    ],
    h: [{ time: 5, value: 3 }],
  });
});

test('of many, two a column at most; the least and the greatest of all are among them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 999 }), fc.integer()), { minLength: 1, maxLength: 500 }),
      fc.integer({ min: 1, max: 20 }),
      async (sent, columns) => {
        const readings = sent.map(([time, value]) => reading(time, { t: value })).sort((a, b) => b.time - a.time);
        const { fields } = await downsample(pages(readings), SPAN, { columns });
        const points = fields.get('t') ?? [];
        expect(points.length).toBeLessThanOrEqual(2 * columns);
        expect(points.map(({ time }) => time)).toEqual(points.map(({ time }) => time).sort((a, b) => a - b));
        const values = points.map(({ value }) => value);
        expect(Math.min(...values)).toBe(Math.min(...sent.map(([, value]) => value)));
        expect(Math.max(...values)).toBe(Math.max(...sent.map(([, value]) => value)));
      },
    ),
    {
      examples: [
        [
          [
            [999, 0],
            [0, 0],
            [0, -1],
          ],
          1,
        ],
      ],
    },
  );
});

test('a device that makes up a field name a message takes no more memory than any other', async () => {
  const readings = Array.from({ length: 2_000 }, (_, index) => reading(999 - (index % 999), { [`f${index}`]: 1 }));
  const { fields, others } = await downsample(pages(readings), SPAN, { columns: 1_000 });
  expect(fields.size).toBe(50);
  expect(others.size).toBe(1_950);
  const named = await downsample(pages(readings), SPAN, { columns: 1_000, names: ['f1999', 'f7'] });
  expect([...named.fields.keys()]).toEqual(['f7', 'f1999']);
});

test('past a limit the older rows are not read, and the answer says so', async () => {
  let asked = 0;
  async function* endless(): AsyncGenerator<Reading[]> {
    for (;;) {
      asked += 1;
      yield Array.from({ length: 10_000 }, () => reading(1_000 - asked, { t: asked }));
    }
  }
  const { cutAt } = await downsample(endless(), SPAN, { columns: 100 });
  expect(asked).toBe(MOST_ROWS / 10_000);
  expect(cutAt).toBe(990);
});
