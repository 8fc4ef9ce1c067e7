import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  compareNumbers,
  divide,
  divideInts,
  multiply,
  numberText,
  parseNumber,
  remainder,
  subtract,
  toInt,
  truncateTo,
  type Rounding,
} from '../../../src/iot/sql/decimal.ts';

const shown = (number: ReturnType<typeof add>): string => (number === undefined ? 'Undefined' : numberText(number));

/** Ints whose products have 34 digits at most. */
const ints = fc.oneof(fc.bigInt(-(10n ** 17n), 10n ** 17n), fc.bigInt(-100n, 100n));

describe('whole numbers', () => {
  it('are calculated exactly', () => {
    fc.assert(
      fc.property(ints, ints, (a, b) => {
        const [x, y] = [parseNumber(String(a)), parseNumber(String(b))];
        expect(shown(add(x, y))).toBe(String(a + b));
        expect(shown(subtract(x, y))).toBe(String(a - b));
        expect(shown(multiply(x, y))).toBe(String(a * b));
        expect(shown(divideInts(x, y))).toBe(b === 0n ? 'Undefined' : String(a / b));
        expect(shown(remainder(x, y))).toBe(b === 0n ? 'Undefined' : String(a % b));
        expect(Math.sign(compareNumbers(x, y))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });
});

describe('decimals', () => {
  const scaled = (value: bigint, places: number): string => `${value}e-${places}`;

  it('are whole numbers, so many places to the right', () => {
    fc.assert(
      fc.property(ints, ints, fc.nat(12), (a, b, places) => {
        const [x, y] = [parseNumber(scaled(a, places)), parseNumber(scaled(b, places))];
        const equal = (n: ReturnType<typeof add>, text: string): void =>
          expect(compareNumbers(n ?? NaN, parseNumber(text))).toBe(0);
        equal(add(x, y), scaled(a + b, places));
        equal(multiply(x, y), scaled(a * b, 2 * places));
        if (b !== 0n) equal(remainder(x, y), scaled(a % b, places));
        if (b !== 0n) equal(divide(multiply(x, y) ?? NaN, y), scaled(a, places));
      }),
    );
  });

  it('keep their text, as far as it has digits that count', () => {
    fc.assert(
      fc.property(ints, fc.nat(30), (value, places) => {
        const number = parseNumber(scaled(value, places));
        expect(compareNumbers(parseNumber(numberText(number)), number)).toBe(0);
      }),
    );
  });

  it.each([
    ['2.5', { down: '2', up: '3', nearest: '3', truncated: '2' }],
    ['-2.5', { down: '-3', up: '-2', nearest: '-3', truncated: '-2' }],
    ['0.10000000000000000000001', { down: '0', up: '1', nearest: '0', truncated: '0' }],
    ['-0.10000000000000000000001', { down: '-1', up: '0', nearest: '0', truncated: '0' }],
    [
      '12345678901234567890.5',
      {
        down: '12345678901234567890',
        up: '12345678901234567891',
        nearest: '12345678901234567891',
        truncated: '12345678901234567890',
      },
    ],
    ['1e-900', { down: '0', up: '1', nearest: '0', truncated: '0' }],
    ['7', { down: '7', up: '7', nearest: '7', truncated: '7' }],
  ])('%s is rounded to %o', (text, expected) => {
    for (const [rounding, result] of Object.entries(expected)) {
      expect(numberText(toInt(parseNumber(text), rounding as Rounding))).toBe(result);
    }
  });

  it.each([
    ['2.3123', 2, '2.31'],
    ['-2.999', 0, '-2'],
    ['0.00001', 3, '0'],
    ['5', 3, '5'],
  ])('%s cut to %i places is %s', (text, places, result) => {
    expect(numberText(truncateTo(parseNumber(text), places))).toBe(result);
  });

  it('are rounded to 34 digits, half to even', () => {
    expect(shown(divide(2, 3))).toBe('0.6666666666666666666666666666666667');
    // Python's decimal, to 60 digits: 9.841038041463734081488817922005031566...E-320
    expect(shown(divide(parseNumber('-7e-323'), parseNumber('0.0007113070766017317')))).toBe(
      '-9.841038041463734081488817922005032E-320',
    );
    const nines = '9'.repeat(34);
    expect(shown(add(parseNumber(nines), parseNumber('0.5')))).toBe(`1${'0'.repeat(34)}`);
    expect(shown(add(parseNumber(nines), parseNumber('0.4')))).toBe(nines);
    expect(shown(add(parseNumber(`${'9'.repeat(33)}8`), parseNumber('0.5')))).toBe(`${'9'.repeat(33)}8`);
  });
});
