import {
  type AttributeValue,
  DynamoDBClient,
  paginateQuery,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { patience } from './patience.ts';

const dynamoDB = new DynamoDBClient(patience);

/** A message as the time-series holds it: the stamps, the keys, and a column for each field that the device sent. */
export type Row = Readonly<Record<string, AttributeValue>>;

/** The columns that the cloud adds to what a device sends. */
export const STAMPS: readonly string[] = ['received', 'device', 'full_topic', 'arrival'];

/** Which rows of a device, and what of them. */
export interface Span {
  /** Milliseconds since 1970, inclusive. */
  readonly since: number;
  /** Milliseconds since 1970, exclusive. Without it, all rows up to the newest. */
  readonly until?: number;
  /** Of the device's own columns, only these. Without it, all. */
  readonly fields?: readonly string[];
  /** How many rows to read at a time. Without it, as many as DynamoDB gives: 1 MB. */
  readonly pageSize?: number;
}

/** The rows of a device, oldest first, page by page, so that any number of them passes through little memory. */
export async function* pagesOfRows(table: string, device: string, span: Span): AsyncGenerator<readonly Row[]> {
  const paginator = { client: dynamoDB, ...(span.pageSize !== undefined && { pageSize: span.pageSize }) };
  for await (const { Items = [] } of paginateQuery(paginator, queryFor(table, device, span))) yield Items;
}

/** When the newest message of a device arrived, in milliseconds since 1970. */
export async function lastSeen(table: string, device: string): Promise<number | undefined> {
  const { Items = [] } = await dynamoDB.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'device = :device',
      ExpressionAttributeValues: { ':device': { S: device } },
      ProjectionExpression: 'received',
      ScanIndexForward: false,
      Limit: 1,
    }),
  );
  const received = Items[0]?.received?.N;
  return received === undefined ? undefined : Number(received);
}

/** By the table's key alone, so that DynamoDB reads, and bills, nothing but the rows it answers. */
function queryFor(table: string, device: string, { since, until, fields }: Span): QueryCommandInput {
  const columns = fields && [...new Set([...STAMPS, ...fields])];
  return {
    TableName: table,
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
