import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OWN_COLUMNS } from '../../../lib/fleet/columns.ts';
import type { RowSettings } from '../../../lib/telemetry/telemetry-sql.ts';
import { rawTelemetrySql, telemetrySql, wholeTelemetrySql } from '../../../lib/telemetry/telemetry-sql.ts';
import {
  defaultReading,
  evaluate,
  jsonText,
  parseStatement,
  type Reading,
  type Statement,
} from '../../../local/src/iot/sql/index.ts';

// The statements in the rules engine of the local cloud, under both readings of what AWS leaves open, twice.

const READINGS: Reading[] = (['alias', 'payload'] as const).flatMap((collision) =>
  (['undefined', 'error'] as const).map((binary) => ({ ...defaultReading, collision, binary })),
);
const SETTINGS: RowSettings[] = [
  { stamps: ['received', 'full_topic'] },
  { stamps: ['received', 'full_topic'], retention: 86_400 },
  { stamps: [] },
];
const ARRIVED = 1_481_825_251_155;

type Row = Readonly<Record<string, unknown>>;

interface Rules {
  readonly settings: RowSettings;
  readonly columns: Statement;
  readonly raw: Statement;
  readonly whole: Statement;
}

const RULES = SETTINGS.map((settings): Rules => ({
  settings,
  columns: parseStatement(telemetrySql('rtjm', settings)),
  raw: parseStatement(rawTelemetrySql('rtjm', settings)),
  whole: parseStatement(wholeTelemetrySql('rtjm', settings)),
}));

/** The row that a statement makes of a payload, if it takes it. */
function rowOf(
  statement: Statement,
  payload: Uint8Array,
  reading: Reading,
  topic = 'rtjm/shed/telemetry',
): Row | undefined {
  const result = evaluate(
    statement,
    {
      topic,
      payload,
      clientId: 'shed',
      principal: undefined,
      accountId: '123456789012',
      timestamp: ARRIVED,
      traceId: '12345678-1234-1234-1234-123456789012',
    },
    reading,
  );
  if (!result.matched) return undefined;
  if (result.output instanceof Uint8Array) throw new Error('bytes instead of a row');
  return JSON.parse(jsonText(result.output)) as Row;
}

/** The columns that the broker fills in, which say the same whatever the payload is. */
function brokerColumns({ stamps, retention }: RowSettings): Row {
  return {
    device: 'shed',
    arrival: expect.stringMatching(/^1481825251155#[0-9a-f-]{36}$/),
    ...(stamps.includes('received') && { received: ARRIVED }),
    ...(stamps.includes('full_topic') && { full_topic: 'rtjm/shed/telemetry' }),
    ...(retention !== undefined && { expires: Math.floor(ARRIVED / 1_000) + retention }),
  };
}

const wholeRow = (payload: Uint8Array, settings: RowSettings): Row => ({
  ...brokerColumns(settings),
  raw: Buffer.from(payload).toString('base64'),
});

function expectWhole(payload: Uint8Array, { columns, raw, settings }: Rules, reading: Reading): void {
  expect(rowOf(columns, payload, reading)).toBeUndefined();
  expect(rowOf(raw, payload, reading)).toEqual(wholeRow(payload, settings));
}

function expectColumns(payload: Uint8Array, { columns, raw, settings }: Rules, reading: Reading): void {
  expect(rowOf(raw, payload, reading)).toBeUndefined();
  const fields = JSON.parse(Buffer.from(payload).toString()) as Row;
  expect(rowOf(columns, payload, reading)).toEqual({ ...fields, ...brokerColumns(settings) });
}

/** Whether a payload is a JSON object that uses none of our names, without a character that stands for a broken one. */
function isForColumns(payload: Uint8Array): boolean {
  try {
    const json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload);
    const value: unknown = JSON.parse(json);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    return !OWN_COLUMNS.some((name) => Object.hasOwn(value, name)) && !json.includes('\u{fffd}');
  } catch {
    return false;
  }
}

const text = (json: string): Uint8Array => Buffer.from(json);

