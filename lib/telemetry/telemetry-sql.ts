import {
  ARRIVAL_COLUMN,
  DEVICE_COLUMN,
  EXPIRES_COLUMN,
  FULL_TOPIC_COLUMN,
  MEASURED_COLUMN,
  OWN_COLUMNS,
  RAW_COLUMN,
  RECEIVED_COLUMN,
  type Stamp,
  TEXT_INDEX,
} from '../fleet/columns.ts';
import { AGE_FIELD, MOST_AGE_MS } from '../fleet/measured.ts';

/*
 * The statements of the topic rules.
 *
 * Each message becomes one DynamoDB item by the DynamoDBv2 action, an attribute a root key: the device's own fields are
 * columns that people can read and filter by, and the item has room for an attribute that DynamoDB expires it by. (The
 * older DynamoDB action takes its keys from substitution templates and puts the payload into one column.)
 *
 * In return the keys stand beside what the device sent, where AWS leaves two things open: whether an alias or a root key
 * of the payload wins when both have the same name, and what `*` beside other items is for a payload that is no JSON
 * object (nothing, or an SQL error, which no error action sees). So neither happens: two rules share the messages, and
 * what is not a JSON object free of our names is kept whole, in base64, and no name is taken from it.
 *
 * One rule takes what CASE makes true, the other what it leaves Undefined: the Booleans `isUndefined(x) = false` and
 * `isUndefined(x)` of the same x, so that one of them takes each message and the other does not. Whatever is Undefined
 * within x makes all of x Undefined, and the message goes to the second rule, whole: a doubt costs columns, and never the
 * message. Neither names anything of the payload, since AWS does not say what a name is where there is no JSON object.
 * One name stands behind them: `age`, in the SELECT of the first rule, which sees JSON objects alone ("The WHERE clause is
 * evaluated first, to determine if SELECT is evaluated"). Whatever `age` is, `measured` is a number, or Undefined and thus no
 * column: by the tables of the operators, a comparison with what is no number is Undefined, and so is CASE of it. It asks
 * nothing more of `age`, such as whether get() finds a character in it: should get() of a number be an error, all readings
 * with an age would be lost.
 *
 * The conditions within x stand on these sentences of the Developer Guide:
 * - encode: "specify * to encode the entire payload, regardless of whether it's in JSON format";
 * - decode: a JSON document gives an object, other text a String; what bytes give that are no UTF-8 it does not say: Null,
 *   or U+FFFD, also in an object where `*` has none. So text with that character goes to the second rule as well;
 * - get: of an Object the value under a String; of a String the character at an index, to which a String is converted
 *   (from 0 on by the text, from 1 on by the example, hence 1); of other values it is Undefined;
 * - CASE is Undefined when its value is, and without a match; isUndefined is true or false for every type.
 * That CASE takes a Boolean, no page shows; rules that others have tested on AWS do.
 *
 * What happens to messages if AWS should do otherwise than that, in the words of the local cloud's readings
 * (local/README.md). The test rows.test.ts and the proof `loss` hold each line:
 *
 * | reading                                           | what becomes of a message                                      |
 * | ------------------------------------------------- | -------------------------------------------------------------- |
 * | `decode-json=text`                                | one row, always whole                                          |
 * | `encode-nothing=undefined`                        | one row; that of an empty payload has no `raw`                 |
 * | `get-other=error`                                 | numbers, true, false and null are lost; with                   |
 * |                                                   | `decode-bytes=null` what is no UTF-8, too; with                |
 * |                                                   | `encode-nothing=undefined` empty payloads; all else is one row |
 * | `case=error`                                      | all are lost                                                   |
 * | every other value, and any of them at once        | one row                                                        |
 *
 * With the setting `payload: raw` one rule without a condition takes all of them, under each reading. What is lost is seen
 * by an alarm, see unstored-alarm.ts.
 */

const PAYLOAD = "encode(*, 'base64')";

