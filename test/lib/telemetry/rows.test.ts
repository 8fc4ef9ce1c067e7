import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OWN_COLUMNS, TEXT_INDEX } from '../../../lib/fleet/columns.ts';
import type { RowSettings } from '../../../lib/telemetry/telemetry-sql.ts';
import { rawTelemetrySql, telemetrySql, wholeTelemetrySql } from '../../../lib/telemetry/telemetry-sql.ts';
import {
  defaultReading,
  evaluate,
  jsonText,
  parseStatement,
  type Reading,
  type Selected,
  SQL_READINGS,
  SqlRuntimeError,
  type Statement,
} from '../../../local/src/iot/sql/index.ts';
import { anyCharacter } from '../any-character.ts';

// The statements in the rules engine of the local cloud, under the readings of what AWS leaves open.

type Choice = readonly [name: keyof Reading, value: string];
const CHOICES: readonly Choice[] = Object.entries(SQL_READINGS).flatMap(([name, { values }]) =>
  values.map((value) => [name as keyof Reading, value] as const),
);

/** The reading that documents and reports make likeliest, and each that differs from it in one thing. */
const READINGS: Reading[] = [
  defaultReading,
  ...CHOICES.filter(([name, value]) => defaultReading[name] !== value).map(([name, value]) => ({
    ...defaultReading,
    [name]: value,
  })),
];

/** Any of them, in whatever combination. */
const anyReading = fc.record(
  Object.fromEntries(Object.entries(SQL_READINGS).map(([name, { values }]) => [name, fc.constantFrom(...values)])),
) as unknown as fc.Arbitrary<Reading>;
const SETTINGS: RowSettings[] = [
  { stamps: ['received', 'full_topic', 'measured'] },
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

/** What becomes of a payload by a statement: its row, undefined where it is left to another, or lost for an SQL error. */
function rowOf(
  statement: Statement,
  payload: Uint8Array,
  reading: Reading,
  topic = 'rtjm/shed/telemetry',
): Row | 'lost' | undefined {
  const result = selected(
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
  if (result === 'lost') return result;
  if (!result.matched) return undefined;
  if (result.output instanceof Uint8Array) throw new Error('bytes instead of a row');
  return JSON.parse(jsonText(result.output)) as Row;
}

function selected(...args: Parameters<typeof evaluate>): Selected | 'lost' {
  try {
    return evaluate(...args);
  } catch (error) {
    if (error instanceof SqlRuntimeError) return 'lost';
    throw error;
  }
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

/** By arithmetic: what is an age, in milliseconds, of a week at the most, is taken from the time of arrival. */
function measuredColumn(fields: Row, { stamps }: RowSettings): Row {
  const age = Object.hasOwn(fields, 'age') ? fields.age : undefined;
  const isNumber = typeof age === 'number' || (typeof age === 'string' && /^-?\d+(\.\d+)?(E-?\d+)?$/i.test(age));
  const isSane = isNumber && Number(age) >= 0 && Number(age) <= 7 * 24 * 3_600_000;
  return stamps.includes('measured') && isSane ? { measured: ARRIVED - Math.floor(Number(age)) } : {};
}

function wholeRow(payload: Uint8Array, settings: RowSettings, reading: Reading): Row {
  const raw = Buffer.from(payload).toString('base64');
  const isLeftOut = raw === '' && reading['encode-nothing'] === 'undefined';
  return { ...brokerColumns(settings), ...(!isLeftOut && { raw }) };
}

/** Exactly one row of the payload, or the loss that lib/telemetry/telemetry-sql.ts tells of for that reading. */
function expectOne(payload: Uint8Array, { columns, raw, settings }: Rules, reading: Reading): void {
  const found = [rowOf(columns, payload, reading), rowOf(raw, payload, reading)];
  if (isLost(payload, reading)) expect(found).toEqual(['lost', 'lost']);
  else if (reading['decode-json'] === 'text' || !isForColumns(payload))
    expect(found).toEqual([undefined, wholeRow(payload, settings, reading)]);
  else {
    const fields = JSON.parse(Buffer.from(payload).toString()) as Row;
    expect(found).toEqual([{ ...fields, ...brokerColumns(settings), ...measuredColumn(fields, settings) }, undefined]);
  }
}

/** The lines of the table in lib/telemetry/telemetry-sql.ts that tell of losses. */
function isLost(payload: Uint8Array, reading: Reading): boolean {
  if (reading.case === 'error') return true;
  if (reading['get-other'] === 'undefined') return false;
  const json = jsonIn(payload);
  if (json === undefined) {
    const isNothing = payload.length === 0 && reading['encode-nothing'] === 'undefined';
    return isNothing || (!isUtf8(payload) && reading['decode-bytes'] === 'null');
  }
  return typeof json === 'number' || typeof json === 'boolean' || json === null;
}

/** The JSON value that a payload is; undefined for what is none. */
function jsonIn(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload)) as unknown;
  } catch {
    return undefined;
  }
}

