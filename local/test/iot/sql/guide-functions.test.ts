import { describe, expect, it } from 'vitest';
import { SqlParseError } from '../../../src/iot/sql/index.ts';
import examples from './iot-sql-examples.json' with { type: 'json' };
import { valueOf } from './message.ts';

/** What we answer where the guide contradicts itself or is not literal, and why. */
const doubtful = new Map<string, { answer: unknown; why: string }>([
  ['accountid()', { answer: '123456789012', why: 'the account of the message' }],
  ['bitor(13, 5)', { answer: 13, why: 'the page shows bitor where it means bitxor; 13 or 5 is 13' }],
  ['bitnot(13)', { answer: -14, why: 'Ints have no fixed number of bits, so only the two-s complement fits the text' }],
  ['clientid()', { answer: 'kitchen-sensor', why: 'the publisher of the message' }],
  ['exp(1)', { answer: Math.E, why: 'e is a symbol on the page' }],
  ['get("abc", 1)', { answer: 'b', why: 'the text says 0-based, as the row above for Arrays shows' }],
  ['ln(e)', { answer: undefined, why: 'e is a symbol on the page and an absent attribute in a statement' }],
  ['newuuid()', { answer: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/), why: 'random' }],
  ['rand()', { answer: expect.closeTo(0.5, 0), why: 'random, from 0 to 1' }],
  ['timestamp()', { answer: 1481825251155, why: 'the time of the message' }],
  ['traceid()', { answer: '12345678-1234-1234-1234-123456789012', why: 'the trace of the message' }],
]);

/** Rows that hold for one topic. */
const topics = new Map([
  ['"things"', 'things/myThings/thingOne'],
  ['"things/myThings/thingOne"', 'things/myThings/thingOne'],
  ['"Buildings/Building5/Floor2/Room201/Lights"', 'Buildings/Building5/Floor2/Room201/Lights'],
  ['"Floor2"', 'Buildings/Building5/Floor2/Room201/Lights'],
]);

const refused = examples.examples.filter(({ expression }) => expression.startsWith('time_to_epoch'));
const doubts = examples.examples.filter((row) => row.doubt !== undefined);
const clear = examples.examples.filter((row) => row.doubt === undefined && !refused.includes(row));

describe('the examples of the guide, page iot-sql-functions', () => {
  it.each(clear)('$expression is $result', ({ expression, result }) => {
    // The page sets the spaces of lpad and rpad as no-break spaces, so that a browser shows them.
    const expected: unknown = result === 'Undefined' ? undefined : JSON.parse(result.replaceAll('\u00a0', ' '));
    const topic = topics.get(result);
    expect(valueOf(expression, {}, topic === undefined ? {} : { topic })).toEqual(expected);
  });

  it.each(doubts)('$expression, where the guide is in doubt: $doubt', ({ expression }) => {
    const ours = doubtful.get(expression);
    expect(ours, `an answer for ${expression}`).toBeDefined();
    expect(valueOf(expression)).toEqual(ours?.answer);
  });

  it.each(refused)('$expression is refused by name: no small library knows its patterns', ({ expression }) => {
    expect(() => valueOf(expression)).toThrow(SqlParseError);
    expect(() => valueOf(expression)).toThrow(/the function time_to_epoch is not supported here/);
  });

  it('counts every row once', () => {
    expect([clear.length, doubts.length, refused.length]).toEqual([83, 11, 3]);
  });
});
