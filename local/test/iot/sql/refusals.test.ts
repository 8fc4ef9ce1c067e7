import { describe, expect, it } from 'vitest';
import { parseStatement, SqlParseError, SqlRuntimeError } from '../../../src/iot/sql/index.ts';
import { messageOf, select } from './message.ts';

describe('statements that do not parse', () => {
  it.each([
    ['', /^line 1, column 1: expected "SELECT" or "SET" but end of input found$/],
    ['SELECT', /^line 1, column 7: expected .*a name.* but end of input found$/],
    ['SELECT a,\n  FROM b', /^line 2, column 3: expected .* but "F" found$/],
    [`SELECT a FROM topic/#`, /^line 1, column 15: expected a topic filter in single quotes but "t" found$/],
    [`SELECT a FROM "topic"`, /^line 1, column 15: expected a topic filter in single quotes/],
    [`SELECT a FROM 'a/#/b'`, /^line 1, column 15: "a\/#\/b" is not an MQTT topic filter$/],
    [`SELECT a FROM ''`, /^line 1, column 15: "" is not an MQTT topic filter$/],
    [`SELECT a FROM 'a' WHERE`, /^line 1, column 24: expected .* but end of input found$/],
    [`SELECT a FROM 'a' -- why`, /^line 1, column 19: expected .* but "-" found$/],
    [`SELECT a FROM 'a';`, /^line 1, column 18: expected .* but ";" found$/],
    [`SELECT my-key. FROM 'a'`, /^line 1, column 15: expected a name but " " found$/],
    [`SELECT 'open FROM a`, /^line 1, column 8: expected .*a string.* found$/],
    [`SELECT a[0 FROM 'a'`, /^line 1, column 12: expected .*"]".* but "F" found$/],
    ['SELECT a.0 AS b', /^line 1, column 10: expected .* but "0" found$/],
    ['SELECT 5x AS b', /^line 1, column 9: expected .* but "x" found$/],
    ['SELECT a = b = c AS d', /^line 1, column 14: expected .* but "=" found$/],
    ['SELECT CASE WHEN a THEN b END AS c', /^line 1, column 13: expected .* but "W" found$/],
    ['SELECT CASE a ELSE b END AS c', /^line 1, column 15: expected .*"WHEN".* but "E" found$/],
    ['SELECT (SELECT a) AS b', /^line 1, column 17: expected .*"FROM".* but "\)" found$/],
    ['SELECT * + 1 AS a', /^line 1, column 10: expected .* but "\+" found$/],
    ['SELECT a AS "b"', /^line 1, column 13: expected a name but "\\"" found$/],
    ['SELECT -a AS b', /^line 1, column 8: expected .* but "-" found$/],
    ['SELECT a b', /^line 1, column 10: expected .*",".*"FROM", .*"WHERE".* or end of input but "b" found$/],
    ['UPDATE a', /^line 1, column 1: expected "SELECT" or "SET" but "U" found$/],
  ])('%j', (sql, message) => {
    expect(() => parseStatement(sql)).toThrow(SqlParseError);
    expect(() => parseStatement(sql)).toThrow(message);
  });

  it('say line and column as numbers too', () => {
    try {
      parseStatement('SELECT a,\n  nope()');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ name: 'SqlParseError', line: 2, column: 3 });
    }
  });

  it('say so when they are nested too deeply for the parser', () => {
    expect(() => parseStatement(`SELECT ${'('.repeat(100_000)}`)).toThrow(/nested too deeply/);
  });
});

describe('items of SELECT that have no name of their own', () => {
  it.each(['1', 'a + b', `'text'`, '[1]', 'NOT a', 'a[0]', '(SELECT a FROM b)', 'CASE a WHEN 1 THEN 2 END'])(
    '%s needs an alias',
    (item) => {
      expect(() => parseStatement(`SELECT ${item} FROM 'a'`)).toThrow(
        'line 1, column 8: this item of SELECT needs a name, expected AS and an alias behind it',
      );
    },
  );
});

