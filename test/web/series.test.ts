import { describe, expect, test } from 'vitest';
import { Series, SeriesSet } from '../../web/series.ts';
import type { Message } from '../../web/wire.ts';

const MINUTE = 60_000;

function series(times: readonly number[]) {
  return new Series({ field: 't', times, values: times.map((_, index) => index), isBoolean: false });
}

/** Between which points the line is interrupted. */
function gaps(times: readonly number[]): [number, number][] {
  const [all, values] = series(times).line;
  return values.flatMap((value, index): [number, number][] =>
    value === null ? [[Number(all[index - 1]), Number(all[index + 1])]] : [],
  );
}

const every = (pause: number, count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => from + index * pause);

describe('a gap', () => {
  test('is none while a device keeps its pace, or nearly', () => {
    expect(gaps(every(MINUTE, 100))).toEqual([]);
    expect(gaps([0, 1, 2.5, 3, 4, 6, 7].map((minutes) => minutes * MINUTE))).toEqual([]);
  });

  test('is a pause of more than three times the usual one', () => {
    const before = every(MINUTE, 50);
    const after = every(MINUTE, 50, 60 * MINUTE);
    expect(gaps([...before, ...after])).toEqual([[49 * MINUTE, 60 * MINUTE]]);
  });

  test('is seen when there are four points', () => {
    expect(gaps([0, 3_000, 6_000, 3_600_000])).toEqual([[6_000, 3_600_000]]);
  });

  test('is none below two seconds, be it that readings come in bursts', () => {
    expect(gaps([0, 10, 20, 30, 40, 1_500, 1_510, 1_520])).toEqual([]);
  });

  test.each([[[]], [[5]], [[5, 5]], [[5, 9_000_000]]])('is none among %j', (times) => {
    expect(gaps(times)).toEqual([]);
  });
});

test('what comes late stands where it belongs, and what is too early goes', () => {
  const late = series([1_000, 2_000, 4_000]);
  late.add(3_000, 9);
  expect(late.line).toEqual([
    [1_000, 2_000, 3_000, 4_000],
    [0, 1, 9, 2],
  ]);
  expect(late.extremes).toEqual([0, 9]);
  late.dropBefore(2_500);
  expect(late.line[0]).toEqual([3_000, 4_000]);
  late.dropBefore(5_000);
  expect([late.length, late.last, late.extremes]).toEqual([0, undefined, undefined]);
});

const message = (received: number, values: Message['values']): Message => {
  return { device: 'd', arrival: `${received}#0`, received, text: '', values };
};

test('messages go on where the curves end, each field in its own, whatever it is called', () => {
  const set = new SeriesSet({
    fields: [{ field: '__proto__', times: [1, 2], values: [1, 2], isBoolean: false }],
    newest: 2,
    first: 1,
  });
  set.add(message(2, [['__proto__', 2]]), 9); // came with the curves
  set.add(
    message(3, [
      ['__proto__', 3],
      ['toString', true],
    ]),
    9,
  );
  set.add(message(4, [['one too many', 4]]), 2);
  expect(set.all.map(({ field, length, isBoolean }) => [field, length, isBoolean])).toEqual([
    ['__proto__', 3, false],
    ['toString', 1, true],
  ]);
});

test('a reading that comes late stands where it was taken', () => {
  const set = new SeriesSet({
    fields: [{ field: 't', times: [1_000, 9_000], values: [1, 9], isBoolean: false }],
    newest: 9_000,
  });
  set.add({ ...message(9_500, [['t', 4]]), measured: 4_000 }, 9);
  expect(set.all[0]?.line[0]).toEqual([1_000, 4_000, 9_000]);
});

test('a device that began five minutes ago has its curve over all of the width', () => {
  const now = 1_700_000_000_000;
  const range = (first?: number) => new SeriesSet({ fields: [], ...(first && { first }) }).rangeUpTo(now, 15 * MINUTE);
  expect(range(now - 5 * MINUTE)).toEqual({ since: now - 5 * MINUTE, until: now });
  expect(range(now - 1_000)).toEqual({ since: now - MINUTE, until: now });
  expect(range(now - 99 * MINUTE)).toEqual({ since: now - 15 * MINUTE, until: now });
});
