/*
 * The statements of the two topic rules.
 *
 * Each message becomes one DynamoDB item by the DynamoDBv2 action, an attribute a root key: the device's own fields
 * are columns that people can read and filter by, and the item has room for an attribute that DynamoDB expires it by.
 * (The older DynamoDB action takes its keys from substitution templates and puts the payload into one column.)
 *
 * In return the keys stand beside what the device sent. AWS does not document whether an alias or a root key of the
 * payload wins when both have the same name, so the two never meet: a payload that uses one of the names below goes
 * to the second rule, which keeps it whole, in base64, and takes no name from it. A device can therefore choose
 * neither another device's key nor its own stamps, under either reading. Every message matches exactly one of the two.
 */

/** What the rules add to a message, by name: the stamps, and the keys of the time-series. */
const ADDED = {
  full_topic: 'topic()',
  /** Milliseconds since 1970, by the clock of AWS. */
  received: 'timestamp()',
  device: 'topic(2)',
  arrival: "concat(timestamp(), '#', newuuid())",
};

const additions = Object.entries(ADDED)
  .map(([name, expression]) => `${expression} AS ${name}`)
  .join(', ');

const usesNoneOfTheNames = Object.keys(ADDED)
  .map((name) => `isUndefined(${name})`)
  .join(' AND ');

/**
 * The statement for what devices usually send: their fields, stamped.
 *
 * @param prefix the first level of the topics, `<prefix>/<device>/…`
 */
export function telemetrySql(prefix: string): string {
  return `SELECT *, ${additions} FROM '${prefix}/#' WHERE ${usesNoneOfTheNames}`;
}

/** The statement for payloads that use one of the names themselves: stamped, and kept whole in the column `raw`. */
export function rawTelemetrySql(prefix: string): string {
  return `SELECT encode(*, 'base64') AS raw, ${additions} FROM '${prefix}/#' WHERE NOT (${usesNoneOfTheNames})`;
}