describe('functions', () => {
  it.each([
    `aws_lambda("arn:aws:lambda:us-east-1:123456789012:function:f", *)`,
    `get_dynamodb("t", "k", 1, "arn:aws:iam::123456789012:role/r")`,
    `get_secret('API_KEY', 'SecretString', 'k', 'arn:aws:iam::123456789012:role/r')`,
    `get_thing_shadow("MyThing", "arn:aws:iam::123456789012:role/r")`,
    `get_registry_data("DescribeThing", "MyThing", "arn:aws:iam::123456789012:role/r")`,
    `machinelearning_predict('m', 'arn:aws:iam::123456789012:role/r', *)`,
    `parse_time("yyyy", timestamp(), 'UTC')`,
    `time_to_epoch("18 December 2015", "dd MMMM yyyy")`,
    `get_mqtt_property('content_type')`,
    `get_user_properties('k')`,
    'sourceip()',
  ])('%s is refused by its name', (call) => {
    const name = call.slice(0, call.indexOf('('));
    expect(() => parseStatement(`SELECT ${call}.x FROM 'a'`)).toThrow(
      new RegExp(`^line 1, column 8: the function ${name} is not supported here, it needs `),
    );
  });

  it.each([
    ['foo(1)', 'AWS IoT SQL has no function foo'],
    ['constructor()', 'AWS IoT SQL has no function constructor'],
    ['topic(1, 2)', 'topic takes 0 to 1 arguments, found 2'],
    ['abs()', 'abs takes 1 arguments, found 0'],
    ['newuuid(1)', 'newuuid takes 0 arguments, found 1'],
    [
      'cast(a AS Date)',
      'there is no type Date, expected bool, boolean, decimal, double, int, integer, ntext, nvarchar, string, text, varchar',
    ],
    [`encode(*, 'hex')`, `encode knows one scheme, the literal 'base64'`],
    [`decode(a, scheme)`, `decode knows one scheme, the literal 'base64'`],
    [`transform(mode, a, b)`, 'transform takes its mode as a literal'],
  ])('%s: %s', (call, problem) => {
    expect(() => parseStatement(`SELECT ${call} AS x`)).toThrow(new SqlParseError(problem, { line: 1, column: 8 }));
  });

  it('refuse a literal regular expression that is not JavaScript', () => {
    expect(() => parseStatement(`SELECT regexp_matches(a, '(?i)x') AS m`)).toThrow(
      /^line 1, column 8: this machine's regular expressions are JavaScript's: Invalid regular expression: \/\(\?i\)x\//,
    );
  });
});

describe('SET (iot-sql-set)', () => {
  it.each([
    ['SET @a = 1, @a = 2 SELECT @a AS a', 'line 1, column 13: @a is set twice'],
    ['SELECT @a AS a', 'line 1, column 8: @a is not set before'],
    ['SET @a = @b, @b = 1 SELECT @a AS a', 'line 1, column 10: @b is not set before'],
    [`SET @${'a'.repeat(65)} = 1 SELECT *`, 'line 1, column 5: the name of a variable has at most 64 characters'],
    [
      `SET ${Array.from({ length: 11 }, (_, i) => `@v${i} = ${i}`).join()} SELECT *`,
      'line 1, column 85: a SET clause sets at most 10 variables',
    ],
  ])('%s', (sql, message) => {
    expect(() => parseStatement(sql)).toThrow(message);
  });

  it('wants SELECT behind it, and no second SET', () => {
    expect(() => parseStatement('SET @a = 1 SET @b = 2 SELECT *')).toThrow(/expected .*"SELECT".* but "S" found/);
    expect(() => parseStatement('SET @a = * SELECT *')).toThrow(/but "\*" found/);
  });

  it('holds 128 KiB at most', () => {
    const message = messageOf({ half: 'x'.repeat(70_000) });
    expect(select('SET @a = half SELECT length(@a) AS n', message)).toEqual({ n: 70_000 });
    expect(() => select('SET @a = half, @b = half SELECT 1 AS one', message)).toThrow(
      new SqlRuntimeError('the values of SET take more than 131072 bytes at @b'),
    );
  });
});

describe('transform', () => {
  it('returns 128 KiB at most', () => {
    const message = messageOf({
      attributes: { text: 'x'.repeat(1000) },
      values: Array.from({ length: 200 }, () => ({})),
    });
    const sql = `SELECT VALUE transform('enrichArray', attributes, values)`;
    expect(() => select(sql, message)).toThrow(/^transform returned \d+ bytes, 131072 are allowed$/);
  });
});
