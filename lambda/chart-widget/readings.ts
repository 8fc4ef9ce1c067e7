import { type AttributeValue, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { readAnyName } from '../../aws/any-name.ts';

const dynamoDB = new DynamoDBClient({});
readAnyName(dynamoDB);

/** The columns that are the broker's and no reading of a device. */
const NOT_READINGS = new Set(['device', 'arrival', 'received', 'full_topic', 'raw', 'expires']);

/** The numbers of one message. */
export interface Reading {
  /** When it arrived, in milliseconds since 1970. */
  readonly time: number;
  readonly values: ReadonlyMap<string, number>;
}

export interface Span {
  readonly device: string;
  /** Milliseconds since 1970, both inclusive. */
  readonly from: number;
  readonly to: number;
}

type Row = Readonly<Record<string, AttributeValue>>;

/** What a device sent, newest first, page by page. Asks by the table's key alone, so that nothing else is read or billed. */
export async function* pagesOfReadings(table: string, { device, from, to }: Span): AsyncGenerator<readonly Reading[]> {
  let start: Row | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await dynamoDB.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'device = :device AND arrival BETWEEN :from AND :to',
        // The sort key is the time, "#" and more; "$" is the character behind "#".
        ExpressionAttributeValues: { ':device': { S: device }, ':from': { S: `${from}` }, ':to': { S: `${to}$` } },
        ScanIndexForward: false,
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    yield Items.map(readingOf);
    start = LastEvaluatedKey;
  } while (start !== undefined);
}

function readingOf(row: Row): Reading {
  const values = new Map<string, number>();
  const fields =
    row.raw?.S === undefined
      ? Object.entries(row).map(([name, column]) => [name, plainOf(column)] as const)
      : fieldsOfPayload(row.raw.S);
  for (const [name, field] of fields) {
    const value = numberOf(field);
    if (value !== undefined && !NOT_READINGS.has(name)) values.set(name, value);
  }
  return { time: Number.parseInt(row.arrival?.S ?? ''), values };
}

/** The fields of a payload that is kept whole, when it is a JSON object. */
function fieldsOfPayload(base64: string): [string, unknown][] {
  try {
    const payload: unknown = JSON.parse(Buffer.from(base64, 'base64').toString());
    return typeof payload === 'object' && payload !== null && !Array.isArray(payload) ? Object.entries(payload) : [];
  } catch {
    return [];
  }
}

/** Past this, the difference of two numbers may be no number any more. */
const LARGEST = 1e300;

/** A number, or 0 and 1 for false and true; nothing for text, null, lists and objects, whatever these hold. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'number' && Math.abs(value) <= LARGEST ? value : undefined;
}

function plainOf({ N, BOOL }: AttributeValue): unknown {
  return N === undefined ? BOOL : Number(N);
}
