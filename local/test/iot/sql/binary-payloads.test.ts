import { describe, expect, it } from 'vitest';
import { defaultReading, SqlRuntimeError } from '../../../src/iot/sql/index.ts';
import { messageOf, select } from './message.ts';

/** Payloads that are not JSON to AWS IoT (iot-sql-where, binary-payloads), or to anybody. */
const notJson: [what: string, payload: Uint8Array][] = [
  ['bytes', new Uint8Array([0, 1, 254, 255])],
  ['a text', Buffer.from('21.5 degrees')],
  ['a bare number', Buffer.from('80')],
  ['a bare string', Buffer.from('"hello"')],
  ['true', Buffer.from('true')],
  ['null', Buffer.from('null')],
  ['NaN', Buffer.from('{"t":NaN}')],
  ['JSON cut short', Buffer.from('{"t":1')],
  ['JSON with a byte order mark', Buffer.from('\ufeff{"t":1}')],
  ['JSON in invalid UTF-8', Buffer.from([...Buffer.from('{"t":"'), 0xc3, 0x28, ...Buffer.from('"}')])],
  ['JSON nested 1001 deep', Buffer.from('['.repeat(1002) + ']'.repeat(1002))],
];

describe.each(notJson)('%s', (_what, payload) => {
  const message = messageOf(payload);

  it('is what SELECT * and SELECT VALUE * put out, byte by byte', () => {
    expect(select(`SELECT * FROM 'a'`, message)).toEqual(payload);
    expect(select('SELECT VALUE *', message)).toEqual(payload);
    expect(select(`SELECT * FROM 'a' WHERE timestamp() % 12 = 3`, message)).toEqual(payload);
  });

  it('has no attributes', () => {
    expect(select(`SELECT * FROM 'a' WHERE device_type = 'thermostat'`, message)).toBeUndefined();
    expect(select('SELECT t, topic(1) AS first', message)).toEqual({ first: 'rtjm' });
  });

  it('is encoded as it was sent', () => {
    const data = Buffer.from(payload).toString('base64');
    expect(select(`SELECT encode(*, 'base64') AS data, timestamp() AS ts`, message)).toEqual({
      data,
      ts: 1481825251155,
    });
  });

  it('is left out beside other items, or an SQL error', () => {
    const sql = 'SELECT *, topic() AS full_topic, timestamp() AS received';
    const stamps = { full_topic: 'rtjm/kitchen-sensor/telemetry', received: 1481825251155 };
    expect(select(sql, message)).toEqual(stamps);
    expect(() => select(sql, message, { ...defaultReading, binary: 'error' })).toThrow(SqlRuntimeError);
  });

  it('is left out under an alias, or an SQL error', () => {
    const sql = 'SELECT * AS message, topic(1) AS first';
    expect(select(sql, message)).toEqual({ first: 'rtjm' });
    expect(() => select(sql, message, { ...defaultReading, binary: 'error' })).toThrow(SqlRuntimeError);
  });
});

describe('an empty payload', () => {
  const message = messageOf('');

  it('takes data in either reading, as binary-payloads says', () => {
    for (const binary of ['undefined', 'error'] as const) {
      expect(select('SELECT *, topic(1) AS first', message, { ...defaultReading, binary })).toEqual({ first: 'rtjm' });
    }
  });

  it('is empty by itself', () => {
    expect(select('SELECT *', message)).toEqual(Buffer.alloc(0));
  });
});

describe('an array as payload, which the guide does not document', () => {
  const message = messageOf([1, { t: 2 }]);

  it('is JSON: it goes through, and through functions and nested queries', () => {
    expect(select('SELECT *', message)).toEqual([1, { t: 2 }]);
    expect(select('SELECT get(*, 1).t AS t, * AS all', message)).toEqual({ t: 2, all: [1, { t: 2 }] });
  });

  it('has no attributes and adds none beside other items', () => {
    expect(select('SELECT *, length AS l, topic(1) AS first', message)).toEqual({ first: 'rtjm' });
  });
});

describe('SELECT VALUE of Undefined', () => {
  it('is an empty string when serialized by itself (iot-sql-data-types)', () => {
    expect(select('SELECT VALUE missing', messageOf({}))).toEqual(new Uint8Array());
  });
});
