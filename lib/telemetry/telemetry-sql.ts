import {
  ARRIVAL_COLUMN,
  DEVICE_COLUMN,
  EXPIRES_COLUMN,
  FULL_TOPIC_COLUMN,
  OWN_COLUMNS,
  RAW_COLUMN,
  RECEIVED_COLUMN,
  type Stamp,
} from '../fleet/columns.ts';

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
 * Both conditions are built of functions that always give a Boolean, so that one of the two rules takes each message and
 * the other does not. They stand on these sentences of the Developer Guide:
 * - encode: "specify * to encode the entire payload, regardless of whether it's in JSON format";
 * - an attribute of a payload that has none is Undefined, of binary ones too ("Working with binary payloads" has a WHERE
 *   clause that names one);
 * - decode: a JSON document gives an object, other text a String, what cannot be decoded Null;
 * - an Object is converted to a String that "begins and ends with curly braces";
 * - the table of +: a String and anything is a String, an Object and an Int are Undefined. So `… + 1` tells an object from
 *   text that merely begins like one. (The function transform would as well, but its result is limited to 128 KiB, which
 *   the largest payloads exceed.)
 * - CASE is Undefined when its value is, and without a match; isUndefined is true or false for every type.
 *
 * Whether invalid UTF-8 makes decode give Null, or U+FFFD in an object where `*` has none, is not documented: text with
 * that character goes to the second rule as well.
 */

const PAYLOAD = "decode(encode(*, 'base64'), 'base64')";

/** Behind "xxx" even a JSON document is text. */
const PAYLOAD_AS_TEXT = "decode(concat('eHh4', encode(*, 'base64')), 'base64')";

/** U+FFFD. CloudFormation does not promise to keep it in a template, which is why it does not stand here itself. */
const REPLACEMENT_CHARACTER = "decode('77+9', 'base64')";

const isObject =
  `NOT isUndefined(CASE startswith(${PAYLOAD}, '{') AND isUndefined(${PAYLOAD} + 1) ` +
  `AND NOT regexp_matches(${PAYLOAD_AS_TEXT}, ${REPLACEMENT_CHARACTER}) WHEN true THEN true END)`;

const usesNoneOfOurNames = OWN_COLUMNS.map((name) => `isUndefined(${name})`).join(' AND ');

const becomesColumns = `${usesNoneOfOurNames} AND ${isObject}`;

const WHOLE = `encode(*, 'base64') AS ${RAW_COLUMN}`;

const STAMP_EXPRESSIONS: Readonly<Record<Stamp, string>> = {
  [FULL_TOPIC_COLUMN]: 'topic()',
  // Milliseconds since 1970, by the clock of AWS.
  [RECEIVED_COLUMN]: 'timestamp()',
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
  return `SELECT *, ${additions(settings)} FROM '${prefix}/#' WHERE ${becomesColumns}`;
}

/** The statement for every payload that {@link telemetrySql} leaves: stamped, and kept whole in the column `raw`. */
export function rawTelemetrySql(prefix: string, settings: RowSettings): string {
  return `${wholeTelemetrySql(prefix, settings)} WHERE NOT (${becomesColumns})`;
}

/**
 * The statement for all payloads alike, kept whole. By basic ingest a message reaches the rule that it names and no
 * other, so that no second one could take what the first leaves.
 */
export function wholeTelemetrySql(prefix: string, settings: RowSettings): string {
  return `SELECT ${WHOLE}, ${additions(settings)} FROM '${prefix}/#'`;
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