const DECODED = `decode(${PAYLOAD}, 'base64')`;

/** Behind "xxx" even a JSON document is text. */
const AS_TEXT = `decode(concat('eHh4', ${PAYLOAD}), 'base64')`;

/** U+FFFD. CloudFormation does not promise to keep it in a template, which is why it does not stand here itself. */
const REPLACEMENT_CHARACTER = "decode('77+9', 'base64')";

const CONDITIONS = [
  // Its first byte is "{", and there is another.
  `regexp_matches(${PAYLOAD}, '^e[w-z0-9+/][^=].*$')`,
  // It is valid UTF-8.
  `replace(${AS_TEXT}, ${REPLACEMENT_CHARACTER}, '') = ${AS_TEXT}`,
  // It is no text, which has a character there, and uses none of our names.
  ...[TEXT_INDEX, ...OWN_COLUMNS].map((name) => `isUndefined(get(${DECODED}, '${name}'))`),
];

/** True for what becomes columns, else Undefined. */
const becomesColumns = `CASE (${CONDITIONS.join(' AND ')}) WHEN true THEN true END`;

const WHOLE = `${PAYLOAD} AS ${RAW_COLUMN}`;

const STAMP_EXPRESSIONS: Readonly<Record<Stamp, string>> = {
  [FULL_TOPIC_COLUMN]: 'topic()',
  // Milliseconds since 1970, by the clock of AWS.
  [RECEIVED_COLUMN]: 'timestamp()',
  // Likewise, of messages with a sane age: else Undefined, which is left out.
  [MEASURED_COLUMN]: `CASE (${AGE_FIELD} >= 0 AND ${AGE_FIELD} <= ${MOST_AGE_MS}) WHEN true THEN timestamp() - floor(${AGE_FIELD}) END`,
};

/** What the statements take from the settings of the fleet. */
export interface RowSettings {
  readonly stamps: readonly Stamp[];
  /** In seconds. @default rows stay for ever */
  readonly retention?: number;
}

/**
 * The statement for what devices usually send, JSON objects: their fields, stamped.
 *
 * @param prefix the first level of the topics, `<prefix>/<device>/…`
 */
export function telemetrySql(prefix: string, settings: RowSettings): string {
  return `SELECT *, ${additions(settings)} FROM '${prefix}/#' WHERE isUndefined(${becomesColumns}) = false`;
}

/** The statement for every payload that {@link telemetrySql} leaves: stamped, and kept whole in the column `raw`. */
export function rawTelemetrySql(prefix: string, settings: RowSettings): string {
  return `${wholeTelemetrySql(prefix, settings)} WHERE isUndefined(${becomesColumns})`;
}

/**
 * The statement for all payloads alike, kept whole: for the setting `payload: raw`, and for basic ingest, by which a
 * message reaches the rule that it names and no other, so that no second one could take what the first leaves.
 */
export function wholeTelemetrySql(prefix: string, settings: RowSettings): string {
  // The time of measurement would name something of a payload that may be no JSON object: whoever reads the row works it out.
  const stamps = settings.stamps.filter((stamp) => stamp !== MEASURED_COLUMN);
  return `SELECT ${WHOLE}, ${additions({ ...settings, stamps })} FROM '${prefix}/#'`;
}

function additions({ stamps, retention }: RowSettings): string {
  const expressions = {
    ...Object.fromEntries(stamps.map((stamp) => [stamp, STAMP_EXPRESSIONS[stamp]])),
    [DEVICE_COLUMN]: 'topic(2)',
    [ARRIVAL_COLUMN]: "concat(timestamp(), '#', newuuid())",
    // Whether Int / Int keeps a fraction is not clear from the table of /.
    ...(retention !== undefined && { [EXPIRES_COLUMN]: `floor(timestamp() / 1000) + ${retention}` }),
  };
  return Object.entries(expressions)
    .map(([name, expression]) => `${expression} AS ${name}`)
    .join(', ');
}
