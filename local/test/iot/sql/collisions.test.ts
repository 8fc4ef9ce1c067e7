import { describe, expect, it } from 'vitest';
import { defaultReading, evaluate, parseStatement } from '../../../src/iot/sql/index.ts';
import { messageOf, select } from './message.ts';

const aliasWins = { ...defaultReading, collision: 'alias' } as const;
const payloadWins = { ...defaultReading, collision: 'payload' } as const;

describe('an alias that meets a root attribute of the payload', () => {
  it.each([
    ['SELECT *, 1 AS x', { x: 2, y: 3 }, { x: 1, y: 3 }, { x: 2, y: 3 }],
    ['SELECT 1 AS x, *', { x: 2 }, { x: 1 }, { x: 2 }],
    ['SELECT *, missing AS x', { x: 2 }, {}, { x: 2 }],
    ['SELECT *, 1 AS x.a', { x: { b: 2 } }, { x: { a: 1 } }, { x: { b: 2 } }],
    ['SELECT *, y', { y: 1 }, { y: 1 }, { y: 1 }],
    ['SELECT *, 1 AS __proto__', '{"__proto__":2}', '{"__proto__":1}', '{"__proto__":2}'],
    ['SELECT (SELECT *, 1 AS x FROM e) AS e', { e: [{ x: 2 }] }, { e: [{ x: 1 }] }, { e: [{ x: 2 }] }],
  ])('%s over %j: %j or %j', (sql, payload, alias, kept) => {
    const parsed = (expected: unknown): unknown => (typeof expected === 'string' ? JSON.parse(expected) : expected);
    expect(select(sql, messageOf(payload), aliasWins)).toEqual(parsed(alias));
    expect(select(sql, messageOf(payload), payloadWins)).toEqual(parsed(kept));
    expect(select(sql, messageOf(payload))).toEqual(parsed(alias));
  });

  it('never writes into the payload', () => {
    const sql = 'SELECT *, a AS x, 1 AS x.y';
    expect(select(sql, messageOf({ a: { z: 2 } }))).toEqual({ a: { z: 2 }, x: { z: 2, y: 1 } });
  });
});

describe('keys that mean something to JavaScript', () => {
  it('are ordinary keys of objects that inherit nothing', () => {
    const result = evaluate(
      parseStatement('SELECT *, __proto__.a AS a, {"__proto__": 2} AS o, constructor AS c, toString AS s'),
      messageOf('{"__proto__":{"a":1}}'),
    );
    const output = result.matched ? (result.output as Record<string, object>) : {};
    expect(Object.keys(output)).toEqual(['__proto__', 'a', 'o']);
    for (const object of [output, output.__proto__ as object, output.o as object]) {
      expect(['toString', 'constructor', 'hasOwnProperty'].filter((key) => key in object)).toEqual([]);
    }
  });
});