const WHOLE_ALWAYS: [string, Uint8Array][] = [
  ['a number', text('21.5')],
  ['a number of a thousand digits', text('9'.repeat(1_000))],
  ['a number past every limit', text('1e99999')],
  ['NaN', text('NaN')],
  ['a string', text('"{}"')],
  ['a string that begins like an object', text('"{"')],
  ['true', text('true')],
  ['null', text('null')],
  ['an array', text('[{"a":1}]')],
  ['an empty array', text('[]')],
  ['nothing', text('')],
  ['white space', text(' \n')],
  ['text', text('hello')],
  ['text that begins like an object', text('{hello')],
  ['an object and more', text('{} {}')],
  ['half an object', text('{"a":')],
  ['bytes', Uint8Array.of(0, 255, 1, 254)],
  ['invalid UTF-8 within an object', Buffer.concat([text('{"a":"'), Uint8Array.of(0xff), text('"}')])],
  ['half a character within an object', Buffer.concat([text('{"a":"'), Uint8Array.of(0xe2, 0x82), text('"}')])],
  ['invalid UTF-8 in a key', Buffer.concat([text('{"'), Uint8Array.of(0xc0, 0xaf), text('":1}')])],
  [
    'invalid UTF-8 in a field that another overwrites',
    Buffer.concat([text('{"a":"'), Uint8Array.of(0x80), text('","a":1}')]),
  ],
  ['U+FFFD', text('{"a":"\u{fffd}"}')],
  ['a byte order mark before an object', text('\u{feff}{"a":1}')],
  ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
  ['deeper nesting than a parser takes', text(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`)],
  ...OWN_COLUMNS.map((name): [string, Uint8Array] => [`the name ${name}`, text(`{"${name}":"mine"}`)]),
  ...OWN_COLUMNS.map((name): [string, Uint8Array] => [`the name ${name}, null`, text(`{"${name}":null}`)]),
  ['our name twice', text('{"device":1,"device":"garage"}')],
  ['our name, escaped', text('{"\\u0064evice":"garage"}')],
];

const COLUMNS_ALWAYS: [string, Uint8Array][] = [
  ['fields', text('{"temperature":21.5,"on":true,"name":"Küche 🌡","none":null}')],
  ['no field', text('{}')],
  ['white space around', text(' \r\n\t{"a" : 1}\n')],
  ['lines within strings, escaped', text('{"a":"x\\ny"}')],
  ['nesting', text(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`)],
  ['our names further down', text('{"a":{"device":"garage","received":1,"raw":"x"}}')],
  ['our names in another case', text('{"Device":"garage","RECEIVED":1}')],
  ['__proto__', text('{"__proto__":{"device":"garage"},"constructor":1}')],
  ['an empty key', text('{"":""}')],
  ['a key twice', text('{"a":1,"a":2}')],
  ['the largest payload', text(`{"a":"${'x'.repeat(128 * 1_024 - 8)}"}`)],
  ['the largest payload, longer when it is written anew', text(`{"a":[${'1e20,'.repeat(26_000)}1]}`)],
];

describe.each(READINGS)('read as %j, one of the two statements takes', (reading) => {
  test.each(WHOLE_ALWAYS)('%s: whole', (_, payload) => {
    for (const rules of RULES) expectWhole(payload, rules, reading);
  });

  test.each(COLUMNS_ALWAYS)('%s: a column a field', (_, payload) => {
    for (const rules of RULES) expectColumns(payload, rules, reading);
  });

  test('whatever a device sends', () => {
    fc.assert(
      fc.property(payloads(), fc.constantFrom(...RULES), (payload, rules) => {
        if (isForColumns(payload)) expectColumns(payload, rules, reading);
        else expectWhole(payload, rules, reading);
      }),
      { numRuns: 500 },
    );
  });

  test('everything, where there is one rule alone', () => {
    fc.assert(
      fc.property(payloads(), fc.constantFrom(...RULES), (payload, { whole, settings }) => {
        expect(rowOf(whole, payload, reading)).toEqual(wholeRow(payload, settings));
      }),
    );
  });
});

test('a topic without a device gives a row that DynamoDB refuses, for want of a key', () => {
  for (const reading of READINGS) {
    for (const { columns, raw } of RULES) {
      expect(rowOf(columns, text('{"a":1}'), reading, 'rtjm')).not.toHaveProperty('device');
      expect(rowOf(columns, text('{"a":1}'), reading, 'rtjm/')).toMatchObject({ device: '' });
      expect(rowOf(raw, text('7'), reading, 'rtjm/')).toMatchObject({ device: '' });
    }
  }
});

test('ten thousand messages of one device in one millisecond have as many keys', () => {
  for (const { columns, raw } of RULES) {
    const arrivals = Array.from({ length: 5_000 }, () => [
      rowOf(columns, text('{"a":1}'), READINGS[0] as Reading)?.arrival,
      rowOf(raw, text('7'), READINGS[0] as Reading)?.arrival,
    ]).flat();
    for (const arrival of arrivals) expect(arrival).toMatch(/^1481825251155#/);
    expect(new Set(arrivals).size).toBe(10_000);
  }
});

/** JSON with our names in it, any JSON, objects with a byte changed, text, bytes. */
function payloads(): fc.Arbitrary<Uint8Array> {
  const key = fc.oneof(fc.constantFrom(...OWN_COLUMNS, '__proto__', 'toString', '', 'temperature'), fc.string());
  // Numbers that a double keeps: what JSON.parse makes of the row is compared with what it makes of the payload.
  const value = fc.jsonValue({ maxDepth: 3, noUnicodeString: false });
  const objects = fc
    .array(fc.tuple(key, value), { maxLength: 4 })
    .map((entries) => `{${entries.map(([name, field]) => `${JSON.stringify(name)}:${JSON.stringify(field)}`).join()}}`);
  const json = fc.oneof(
    objects,
    value.map((any) => JSON.stringify(any)),
  );
  const damaged = fc.tuple(objects, fc.nat(), fc.nat(255)).map(([object, at, byte]) => {
    const bytes = Buffer.from(object);
    bytes[at % bytes.length] = byte;
    return bytes;
  });
  const written = fc.oneof(json, fc.json(), fc.string({ unit: 'binary' })).map(text);
  return fc.oneof(written, damaged, fc.uint8Array());
}
