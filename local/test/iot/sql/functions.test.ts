import { describe, expect, it } from 'vitest';
import { valueOf } from './message.ts';

/** What the tables and texts of iot-sql-functions say beyond the examples there. */
const payload = { null: null, list: ['x', 1, null], map: { a: 1 }, text: 'kitchen', digits: '1'.repeat(100_000) };
const n = `get(*, 'null')`;

type Row = readonly [expression: string, value: unknown];
const functions: Record<string, Row[]> = {
  math: [
    [`abs('-5.123')`, 5.123],
    ['abs(-0.1234567890123456789)', 0.12345678901234568],
    ['abs(true)', undefined],
    [`abs(${n})`, undefined],
    ['acos(2)', undefined],
    ['sqrt(-1)', undefined],
    ['ln(0)', undefined],
    [`sin('x')`, undefined],
    ['bitxor(13, 5)', 8],
    [`bitand('13.9', 5.2)`, 5],
    ['bitor(1, list)', undefined],
    ['bitnot(1E9999)', undefined],
    [`ceil('1.2')`, 2],
    ['floor(list)', undefined],
    ['round(1.5)', 2],
    ['Round(-1.5)', -2],
    ['round(-1.1)', -1],
    ['round(0.49999999999999999999)', 0],
    ['floor(-0.00000000000000000001)', -1],
    ['mod(-8, 3)', -2],
    ['Nanvl(8, 3)', 8],
    ['nanvl(missing, 3)', 3],
    [`nanvl(${n}, 3)`, 3],
    [`nanvl('x', 3)`, 'x'],
    ['power(10, 400)', undefined],
    [`sign('-0.5')`, -1],
    ['trunc(2.888, 1.9)', 2.8],
    ['trunc(-2.888, -5)', -2],
    [`trunc(0.12345678901234567890123456789, 20) = 0.1234567890123456789`, true],
    ['trunc(1E-50, 34)', 0],
  ],
  strings: [
    ['chr(200)', undefined],
    [`chr('65.9')`, 'A'],
    [`concat(1, 2)`, undefined],
    [`concat('a', missing)`, undefined],
    [`concat(list, missing, 2)`, ['x', 1, null, 2]],
    [`concat(true, '-', map)`, 'true-{"a":1}'],
    [`endswith(text, 'n')`, true],
    [`startswith(123, 12)`, true],
    [`startswith(${n}, 'x')`, undefined],
    [`indexof(text, 'q')`, -1],
    [`length(missing)`, undefined],
    [`Ltrim(' \t h i ')`, 'h i '],
    [`Trim(' hi ')`, 'hi'],
    [`length(lpad('', 5000))`, 1000],
    [`rpad('x', -1)`, 'x'],
    [`lpad('x', 'y')`, undefined],
    [`replace('a.a', '.', '$&')`, 'a$&a'],
    [`substring(text, 'x')`, undefined],
    [`substring(text, 2, 99)`, 'tchen'],
  ],
  'regular expressions': [
    [`regexp_matches(text, '^kit')`, true],
    [`regexp_matches(text, list)`, true],
    [`regexp_matches('(', map.b)`, undefined],
    ['regexp_matches(text, digits)', undefined],
    [`regexp_replace(text, digits, '')`, undefined],
    [`regexp_matches(text, concat('(', ''))`, undefined],
    [`regexp_replace(topic(), "^[^/]*/", "")`, 'kitchen-sensor/telemetry'],
    [`regexp_replace('a-b-c', '(-)', '[$1]')`, 'a[-]b[-]c'],
    [`regexp_replace('a-b', '-', '\\$1')`, 'a$1b'],
    [`regexp_replace('a-b', '-', '$&')`, undefined],
    [`regexp_replace('a-b', '-', '$2')`, undefined],
    [`regexp_replace('ab', '(?<first>a)', '\${first}\${first}')`, 'aab'],
    [`regexp_replace('ab', 'a', '\${constructor}')`, undefined],
    [`regexp_substr(text, 'z')`, undefined],
  ],
  'hashes (RFC 1319, RFC 6234)': [
    [`md2('')`, '8350e5a3e24c153df2275c9f80692773'],
    [`md2('abc')`, 'da853b0d3f88d99b30283a69e6ded6bb'],
    [`md2('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789')`, 'da33def2a42df13975352846c30338cd'],
    [`sha1('abc')`, 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    [`sha224('abc')`, '23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7'],
    [`sha256('abc')`, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [`substring(sha384('abc'), 0, 16)`, 'cb00753f45a35e8b'],
    [`substring(sha512('abc'), 0, 16)`, 'ddaf35a193617aba'],
    [`md5(12) = md5('12')`, true],
    [`md5(missing)`, undefined],
  ],
  'encode and decode': [
    [`encode(text, 'base64')`, 'a2l0Y2hlbg=='],
    [`encode(1 + 2, 'base64')`, 'Mw=='],
    [`encode(missing, 'base64')`, undefined],
    [`decode('eyAidGVtcGVyYXR1cmUiOiAzMyB9Cg==', "base64").temperature`, 33],
    [`decode('a2l0Y2hlbg', 'base64')`, 'kitchen'],
    [`decode('no base64!', 'base64')`, null],
  ],
  collections: [
    ['get(list, 0)', 'x'],
    ['get(list, 3)', undefined],
    ['get(list, -1)', undefined],
    [`get(list, '1.9')`, 1],
    ['get(list, 0.6)', 1],
    [`get(text, 0)`, 'k'],
    [`get(map, 'toString')`, undefined],
    ['get(map, 1)', undefined],
    ['get(5, 1)', undefined],
    ["get_or_default(missing, 'x')", 'x'],
    [`get_or_default(${n}, 'x')`, 'x'],
    ['get_or_default(missing)', undefined],
    ['get_or_default(map.a, 2)', 1],
    ['get_or_default(1 = 2, 2)', false],
    [`isNull(${n})`, true],
    ['isNull(missing)', false],
    ['isUndefined(floor([1,2,3]))', true],
    [`IsUndefined(${n})`, false],
    [`transform('other', map, [map])`, undefined],
    [`transform('enrichArray', map, list)`, undefined],
    [`transform('enrichArray', 1, [map])`, undefined],
  ],
  'the message': [
    ['topic(0)', undefined],
    ['topic(4)', undefined],
    ['topic(2.9)', 'kitchen-sensor'],
    [`topic('1')`, 'rtjm'],
    ['topic(missing)', undefined],
    ['principal()', 'ba67293af50bf2506f5f93469686da660c7c844e7b3950bfb16813e0d31e9373'],
  ],
};

describe.each(Object.entries(functions))('%s', (_group, rows) => {
  it.each(rows)('%s is %j', (expression, value) => {
    expect(valueOf(expression, payload)).toEqual(value);
  });
});

describe('a message that did not come over MQTT', () => {
  it.each([
    ['clientid()', 'n/a'],
    ['traceid()', undefined],
    ['principal()', undefined],
  ])('%s is %j', (expression, value) => {
    expect(valueOf(expression, {}, { clientId: undefined, principal: undefined })).toBe(value);
  });
});

describe('a topic whose last segment is empty', () => {
  it('has an empty segment there, and none behind', () => {
    expect(valueOf('[topic(1), topic(2)]', {}, { topic: 'rtjm/' })).toEqual(['rtjm', '']);
    expect(valueOf('topic(2)', {}, { topic: 'rtjm' })).toBeUndefined();
  });
});
