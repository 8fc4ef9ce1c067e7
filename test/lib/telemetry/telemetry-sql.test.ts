import { expect, test } from 'vitest';
import { rawTelemetrySql, telemetrySql, wholeTelemetrySql } from '../../../lib/telemetry/telemetry-sql.ts';

const BOTH = { stamps: ['received', 'full_topic'] as const };
const ADDED =
  "timestamp() AS received, topic() AS full_topic, topic(2) AS device, concat(timestamp(), '#', newuuid()) AS arrival " +
  "FROM 'rtjm/#'";
const CONDITION =
  'isUndefined(device) AND isUndefined(arrival) AND isUndefined(received) AND isUndefined(full_topic) AND ' +
  'isUndefined(raw) AND isUndefined(expires) AND ' +
  "NOT isUndefined(CASE startswith(decode(encode(*, 'base64'), 'base64'), '{') " +
  "AND isUndefined(decode(encode(*, 'base64'), 'base64') + 1) " +
  "AND NOT regexp_matches(decode(concat('eHh4', encode(*, 'base64')), 'base64'), decode('77+9', 'base64')) WHEN true THEN true END)";

test("a device's fields, the stamps and the keys, of JSON objects that use none of our names", () => {
  expect(telemetrySql('rtjm', BOTH)).toBe(`SELECT *, ${ADDED} WHERE ${CONDITION}`);
});

test('the second statement takes exactly what the first leaves, and no field from it', () => {
  expect(rawTelemetrySql('rtjm', BOTH)).toBe(`SELECT encode(*, 'base64') AS raw, ${ADDED} WHERE NOT (${CONDITION})`);
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

test('a retention adds when the row may go, in seconds', () => {
  for (const sql of [telemetrySql, rawTelemetrySql, wholeTelemetrySql]) {
    expect(sql('rtjm', { stamps: [], retention: 7_776_000 })).toContain(
      "AS arrival, floor(timestamp() / 1000) + 7776000 AS expires FROM 'rtjm/#'",
    );
  }
});