/** Whether a payload is a JSON object that uses none of our names, without a character that stands for a broken one. */
function isForColumns(payload: Uint8Array): boolean {
  const value = jsonIn(payload);
  if (payload[0] !== 0x7b || typeof value !== 'object' || value === null || isTooDeep(payload)) return false;
  if ([TEXT_INDEX, ...OWN_COLUMNS].some((name) => Object.hasOwn(value, name))) return false;
  return !Buffer.from(payload).toString().includes('\u{fffd}');
}

/** Node's JSON.parse knows no limit; the engine has one, as AWS must. */
const isTooDeep = (payload: Uint8Array): boolean => Buffer.from(payload).toString().startsWith('{"a":'.repeat(1_001));

const text = (json: string): Uint8Array => Buffer.from(json);

const WHOLE: [string, Uint8Array][] = [
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
  ['the number that text shows itself by', text('{"00001":"{"}')],
  ['white space before an object', text(' {"a":1}')],
  ['a brace', text('{')],
  ['text of one character', text('x')],
  ['false', text('false')],
  ['text with a number for a name', text('{00001}')],
];

const COLUMNS: [string, Uint8Array][] = [
  ['fields', text('{"temperature":21.5,"on":true,"name":"Küche 🌡","none":null}')],
  ['no field', text('{}')],
  ['white space around values and behind', text('{ "a" : 1\r\n}\t \n')],
  ['lines within strings, escaped', text('{"a":"x\\ny"}')],
  ['nesting', text(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`)],
  ['our names further down', text('{"a":{"device":"garage","received":1,"raw":"x"}}')],
  ['our names in another case', text('{"Device":"garage","RECEIVED":1}')],
  ['__proto__', text('{"__proto__":{"device":"garage"},"constructor":1}')],
  ['an empty key', text('{"":""}')],
  ...['0', '1500', '1500.7', '604800000', '604800000.5', '604800001', '-1', '-0.5', '1e3'].map(
    (age): [string, Uint8Array] => [`the age ${age}`, text(`{"t":1,"age":${age}}`)],
  ),
  ...['"1500"', '"1e3"', '"1500 ms"', '""', 'null', 'true', '[1]', '[]', '{}', '{"a":1}'].map(
    (age): [string, Uint8Array] => [`the age ${age}`, text(`{"age":${age}}`)],
  ),
  ['an age twice', text('{"age":1,"age":"x"}')],
  ['an age further down', text('{"a":{"age":1}}')],
  ['a key twice', text('{"a":1,"a":2}')],
  ['the largest payload', text(`{"a":"${'x'.repeat(128 * 1_024 - 8)}"}`)],
  ['the largest payload, longer when it is written anew', text(`{"a":[${'1e20,'.repeat(26_000)}1]}`)],
];

const PAYLOADS = [...WHOLE, ...COLUMNS];

describe('as AWS is read by default', () => {
  test.each(WHOLE)('%s: whole', (_, payload) => {
    expect(isForColumns(payload)).toBe(false);
    for (const rules of RULES) expectOne(payload, rules, defaultReading);
  });

  test.each(COLUMNS)('%s: a column a field', (_, payload) => {
    expect(isForColumns(payload)).toBe(true);
    for (const rules of RULES) expectOne(payload, rules, defaultReading);
  });
});

describe('under every reading, one of the two statements takes', () => {
  test.each(READINGS.map((reading) => [differences(reading), reading] as const))('%s: each payload', (_, reading) => {
    for (const [, payload] of PAYLOADS) expectOne(payload, RULES[0] as Rules, reading);
  });

  test('whatever a device sends, however much is otherwise at once', () => {
    fc.assert(
      fc.property(payloads(), fc.constantFrom(...RULES), anyReading, (payload, rules, reading) =>
        expectOne(payload, rules, reading),
      ),
      { numRuns: 3_000 },
    );
  });
});

test('where there is one rule alone, it takes everything under every reading', () => {
  fc.assert(
    fc.property(payloads(), fc.constantFrom(...RULES), anyReading, (payload, { whole, settings }, reading) => {
      expect(rowOf(whole, payload, reading)).toEqual(wholeRow(payload, settings, reading));
    }),
    { numRuns: 500 },
  );
});

/** In what a reading is not the likeliest one. */
function differences(reading: Reading): string {
  const names = Object.keys(reading) as (keyof Reading)[];
  const others = names.filter((name) => reading[name] !== defaultReading[name]);
  return others.map((name) => `${name}=${reading[name]}`).join() || 'as by default';
}

test('no statement names anything of the payload, which may be no JSON object, but where it is one', () => {
  for (const { columns, raw, whole, settings } of RULES) {
    const { selection, ...rest } = columns;
    expect(JSON.stringify([rest, raw, whole])).not.toContain('"kind":"attribute"');
    const names = [...JSON.stringify(selection).matchAll(/"kind":"attribute","name":"(.*?)"/g)].map(([, name]) => name);
    expect([...new Set(names)]).toEqual(settings.stamps.includes('measured') ? ['age'] : []);
  }
});

test('a topic without a device gives a row that DynamoDB refuses, for want of a key', () => {
  for (const reading of READINGS.filter((each) => each.case === 'works' && each['decode-json'] === 'object')) {
    for (const { columns, raw } of RULES.filter(() => reading['get-other'] === 'undefined')) {
      expect(rowOf(columns, text('{"a":1}'), reading, 'rtjm')).not.toHaveProperty('device');
      expect(rowOf(columns, text('{"a":1}'), reading, 'rtjm/')).toMatchObject({ device: '' });
      expect(rowOf(raw, text('7'), reading, 'rtjm/')).toMatchObject({ device: '' });
    }
  }
});

test('ten thousand messages of one device in one millisecond have as many keys', () => {
  for (const { columns, raw } of RULES) {
    const arrivals = Array.from({ length: 5_000 }, () => [arrivalOf(columns, '{"a":1}'), arrivalOf(raw, '7')]).flat();
    expect(arrivals.filter((arrival) => !/^1481825251155#/.test(String(arrival)))).toEqual([]);
    expect(new Set(arrivals).size).toBe(10_000);
  }
});

function arrivalOf(statement: Statement, payload: string): unknown {
  return (rowOf(statement, text(payload), defaultReading) as Row).arrival;
}

/** JSON with our names in it, any JSON, objects with a byte changed, text, bytes. */
function payloads(): fc.Arbitrary<Uint8Array> {
  const key = fc.oneof(
    fc.constantFrom(...OWN_COLUMNS, TEXT_INDEX, '__proto__', 'toString', '', 'age', 'temperature'),
    fc.string(),
  );
  // Numbers that a double keeps: what JSON.parse makes of the row is compared with what it makes of the payload.
  const value = fc.jsonValue({ maxDepth: 3, stringUnit: anyCharacter });
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
  const written = fc.oneof(json, fc.json(), fc.string({ unit: anyCharacter })).map(text);
  return fc.oneof(written, damaged, fc.uint8Array());
}
