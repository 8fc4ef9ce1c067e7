import type { Question } from './probe.ts';

/** A rule for questions. */
export interface ProbeRule {
  /** Names the rule and its topic. */
  readonly id: string;
  /** What stands behind SELECT; the answer is called v. */
  readonly select: string;
  readonly where?: string;
}

/** A rule of its own, and the one message that it gets. */
export interface Expression extends ProbeRule, Question {
  readonly payload: string;
  /** Straight to the rule, past the broker. */
  readonly basicIngest?: true;
}

/** When nothing comes of a message: WHERE leaves it, or the statement has failed, which no error action sees. */
export const SILENCE = 'silence';
/** When something comes, and v is not in it. */
export const ABSENT = 'absent';

const OBJECT = '{"a":1}';
const B64 = "encode(*, 'base64')";

/** The SQL of topic rules: what the statements of the product stand on (lib/telemetry/telemetry-sql.ts). */
export const EXPRESSIONS: readonly Expression[] = [
  {
    id: 'payload_name',
    question: 'a name of the payload where that is no JSON is Undefined',
    select: 'isUndefined(nothing) AS v',
    payload: 'hello',
    assumed: 'true',
    open: { reading: 'payload-name', answers: { true: 'undefined', [SILENCE]: 'error' } },
  },
  {
    id: 'binary',
    question: '* beside other items is left out where the payload is no JSON',
    select: "*, 'there' AS v",
    payload: 'hello',
    assumed: '"there"',
    open: { reading: 'binary', answers: { '"there"': 'undefined', [SILENCE]: 'error' } },
  },
  {
    id: 'collision',
    question: 'an alias wins over an attribute of the payload that has its name',
    select: "*, 'alias' AS v",
    payload: '{"v":"payload"}',
    assumed: '"alias"',
    open: { reading: 'collision', answers: { '"alias"': 'alias', '"payload"': 'payload' } },
  },
  {
    id: 'case_comparison',
    question: 'CASE takes a comparison',
    select: "CASE (1 = 1) WHEN true THEN 'works' END AS v",
    payload: OBJECT,
    assumed: '"works"',
    open: { reading: 'case', answers: { '"works"': 'works', [SILENCE]: 'error' } },
  },
  {
    id: 'true_or_undefined',
    question: 'true OR Undefined is Undefined',
    select: 'isUndefined((1 = 1) OR nothing) AS v',
    payload: OBJECT,
    assumed: 'true',
    open: { reading: 'and-or', answers: { true: 'undefined', false: 'three-valued' } },
  },
  {
    id: 'false_and_undefined',
    question: 'false AND Undefined is Undefined',
    select: 'isUndefined((1 = 2) AND nothing) AS v',
    payload: OBJECT,
    assumed: 'true',
    open: { reading: 'and-or', answers: { true: 'undefined', false: 'three-valued' } },
  },
  {
    id: 'not_undefined',
    question: 'NOT Undefined is Undefined',
    select: 'isUndefined(NOT nothing) AS v',
    payload: OBJECT,
    assumed: 'true',
    open: { reading: 'not-undefined', answers: { true: 'undefined', false: 'true' } },
  },
  {
    id: 'object_sum',
    question: 'an Object + 1 is Undefined',
    select: 'isUndefined(o + 1) AS v',
    payload: '{"o":{"a":1}}',
    assumed: 'true',
    open: { reading: 'object-sum', answers: { true: 'undefined', false: 'text', [SILENCE]: 'error' } },
  },
  {
    id: 'get_of_number',
    question: 'get of a number is Undefined',
    select: "isUndefined(get(n, 'a')) AS v",
    payload: '{"n":5}',
    assumed: 'true',
    open: { reading: 'get-other', answers: { true: 'undefined', [SILENCE]: 'error' } },
  },
  {
    id: 'decode_json',
    question: 'decode makes an Object of a JSON object',
    select: `isUndefined(get(decode(${B64}, 'base64'), 'a')) AS v`,
    payload: OBJECT,
    assumed: 'false',
    open: { reading: 'decode-json', answers: { false: 'object', true: 'text' } },
  },
  {
    id: 'decode_bytes',
    question: 'decode puts something in the place of bytes that are no UTF-8',
    select: "isNull(decode('/w==', 'base64')) AS v",
    payload: OBJECT,
    assumed: 'false',
    open: { reading: 'decode-bytes', answers: { false: 'replaced', true: 'null' } },
  },
  {
    id: 'encode_nothing',
    question: 'encode makes empty text of an empty payload',
    select: `isUndefined(${B64}) AS v`,
    payload: '',
    assumed: 'false',
    open: { reading: 'encode-nothing', answers: { false: 'text', true: 'undefined' } },
  },
  {
    id: 'encode_text',
    question: 'encode takes a payload that is no JSON',
    select: `${B64} AS v`,
    payload: 'hello',
    assumed: '"aGVsbG8="',
  },
  {
    id: 'undefined_alias',
    question: 'an alias of what is Undefined is left out',
    select: 'nothing AS v',
    payload: OBJECT,
    assumed: ABSENT,
  },
  {
    id: 'undefined_equals_false',
    question: 'isUndefined(x) = false is false where x is Undefined',
    select: '(isUndefined(nothing) = false) AS v',
    payload: OBJECT,
    assumed: 'false',
  },
  {
    id: 'case_undefined',
    question: 'CASE is Undefined where its value is',
    select: "isUndefined(CASE nothing WHEN true THEN 'works' END) AS v",
    payload: OBJECT,
    assumed: 'true',
  },
  {
    id: 'regexp_contains',
    question: 'regexp_matches looks anywhere in a text',
    select: "regexp_matches('abc', 'b') AS v",
    payload: OBJECT,
    assumed: 'true',
  },
  {
    id: 'text_index',
    question: 'get of text at an index written as text is the character there',
    select: "get('abc', '00001') AS v",
    payload: OBJECT,
    assumed: '"b"',
  },
  {
    id: 'get_or_default',
    question: 'get_or_default puts something in the place of what is Undefined',
    select: "get_or_default(nothing, 'default') AS v",
    payload: OBJECT,
    assumed: '"default"',
  },
  {
    id: 'get_or_default_fails',
    question: 'get_or_default puts something in the place of what fails',
    select: "get_or_default(get(n, 'a'), 'default') AS v",
    payload: '{"n":5}',
    assumed: '"default"',
  },
  {
    id: 'basic_ingest',
    question: 'topic() does not see by which rule a message of basic ingest came',
    select: 'topic(2) AS v',
    payload: OBJECT,
    basicIngest: true,
    assumed: '"basic_ingest"',
  },
  {
    id: 'second_level',
    question: 'topic(2) is the second level of the topic',
    select: 'topic(2) AS v',
    payload: OBJECT,
    assumed: '"second_level"',
  },
];
