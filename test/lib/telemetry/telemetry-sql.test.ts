import { expect, test } from 'vitest';
import { rawTelemetrySql, telemetrySql } from '../../../lib/telemetry/telemetry-sql.ts';

const ADDED =
  'topic() AS full_topic, timestamp() AS received, topic(2) AS device, ' +
  "concat(timestamp(), '#', newuuid()) AS arrival FROM 'rtjm/#'";
const GUARD = 'isUndefined(full_topic) AND isUndefined(received) AND isUndefined(device) AND isUndefined(arrival)';

test("a device's fields, the stamps and the keys; not when a field has the name of one of them", () => {
  expect(telemetrySql('rtjm')).toBe(`SELECT *, ${ADDED} WHERE ${GUARD}`);
});

test('the second statement takes exactly what the first leaves, and no field from it', () => {
  expect(rawTelemetrySql('rtjm')).toBe(`SELECT encode(*, 'base64') AS raw, ${ADDED} WHERE NOT (${GUARD})`);
});
