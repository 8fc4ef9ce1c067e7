import { expect, test } from 'vitest';
import { rawTelemetrySql, telemetrySql, wholeTelemetrySql } from '../../../lib/telemetry/telemetry-sql.ts';

const BOTH = { stamps: ['received', 'full_topic'] as const };
const MEASURED = 'CASE (age >= 0 AND age <= 604800000) WHEN true THEN timestamp() - floor(age) END AS measured, ';
const ADDED =
  "timestamp() AS received, topic() AS full_topic, topic(2) AS device, concat(timestamp(), '#', newuuid()) AS arrival " +
  "FROM 'rtjm/#'";
// Of each of these names: a number that no device uses, by which text shows itself, and all that are ours.
const FREE = ['00001', 'device', 'arrival', 'received', 'full_topic', 'measured', 'raw', 'expires']
  .map((name) => `isUndefined(get(decode(encode(*, 'base64'), 'base64'), '${name}'))`)
  .join(' AND ');
const TEXT = "decode(concat('eHh4', encode(*, 'base64')), 'base64')";
const COLUMNS =
  "CASE (regexp_matches(encode(*, 'base64'), '^e[w-z0-9+/][^=].*$') " +
  `AND replace(${TEXT}, decode('77+9', 'base64'), '') = ${TEXT} AND ${FREE}) WHEN true THEN true END`;

test("a device's fields, the stamps and the keys, of JSON objects that use none of our names", () => {
  expect(telemetrySql('rtjm', BOTH)).toBe(`SELECT *, ${ADDED} WHERE isUndefined(${COLUMNS}) = false`);
});

test('the second statement takes exactly what the first leaves, and no field from it', () => {
  expect(rawTelemetrySql('rtjm', BOTH)).toBe(
    `SELECT encode(*, 'base64') AS raw, ${ADDED} WHERE isUndefined(${COLUMNS})`,
  );
});

test('where there is one rule alone, it keeps everything whole', () => {
  expect(wholeTelemetrySql('rtjm', BOTH)).toBe(`SELECT encode(*, 'base64') AS raw, ${ADDED}`);
});

test.each([
  [[], ''],
  [['received'], 'timestamp() AS received, '],
  [['full_topic'], 'topic() AS full_topic, '],
  [['full_topic', 'received'], 'topic() AS full_topic, timestamp() AS received, '],
] as const)('the stamps %j are one line of configuration away', (stamps, added) => {
  const statements = [telemetrySql, rawTelemetrySql, wholeTelemetrySql].map((sql) => sql('rtjm', { stamps }));
  const items = statements.map((statement) => statement.slice(0, statement.indexOf(' FROM ')));
  const keys = "topic(2) AS device, concat(timestamp(), '#', newuuid()) AS arrival";
  expect(items).toEqual([
    `SELECT *, ${added}${keys}`,
    `SELECT encode(*, 'base64') AS raw, ${added}${keys}`,
    `SELECT encode(*, 'base64') AS raw, ${added}${keys}`,
  ]);
});

test("the time of measurement is the first statement's alone: no other names anything of the payload", () => {
  const all = { stamps: ['received', 'full_topic', 'measured'] as const };
  expect(telemetrySql('rtjm', all)).toBe(
    `SELECT *, ${ADDED.replace('topic(2)', `${MEASURED}topic(2)`)} WHERE isUndefined(${COLUMNS}) = false`,
  );
  expect(rawTelemetrySql('rtjm', all)).toBe(rawTelemetrySql('rtjm', BOTH));
  expect(wholeTelemetrySql('rtjm', all)).toBe(wholeTelemetrySql('rtjm', BOTH));
});

test('a retention adds when the row may go, in seconds', () => {
  for (const sql of [telemetrySql, rawTelemetrySql, wholeTelemetrySql]) {
    expect(sql('rtjm', { stamps: [], retention: 7_776_000 })).toContain(
      "AS arrival, floor(timestamp() / 1000) + 7776000 AS expires FROM 'rtjm/#'",
    );
  }
});

test('the first byte of a payload is "{", and another follows, exactly where its base64 says so', () => {
  const [, pattern = ''] = /regexp_matches\(encode\(\*, 'base64'\), '(.*?)'\)/.exec(telemetrySql('rtjm', BOTH)) ?? [];
  for (let first = 0; first < 256; first++) {
    for (let second = 0; second < 256; second++) {
      const base64 = Buffer.of(first, second).toString('base64');
      expect(new RegExp(pattern).test(base64)).toBe(first === 0x7b);
    }
  }
  expect(new RegExp(pattern).test(Buffer.from('{').toString('base64'))).toBe(false);
});
