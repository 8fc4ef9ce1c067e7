import { describe, expect, it } from 'vitest';
import {
  SqlParseError,
  SqlRuntimeError,
  evaluate,
  jsonText,
  parseStatement,
  parseTemplate,
  substitute,
} from '../../../src/iot/sql/index.ts';
import { messageOf } from './message.ts';

/** What a statement of the older version, or of the newer one, puts out, as text: JSON.parse knows no 10.0. */
function textOf(sql: string, payload: string, version: '2015-10-08' | '2016-03-23'): string {
  const result = evaluate(parseStatement(sql, version), messageOf(payload));
  if (!result.matched || result.output instanceof Uint8Array) throw new Error('no JSON came out');
  return jsonText(result.output);
}

// IoT Developer Guide: iot-rule-sql-version, iot-sql-functions, iot-sql-literals, iot-sql-nested-queries.
describe('SQL version 2015-10-08 has not', () => {
  it.each([
    ["decode(a, 'base64')", 'the function decode'],
    ["encode(a, 'base64')", 'the function encode'],
    ["indexof(a, 'x')", 'the function indexof'],
    ['isUndefined(a)', 'the function isUndefined'],
    ['LENGTH(a)', 'the function LENGTH'],
    ['numbytes(a)', 'the function numbytes'],
    ["transform('enrichArray', a, b)", 'the function transform'],
    ['cast(a AS Decimal)', 'the type Decimal'],
    ['cast(a AS bool)', 'the type bool'],
    ['(SELECT b FROM a)', 'nested queries'],
    ['exists(SELECT b FROM a)', 'nested queries'],
    ['[a, b]', 'arrays as literals'],
    ["{'a': b}", 'objects as literals'],
  ])('%s', (expression, what) => {
    const sql = `SELECT ${expression} AS c FROM 'a'`;
    expect(() => parseStatement(sql, '2015-10-08')).toThrow(SqlParseError);
    expect(() => parseStatement(sql, '2015-10-08')).toThrow(
      `SQL version 2015-10-08 has not ${what}: set awsIotSqlVersion to 2016-03-23`,
    );
    parseStatement(sql, '2016-03-23');
  });

  it('an array as what is put out', () => {
    expect(textOf("SELECT VALUE a FROM 'a'", '{"a":{"b":[1]}}', '2015-10-08')).toBe('{"b":[1]}');
    expect(() => textOf("SELECT VALUE a FROM 'a'", '{"a":[1]}', '2015-10-08')).toThrow(SqlRuntimeError);
    expect(textOf("SELECT VALUE a FROM 'a'", '{"a":[1]}', '2016-03-23')).toBe('[1]');
  });
});

// IoT Developer Guide, iot-sql-data-types: whole numbers such as 10.0 are Ints in version 2016-03-23 alone.
it.each([
  ['SELECT *', '{"t":10.0}', '{"t":10.0}', '{"t":10}'],
  ['SELECT t / 4 AS q', '{"t":10.0}', '{"q":2.5}', '{"q":2}'],
  ['SELECT t / 4 AS q', '{"t":10}', '{"q":2}', '{"q":2}'],
  ['SELECT 10.0 / 4 AS q', '{}', '{"q":2.5}', '{"q":2}'],
  ['SELECT (t + t) / 4 AS q', '{"t":2.5}', '{"q":1.25}', '{"q":1}'],
  ['SELECT t * 4 AS p', '{"t":2.5}', '{"p":10.0}', '{"p":10}'],
  ['SELECT floor(t) AS f, t = 10 AS same', '{"t":10.0}', '{"f":10,"same":true}', '{"f":10,"same":true}'],
  ['SELECT sql_version() AS v', '{}', '{"v":"2015-10-08"}', '{"v":"2016-03-23"}'],
])('%s of %s', (sql, payload, older, newer) => {
  expect(textOf(sql, payload, '2015-10-08')).toBe(older);
  expect(textOf(sql, payload, '2016-03-23')).toBe(newer);
});

it('counts in the templates of a rule as well', () => {
  const text = '${t}-${sql_version()}';
  expect(substitute(parseTemplate(text, '2015-10-08'), messageOf('{"t":10.0}'))).toBe('10.0-2015-10-08');
  expect(substitute(parseTemplate(text), messageOf('{"t":10.0}'))).toBe('10-2016-03-23');
});
