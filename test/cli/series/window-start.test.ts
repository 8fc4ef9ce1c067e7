import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { windowStart } from '../../../cli/series/window-start.ts';
import { formatMillisecond } from '../../../cli/terminal/time.ts';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

afterEach(() => void vi.unstubAllEnvs());

/** When the windows begin into which the hours of a span fall. */
function starts(from: string, hours: number, length: number): string[] {
  const times = Array.from({ length: hours }, (_, hour) => windowStart(Date.parse(from) + hour * HOUR, length));
  return [...new Set(times)].map((time) => formatMillisecond(time).slice(0, 'yyyy-mm-dd hh:mm'.length));
}

// Clocks change on 29 March and 25 October 2026 (IANA time zone database, Europe/Berlin): days of 23 and 25 hours.
test('days are local ones, also those on which clocks change', () => {
  vi.stubEnv('TZ', 'Europe/Berlin');
  expect(starts('2026-03-28T12:00Z', 57, DAY)).toEqual(['2026-03-28 00:00', '2026-03-29 00:00', '2026-03-30 00:00']);
  expect(starts('2026-10-24T12:00Z', 57, DAY)).toEqual(['2026-10-24 00:00', '2026-10-25 00:00', '2026-10-26 00:00']);
  const day = Date.parse('2026-10-24T22:00:00Z'); // 25 October, 00:00
  expect(windowStart(day + 25 * HOUR - 1, DAY)).toBe(day);
  expect(windowStart(day + 25 * HOUR, DAY)).toBe(day + 25 * HOUR);
});

test('weeks begin on Mondays', () => {
  vi.stubEnv('TZ', 'America/New_York');
  expect(starts('2026-10-26T12:00Z', 24 * 14, 7 * DAY)).toEqual([
    '2026-10-26 00:00',
    '2026-11-02 00:00',
    '2026-11-09 00:00',
  ]);
});

// In Santiago, clocks go forwards at midnight: Sunday, 6 September 2026 begins at 01:00 (IANA time zone database).
test('a window of days that ends with a day without a midnight begins at a midnight', () => {
  vi.stubEnv('TZ', 'America/Santiago');
  expect(starts('2026-09-06T12:00Z', 1, 7 * DAY)).toEqual(['2026-08-31 00:00']);
  expect(starts('2026-09-06T12:00Z', 1, DAY)).toEqual(['2026-09-06 01:00']);
});

test('parts of a day begin with the local day, be its zone half an hour off', () => {
  vi.stubEnv('TZ', 'Asia/Kolkata');
  expect(starts('2026-01-31T00:00Z', 24, 6 * HOUR)).toEqual([
    ...['2026-01-31 00:00', '2026-01-31 06:00', '2026-01-31 12:00', '2026-01-31 18:00', '2026-02-01 00:00'],
  ]);
});

describe.each(['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Santiago'])(
  'in %s',
  (zone) => {
    test('a window holds its beginning, time goes forwards in it, and longer windows hold shorter ones whole', () => {
      vi.stubEnv('TZ', zone);
      const length = fc.constantFrom(MINUTE, 7 * MINUTE, 30 * MINUTE, HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY);
      fc.assert(
        fc.property(
          fc.integer({ min: 0, max: 4_102_444_800_000 }),
          fc.integer({ min: 0, max: 3 * DAY }),
          length,
          (time, later, every) => {
            const start = windowStart(time, every);
            expect(start).toBeLessThanOrEqual(time);
            expect(time - start).toBeLessThan(every + 2 * HOUR);
            expect(windowStart(start, every)).toBe(start);
            expect(windowStart(time + later, every)).toBeGreaterThanOrEqual(start);
            if (every >= DAY) expect(windowStart(windowStart(time, HOUR), every)).toBe(start);
          },
        ),
      );
    });
  },
);
