import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { formatAgo, formatDay, formatMillisecond, pointInTime } from '../../../cli/terminal/time.ts';

const NOW = Date.parse('2026-01-31T12:00:00Z');

test.each([
  ['90s', NOW - 90_000],
  ['15m', NOW - 900_000],
  ['1.5h', NOW - 5_400_000],
  ['7d', NOW - 7 * 86_400_000],
  ['2w', NOW - 14 * 86_400_000],
  ['0s', NOW],
  ['2026-01-31', new Date(2026, 0, 31).getTime()],
  ['2024-02-29', new Date(2024, 1, 29).getTime()],
  ['2026-01-31 08:00:05.250', new Date(2026, 0, 31, 8, 0, 5, 250).getTime()],
  ['2026-01-31T08:00:05.1234567Z', Date.parse('2026-01-31T08:00:05.123Z')],
  ['2026-01-31T08:00-0330', Date.parse('2026-01-31T11:30:00Z')],
  ['2026-01-31T08:00', new Date(2026, 0, 31, 8).getTime()],
  ['2026-01-31T08:00Z', Date.parse('2026-01-31T08:00:00Z')],
  ['2026-01-31T08:00+01:00', Date.parse('2026-01-31T07:00:00Z')],
  ['1769860800123', 1_769_860_800_123],
  ['9999w', 0], // before 1970
])('%s', (text, expected) => {
  expect(pointInTime(text, NOW)).toBe(expected);
});

test.each([
  ...['', '24', 'h', '-1h', '1y', '24 h', '2026-13-01', '31.01.2026', 'yesterday', '12:00', 'Infinity'],
  // No such days and times, though Date.parse takes most of them.
  ...['2026-02-30', '2025-02-29', '2026-04-31T08:00', '2026-00-10', '2026-01-00', '2026-02-30T08:00Z'],
  ...[
    '2026-01-31T24:00',
    '2026-01-31T08:60',
    '2026-01-31T08:00:60',
    '2026-01-31T08:00+25:00',
    '2026-01-31T08:00+01:60',
  ],
  ...['2026-01-31junk', '2026-01-31T08:00 junk', '2026-01-31T08:00Zjunk', '2026-01-31T', '2026-01-31 (x)', '2026-1-31'],
])('%j is refused with what is allowed', (text) => {
  expect(() => pointInTime(text, NOW)).toThrow('Allowed: such as 90s, 15m, 24h, 7d, 2w, or a time such as');
});

describe.each(['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'])('in %s', (zone) => {
  beforeEach(() => void vi.stubEnv('TZ', zone));
  afterEach(() => void vi.unstubAllEnvs());

  test('what is printed can be read back, and a date alone is its midnight there', () => {
    const time = pointInTime('2026-01-31', NOW);
    expect(formatMillisecond(time)).toBe('2026-01-31 00:00:00.000');
    expect(pointInTime('2026-01-31T00:00', NOW)).toBe(time);
    expect(pointInTime(formatMillisecond(NOW), 0)).toBe(NOW);
  });
});

test('local times can be read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (time) => {
      const text = formatMillisecond(time);
      expect(text).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
      // The hour that a clock shows twice in autumn is the one exception.
      const back = pointInTime(text.replace(' ', 'T'));
      expect([0, 3_600_000, -3_600_000]).toContain(back - time);
    }),
  );
});

describe('for people', () => {
  test.each([
    [0, '0 s ago'],
    [119_000, '119 s ago'],
    [120_000, '2 min ago'],
    [7_200_000, '2 h ago'],
    [172_800_000, '2 d ago'],
    [-5_000, '0 s ago'],
  ])('%d ms is %s', (age, expected) => {
    expect(formatAgo(NOW - age, NOW)).toBe(expected);
  });

  test('a day', () => {
    expect(formatDay(NOW)).toBe('2026-01-31');
  });
});
