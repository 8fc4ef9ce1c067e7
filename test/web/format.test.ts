import { expect, test } from 'vitest';
import { formatAgo, formatNumber } from '../../web/format.ts';

// U+2212 is the minus sign, U+202F the narrow space that groups thousands.
test.each([
  [0, '0'],
  [-0.0, '0'],
  [21.5, '21.5'],
  [-7, '\u22127'],
  [1013.25, '1013.25'],
  [99_999.96, '100\u202f000'],
  [123_456, '123\u202f456'],
  [0.1 + 0.2, '0.3'],
  [0.000_123, '0.000123'],
  [1e-7, '1×10⁻⁷'],
  [-1.234_56e12, '\u22121.235×10¹²'],
  [1e308, '1×10³⁰⁸'],
])('%d is %s', (number, text) => {
  expect(formatNumber(number)).toBe(text);
});

test.each([
  [0, '0 s ago'],
  [-5_000, '0 s ago'], // the clocks of the cloud and of this machine differ
  [119_000, '119 s ago'],
  [120_000, '2 min ago'],
  [7_200_000, '2 h ago'],
  [172_800_000, '2 days ago'],
])('%i ms before is %s', (before, text) => {
  expect(formatAgo(1_700_000_000_000 - before, 1_700_000_000_000)).toBe(text);
});
