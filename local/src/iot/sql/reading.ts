import type { SqlVersion } from './version.ts';

/**
 * What AWS does not document of its SQL, or documents twice and differently, and what could be otherwise than documented
 * with great harm to whoever builds on it.
 */
export const SQL_READINGS = {
  collision: {
    question: 'who wins when an alias of `SELECT *, x AS key` meets a root attribute of the payload',
    values: ['alias', 'payload'],
    source:
      'Not documented. Items are written into one object in their order, and the guide lets people stamp under names that payloads use themselves (`SELECT *, timestamp() AS timestamp`, IoT Developer Guide, iot-substitution-templates).',
  },
  binary: {
    question:
      'what `*` is beside other items, or under an alias, when the payload is not JSON: left out, or an SQL error',
    values: ['undefined', 'error'],
    source:
      'IoT Developer Guide, binary-payloads: it lists `SELECT *, principal() as principal, timestamp() as time` among the clauses for binary payloads, yet says in the sentence before that data can be added to an empty or a JSON payload. The list is read as meant.',
  },
  'payload-name': {
    question: 'what a name of the payload is where the payload is no JSON object',
    values: ['undefined', 'error'],
    source:
      'IoT Developer Guide, binary-payloads: a WHERE clause that names one is listed for binary payloads, and no result of it. Until September 2021 the page said that a statement over such a payload must not refer to JSON names.',
  },
  case: {
    question: 'whether CASE works over a comparison or a Boolean',
    values: ['works', 'error'],
    source:
      'IoT Developer Guide, iot-sql-case: "the expression v"; its example has a name alone. Public rules that were tested on AWS have Booleans (NordicSemiconductor/asset-tracker-cloud-aws-js, CellGeolocation; AVSystem/iot-examples).',
  },
  'and-or': {
    question:
      'what AND and OR give when one operand is Undefined: always Undefined, or a Boolean where the other one decides (three-valued)',
    values: ['undefined', 'three-valued'],
    source:
      'IoT Developer Guide, iot-sql-operators: Undefined, by the tables. One public rule whose tests ran on AWS has `true OR Undefined` as true (NordicSemiconductor/asset-tracker-cloud-aws-js).',
  },
  'not-undefined': {
    question: 'what NOT gives of Undefined',
    values: ['undefined', 'true'],
    source: 'IoT Developer Guide, iot-sql-operators: Undefined, by the table.',
  },
  'object-sum': {
    question: 'what an Object + an Int is: Undefined, text, or an SQL error',
    values: ['undefined', 'text', 'error'],
    source: 'IoT Developer Guide, iot-sql-operators, the table of +: "Other value" is Undefined.',
  },
  'get-other': {
    question: 'what `get` gives of a value that is no Array, String or Object: Undefined, or an SQL error',
    values: ['undefined', 'error'],
    source: 'IoT Developer Guide, iot-sql-functions, the table of get: "Other value" is Undefined.',
  },
  'decode-json': {
    question: 'what `decode` makes of a JSON object: an Object, or its text',
    values: ['object', 'text'],
    source: 'IoT Developer Guide, iot-sql-functions, decode: its example takes a field of what it decoded.',
  },
  'decode-bytes': {
    question: 'what `decode` makes of bytes that are no UTF-8: text with U+FFFD in their place, or Null',
    values: ['replaced', 'null'],
    source: 'Not documented. Replacing is what Java does when it makes a String of bytes.',
  },
  'encode-nothing': {
    question: "what `encode(*, 'base64')` gives of an empty payload: empty text, or Undefined",
    values: ['text', 'undefined'],
    source:
      'IoT Developer Guide, iot-sql-functions, encode: it encodes "the entire payload, regardless of whether it\'s in JSON format". No bytes are no characters.',
  },
} as const;

/** How statements and templates are read where that is open. */
export type Reading = {
  readonly [Name in keyof typeof SQL_READINGS]: (typeof SQL_READINGS)[Name]['values'][number];
} & {
  /** Of the statement or template; no reading, but what it is read by. @default '2016-03-23' */
  readonly version?: SqlVersion;
};

/** The likeliest. */
export const defaultReading = Object.fromEntries(
  Object.entries(SQL_READINGS).map(([name, { values }]) => [name, values[0]]),
) as unknown as Reading;
