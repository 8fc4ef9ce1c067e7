import {
  type AttributeValue,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { readAnyName } from '../../aws/any-name.ts';
import {
  ARRIVAL_COLUMN,
  DEVICE_COLUMN,
  EXPIRES_COLUMN,
  FULL_TOPIC_COLUMN,
  MEASURED_COLUMN,
  OWN_COLUMNS,
  RAW_COLUMN,
  RECEIVED_COLUMN,
} from '../../lib/fleet/columns.ts';
import { MissingTableError } from '../terminal/cli-error.ts';
import { attributesOfJson } from './json-attributes.ts';
import { clientConfig } from '../../aws/clients.ts';
import { measuredOf } from './row-time.ts';
import type { TimeSeries } from '../aws/deployment.ts';

const dynamoDB = new DynamoDBClient(clientConfig);
readAnyName(dynamoDB);

/** A message of the time-series: the stamps, the keys, and a column for each field that the device sent. */
export type Row = Readonly<Record<string, AttributeValue>>;

/** The columns that the cloud adds to what a device sends, but for `raw`, in the order in which people read them. */
export const ADDED: readonly string[] = [
  MEASURED_COLUMN,
  RECEIVED_COLUMN,
  DEVICE_COLUMN,
  FULL_TOPIC_COLUMN,
  ARRIVAL_COLUMN,
  EXPIRES_COLUMN,
];

/** Which rows of a device, and what of them. */
export interface Span {
  /** Milliseconds since 1970, inclusive. */
  readonly since: number;
  /** The newest row first, and the rows backwards from there. */
  readonly newestFirst?: boolean;
  /** Milliseconds since 1970, exclusive. Without it, all rows up to the newest. */
  readonly until?: number;
  /** Of the device's own columns, only these. Without it, all. */
  readonly fields?: readonly string[];
  /** How many rows to read at a time. Without it, as many as DynamoDB gives: 1 MB. */
  readonly pageSize?: number;
  /** How many to read at first, so that they are there at once. Without it, as many as at a time. */
  readonly firstPage?: number;
  /** Goes on behind the row of this `arrival`, instead of at the end of the span. */
  readonly startAfter?: string;
}

/**
 * The rows of a device, the oldest first, page by page, so that any number of them passes through little memory. Each is as
 * {@link readThrough} makes it.
 *
 * @throws {MissingTableError}
 */
export async function* pagesOfRows(series: TimeSeries, device: string, span: Span): AsyncGenerator<readonly Row[]> {
  const query = queryFor(series.table, device, span);
  let Limit = span.firstPage ?? span.pageSize;
  let ExclusiveStartKey: Row | undefined = span.startAfter === undefined ? undefined : keyOf(device, span.startAfter);
  do {
    const page = await send(series.table, new QueryCommand({ ...query, Limit, ExclusiveStartKey }));
    yield (page.Items ?? []).map((item) => readThrough(item, series, span.fields));
    Limit = span.pageSize;
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
}

/** The newest or the oldest row of a device. */
export async function rowAtTheEnd(
  series: TimeSeries,
  device: string,
  end: 'newest' | 'oldest',
): Promise<Row | undefined> {
  const span = { since: 0, newestFirst: end === 'newest', pageSize: 1 };
  for await (const [row] of pagesOfRows(series, device, span)) return row;
  return undefined;
}

/** A row as the table holds it, with nothing read through; undefined when there is none of that `arrival`. */
export async function storedRow({ table }: TimeSeries, device: string, arrival: string): Promise<Row | undefined> {
  const { Item } = await dynamoDB.send(new GetItemCommand({ TableName: table, Key: keyOf(device, arrival) }));
  return Item;
}

function keyOf(device: string, arrival: string): Record<string, AttributeValue> {
  return { [DEVICE_COLUMN]: { S: device }, [ARRIVAL_COLUMN]: { S: arrival } };
}

/** When the newest message of a device arrived, in milliseconds since 1970. @throws {MissingTableError} */
export async function lastSeen(table: string, device: string): Promise<number | undefined> {
  const { Items = [] } = await send(
    table,
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'device = :device',
      ExpressionAttributeValues: { ':device': { S: device } },
      ProjectionExpression: ARRIVAL_COLUMN,
      ScanIndexForward: false,
      Limit: 1,
    }),
  );
  const [row] = Items;
  return row && arrivalOf(row);
}

async function send(table: string, query: QueryCommand): Promise<QueryCommandOutput> {
  try {
    return await dynamoDB.send(query);
  } catch (error) {
    throw error instanceof ResourceNotFoundException ? new MissingTableError(table) : error;
  }
}

/** By the table's key alone, so that DynamoDB reads, and bills, nothing but the rows it answers. */
function queryFor(table: string, device: string, { since, until, fields, newestFirst }: Span): QueryCommandInput {
  const columns = fields && [...new Set([...ADDED, RAW_COLUMN, ...fields])];
  return {
    TableName: table,
    ...(newestFirst && { ScanIndexForward: false }),
    KeyConditionExpression: `device = :device AND ${until === undefined ? 'arrival >= :since' : 'arrival BETWEEN :since AND :until'}`,
    ExpressionAttributeValues: {
      ':device': { S: device },
      ':since': { S: arrivalAt(since) },
      ...(until !== undefined && { ':until': { S: arrivalAt(until) } }),
    },
    ...(columns && {
      ProjectionExpression: columns.map((_, index) => `#${index}`).join(', '),
      ExpressionAttributeNames: Object.fromEntries(columns.map((column, index) => [`#${index}`, column])),
    }),
  };
}

/** Sorts before every `arrival` of that millisecond, which goes on with `#` and a unique part. */
function arrivalAt(time: number): string {
  return String(time).padStart(13, '0');
}

/** When a message arrived, in milliseconds since 1970. */
function arrivalOf(row: Row): number {
  return Number.parseInt(row[ARRIVAL_COLUMN]?.S ?? '', 10);
}

/**
 * A row as people mean it. Where `raw` holds a JSON object, its fields are columns; `raw` stays beside them when some bear
 * one of our names, which they cannot have. `received` is there, be it that the settings leave it out; so is `measured` where
 * an `age` inside of `raw` tells it.
 *
 * @param fields of the device's own columns, only these
 */
function readThrough(item: Row, { readsAges }: TimeSeries, fields: readonly string[] | undefined): Row {
  if (item[RAW_COLUMN] === undefined && item[RECEIVED_COLUMN] !== undefined) return item;
  const { [RAW_COLUMN]: raw, ...columns } = item;
  const inside = Object.entries((raw?.S && attributesOfJson(Buffer.from(raw.S, 'base64'))) || {});
  const theirs = inside.filter(([field]) => !isOurs(field));
  const isWhole = inside.length > 0 && theirs.length === inside.length;
  const received = Number(item[RECEIVED_COLUMN]?.N ?? arrivalOf(item));
  const measured = readsAges ? measuredOf(received, Object.fromEntries(theirs)) : undefined;
  const row: Row = {
    ...Object.fromEntries(theirs),
    [RECEIVED_COLUMN]: { N: String(received) },
    ...(measured !== undefined && { [MEASURED_COLUMN]: { N: String(measured) } }),
    ...columns,
    ...(raw && !isWhole && { [RAW_COLUMN]: raw }),
  };
  if (fields === undefined) return row;
  const wanted = Object.entries(row).filter(([column]) => ADDED.includes(column) || fields.includes(column));
  return Object.fromEntries(wanted);
}

function isOurs(column: string): boolean {
  return (OWN_COLUMNS as readonly string[]).includes(column);
}
