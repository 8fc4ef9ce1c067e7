/**
 * The columns of the time-series that are ours. The rules fill them in, no device does: a payload that uses one of these
 * names for itself is kept whole in {@link RAW_COLUMN}, whatever the settings are.
 */

/** Partition key: the device, which is the second level of the topic. */
export const DEVICE_COLUMN = 'device';

/** Sort key: `<milliseconds since 1970>#<unique>`, so that two messages of one millisecond are two rows. */
export const ARRIVAL_COLUMN = 'arrival';

/** When AWS got the message, in milliseconds since 1970. A stamp: there when the settings say so. */
export const RECEIVED_COLUMN = 'received';

/** The topic by which it came, without the prefix of basic ingest. A stamp: there when the settings say so. */
export const FULL_TOPIC_COLUMN = 'full_topic';

/**
 * When the reading was taken, in milliseconds since 1970: `received` less the age that the device told (measured.ts). A
 * stamp; only messages with a sane `age` whose fields are columns have it.
 */
export const MEASURED_COLUMN = 'measured';

/**
 * The whole payload, in base64, where it is not spread over columns. Where it holds a JSON object, readers take its fields
 * for columns, but for those that bear one of our names.
 */
export const RAW_COLUMN = 'raw';

/** When DynamoDB may delete the row, in seconds since 1970: there when the settings have a `retention`. */
export const EXPIRES_COLUMN = 'expires';

/**
 * A name that no device can have for a column either: as an index it tells text, which has a character there, from an
 * object, which has nothing (see lib/telemetry/telemetry-sql.ts). The zeros keep it from being a name that devices use.
 */
export const TEXT_INDEX = '00001';

/** What the setting `stamps` chooses from. */
export const STAMPS = [RECEIVED_COLUMN, FULL_TOPIC_COLUMN, MEASURED_COLUMN] as const;

export type Stamp = (typeof STAMPS)[number];

/** All of ours. */
export const OWN_COLUMNS = [
  DEVICE_COLUMN,
  ARRIVAL_COLUMN,
  RECEIVED_COLUMN,
  FULL_TOPIC_COLUMN,
  MEASURED_COLUMN,
  RAW_COLUMN,
  EXPIRES_COLUMN,
] as const;
