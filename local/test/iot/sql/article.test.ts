import { describe, expect, it } from 'vitest';
import { messageOf, select } from './message.ts';

// What esp-fleet deploys itself is tried with this engine in test/lib/telemetry/rows.test.ts.
describe('the statements of the article', () => {
  const message = messageOf({ temperature: 21.5 });
  it.each([
    [`SELECT * FROM 'rtjm/#'`, { temperature: 21.5 }],
    [`SELECT *, timestamp() AS received FROM 'rtjm/#'`, { temperature: 21.5, received: 1481825251155 }],
    [
      `SELECT *, topic() AS full_topic, timestamp() AS received FROM 'rtjm/#'`,
      { temperature: 21.5, full_topic: 'rtjm/kitchen-sensor/telemetry', received: 1481825251155 },
    ],
  ])('%s', (sql, selected) => {
    expect(select(sql, message)).toEqual(selected);
  });
});
