import { describe, expect, it } from 'vitest';
import { defaultReading } from '../../../src/iot/sql/index.ts';
import { messageOf, select } from './message.ts';

/** Of statements one after the other, as the rules of a message are evaluated. */
const decoded = "decode(encode(*, 'base64'), 'base64')";

describe('what the statements of a message have in common', () => {
  it('is that of each message', () => {
    const [first, second] = ['one', 'two'].map((text) => select(`SELECT ${decoded} AS text`, messageOf(text)));
    expect([first, second]).toEqual([{ text: 'one' }, { text: 'two' }]);
  });

  it('is that of each reading', () => {
    const message = messageOf(Uint8Array.of(0xff));
    const texts = (['replaced', 'null'] as const).map((bytes) =>
      select(`SELECT ${decoded} AS text`, message, { ...defaultReading, 'decode-bytes': bytes }),
    );
    expect(texts).toEqual([{ text: '\ufffd' }, { text: null }]);
  });

  it('is that of each element in a nested query', () => {
    const message = messageOf({ items: [{ text: 'b25l' }, { text: 'dHdv' }], text: 'dGhyZWU=' });
    const text = "decode(text, 'base64')";
    const sql = `SELECT ${text} AS own, (SELECT VALUE ${text} FROM items) AS texts, CASE text WHEN 'b25l' THEN 1 END AS no`;
    expect(select(sql, message)).toEqual({ own: 'three', texts: ['one', 'two'] });
    const cases = "SELECT (SELECT VALUE CASE text WHEN 'b25l' THEN 1 ELSE 2 END FROM items) AS cases";
    expect(select(cases, message)).toEqual({ cases: [1, 2] });
  });

  it('is no variable, which each statement sets for itself', () => {
    const message = messageOf({});
    const texts = ['b25l', 'dHdv'].map((text) =>
      select(`SET @a = '${text}' SELECT decode(@a, 'base64') AS text`, message),
    );
    expect(texts).toEqual([{ text: 'one' }, { text: 'two' }]);
  });

  it('is nothing random', () => {
    const random = [
      "decode(concat('eHh4', substring(newuuid(), 0, 8)), 'base64')",
      'CASE true WHEN true THEN rand() END',
    ];
    for (const expression of random) {
      const { a, b } = select(`SELECT ${expression} AS a, ${expression} AS b`, messageOf({})) as {
        a: unknown;
        b: unknown;
      };
      expect(a).toBeDefined();
      expect(a).not.toEqual(b);
    }
  });
});
