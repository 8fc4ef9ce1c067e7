import { describe, expect, it } from 'vitest';
import { defaultReading, type Reading, SqlRuntimeError } from '../../../src/iot/sql/index.ts';
import { messageOf, select } from './message.ts';

/** Under a reading, the value of an expression over a payload; undefined for Undefined. */
function valueUnder(reading: Partial<Reading>, expression: string, payload: unknown = {}): unknown {
  const found = select(`SELECT ${expression} AS value`, messageOf(payload), { ...defaultReading, ...reading });
  return (found as { value?: unknown }).value;
}

const error = Symbol('an SQL error');
type Row = readonly [reading: Partial<Reading>, expression: string, payload: unknown, value: unknown];

const BYTES = Uint8Array.of(0x7b, 0xff, 0x7d);

describe.each<Row>([
  [{ 'payload-name': 'undefined' }, 'isUndefined(a)', 'no JSON', true],
  [{ 'payload-name': 'error' }, 'isUndefined(a)', 'no JSON', error],
  [{ 'payload-name': 'error' }, 'isUndefined(a)', '[1]', error],
  [{ 'payload-name': 'error' }, 'isUndefined(a)', '', error],
  [{ 'payload-name': 'error' }, 'isUndefined(a)', { b: 1 }, true],
  [{ 'payload-name': 'error' }, 'get((SELECT VALUE a FROM b), 0)', { b: [{ c: 1 }, { a: 2 }] }, 2],

  [{ 'get-other': 'error' }, "get_or_default(get(5, 1), 'x')", {}, 'x'],

  [{ case: 'works' }, 'CASE (1 = 1) WHEN true THEN 2 END', {}, 2],
  [{ case: 'error' }, 'CASE (1 = 1) WHEN true THEN 2 END', {}, error],
  [{ case: 'error' }, 'CASE a WHEN 1 THEN 2 END', { a: 1 }, 2],

  [{ 'and-or': 'undefined' }, 'a OR true', {}, undefined],
  [{ 'and-or': 'three-valued' }, 'a OR true', {}, true],
  [{ 'and-or': 'three-valued' }, 'a OR false', {}, undefined],
  [{ 'and-or': 'undefined' }, 'a AND false', {}, undefined],
  [{ 'and-or': 'three-valued' }, 'a AND false', {}, false],
  [{ 'and-or': 'three-valued' }, 'a AND true', {}, undefined],

  [{ 'not-undefined': 'undefined' }, 'NOT a', {}, undefined],
  [{ 'not-undefined': 'true' }, 'NOT a', {}, true],
  [{ 'not-undefined': 'true' }, 'NOT a', { a: true }, false],
  [{ 'not-undefined': 'true' }, 'NOT a', { a: 5 }, undefined],
  [{ 'not-undefined': 'true' }, '1 <> a', {}, undefined],

  [{ 'object-sum': 'undefined' }, 'a + 1', { a: {} }, undefined],
  [{ 'object-sum': 'text' }, 'a + 1', { a: { b: 2 } }, '{"b":2}1'],
  [{ 'object-sum': 'error' }, 'a + 1', { a: {} }, error],
  [{ 'object-sum': 'error' }, 'a + 1', { a: 'x' }, 'x1'],
  [{ 'object-sum': 'error' }, 'a + 1', { a: [] }, undefined],

  [{ 'get-other': 'undefined' }, 'get(5, 0)', {}, undefined],
  [{ 'get-other': 'error' }, 'get(5, 0)', {}, error],
  [{ 'get-other': 'error' }, 'get(a, 0)', { a: null }, error],
  [{ 'get-other': 'error' }, 'get(a, 0)', {}, error],
  [{ 'get-other': 'error' }, "get('x', 'a')", {}, undefined],

  [{ 'decode-json': 'object' }, "decode(encode(*, 'base64'), 'base64')", { a: 1 }, { a: 1 }],
  [{ 'decode-json': 'text' }, "decode(encode(*, 'base64'), 'base64')", { a: 1 }, '{"a":1}'],

  [{ 'decode-bytes': 'replaced' }, "decode(encode(*, 'base64'), 'base64')", BYTES, '{\u{fffd}}'],
  [{ 'decode-bytes': 'null' }, "decode(encode(*, 'base64'), 'base64')", BYTES, null],

  [{ 'encode-nothing': 'text' }, "encode(*, 'base64')", '', ''],
  [{ 'encode-nothing': 'undefined' }, "encode(*, 'base64')", '', undefined],
  [{ 'encode-nothing': 'undefined' }, "encode(*, 'base64')", ' ', 'IA=='],
])('%j: %s', (reading, expression, payload, value) => {
  it(value === error ? 'is an SQL error' : `gives ${JSON.stringify(value)}`, () => {
    if (value === error) expect(() => valueUnder(reading, expression, payload)).toThrow(SqlRuntimeError);
    else expect(valueUnder(reading, expression, payload)).toEqual(value);
  });
});
