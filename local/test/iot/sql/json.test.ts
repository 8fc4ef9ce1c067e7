import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonText, parseJson } from '../../../src/iot/sql/json.ts';

const text = (document: string): string | undefined => {
  const json = parseJson(document);
  return json === undefined ? undefined : jsonText(json);
};

describe('parseJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t\r\n'), (document, indent) => {
        const value: unknown = JSON.parse(document);
        expect(JSON.parse(text(JSON.stringify(value, null, indent)) ?? '')).toEqual(value);
      }),
    );
  });

  it('refuses what JSON.parse refuses', () => {
    const damaged = fc
      .tuple(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', '"', '\\', ',', ':', '{', ']', '0', '.', '-', 'e', '\n', '\u0001'),
      )
      .map(
        ([document, at, by]) =>
          document.slice(0, at % document.length) + by + document.slice((at % document.length) + 1),
      );
    fc.assert(
      fc.property(fc.oneof(damaged, fc.string()), (document) => {
        try {
          JSON.parse(document);
        } catch {
          expect(parseJson(document)).toBeUndefined();
          return;
        }
        // As AWS we know no negative zero.
        const plain: unknown = JSON.parse(document, (_, value: unknown) => (value === 0 ? 0 : value));
        expect(JSON.parse(text(document) ?? '')).toEqual(plain);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    '12345678901234567890123456789012345678901234567890',
    '0.12345678901234567890123456789012345678901234567891',
    '-1234567890123456789012345678',
    '9007199254740993',
  ])('keeps every digit of %s', (number) => {
    expect(text(`[${number}]`)).toBe(`[${number}]`);
    expect(JSON.stringify(parseJson(number))).toBe(JSON.stringify(Number(number)));
  });

  it.each([
    ['10.0', '10'],
    ['1E3', '1000'],
    ['-0', '0'],
    ['1.50', '1.5'],
    ['1e-7', '1E-7'],
    ['1e22', '10000000000000000000000'],
    ['1e5000', '1e5000'],
  ])('writes %s as AWS prints it: %s', (number, printed) => {
    expect(text(number)).toBe(printed);
  });

  it('takes the last of equal keys', () => {
    expect(text('{"a":1,"b":2,"a":3}')).toBe('{"a":3,"b":2}');
  });

  it('nests 1000 deep', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(text(nested(1001))).toBe(nested(1001));
    expect(text(nested(1002))).toBeUndefined();
    expect(text(nested(200_000))).toBeUndefined();
  });
});
