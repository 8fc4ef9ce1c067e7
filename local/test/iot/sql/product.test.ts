import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, parseStatement, SqlRuntimeError, type Json, type Reading } from '../../../src/iot/sql/index.ts';
import { messageOf, select } from './message.ts';

/** The two statements of esp-fleet's rules: what becomes a row, and what a payload tries to stamp by itself. */
const unstamped = `isUndefined(full_topic) AND isUndefined(received) AND isUndefined(device) AND isUndefined(arrival)`;
const stamps = `topic() AS full_topic, timestamp() AS received, topic(2) AS device, concat(timestamp(), '#', newuuid()) AS arrival`;
const row = parseStatement(`SELECT *, ${stamps} FROM 'rtjm/#' WHERE ${unstamped}`);
const raw = parseStatement(`SELECT encode(*, 'base64') AS raw, ${stamps} FROM 'rtjm/#' WHERE NOT (${unstamped})`);

const readings: Reading[] = (['alias', 'payload'] as const).flatMap((collision) =>
  (['undefined', 'error'] as const).map((binary) => ({ collision, binary })),
);
const stamped = ['full_topic', 'received', 'device', 'arrival'];

describe('the statements of the product', () => {
  it('stamp a message', () => {
    const result = evaluate(row, messageOf({ temperature: 21.5 }));
    expect(row.topicFilter).toBe('rtjm/#');
    expect(result).toMatchObject({
      matched: true,
      output: {
        temperature: 21.5,
        full_topic: 'rtjm/kitchen-sensor/telemetry',
        received: 1481825251155,
        device: 'kitchen-sensor',
        arrival: expect.stringMatching(/^1481825251155#[0-9a-f-]{36}$/) as string,
      },
    });
  });

  it('keep a payload that brings its own stamp, encoded', () => {
    const message = messageOf({ temperature: 21.5, device: 'shed' });
    expect(evaluate(row, message)).toEqual({ matched: false });
    expect(evaluate(raw, message)).toMatchObject({
      matched: true,
      output: { raw: message.payload && Buffer.from(message.payload).toString('base64'), device: 'kitchen-sensor' },
    });
  });

  const scalar = fc.oneof(
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  );
  const spoof = fc
    .dictionary(fc.constantFrom(...stamped, '__proto__', 'temperature', ''), scalar)
    .map((o) => JSON.stringify(o));
  const payloads = fc.oneof(spoof, fc.json(), fc.string()).map((text) => Buffer.from(text));
  const anyPayload = fc.oneof(payloads, fc.uint8Array());
  const topics = fc.constantFrom('rtjm', 'rtjm/', 'rtjm/kitchen-sensor', 'rtjm/shed/telemetry/a/b', '');

  it('never let a payload choose a stamp, in any reading', () => {
    fc.assert(
      fc.property(anyPayload, topics, fc.constantFrom(...readings), (payload, topic, reading) => {
        const message = messageOf(payload, { topic });
        for (const statement of [row, raw]) {
          try {
            const result = evaluate(statement, message, reading);
            if (!result.matched) continue;
            const output = result.output as Record<string, Json>;
            expect(output.full_topic).toBe(topic);
            expect(output.received).toBe(message.timestamp);
            expect(output.device).toBe(topic.split('/')[1]);
            expect(output.arrival).toMatch(/^1481825251155#[0-9a-f-]{36}$/);
          } catch (error) {
            if (!(error instanceof SqlRuntimeError)) throw error;
            expect(reading.binary).toBe('error');
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('share every message between them: exactly one of the two matches', () => {
    fc.assert(
      fc.property(anyPayload, (payload) => {
        const message = messageOf(payload);
        expect(evaluate(row, message).matched).not.toBe(evaluate(raw, message).matched);
      }),
    );
  });
});

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
