import {
  type AttributeValue,
  DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { readAnyName } from '../../aws/any-name.ts';
import { AGE_FIELD, measuredAt, MOST_AGE_MS } from '../../lib/fleet/measured.ts';

const dynamoDB = new DynamoDBClient({});
readAnyName(dynamoDB);

/** The columns that are the broker's and no reading of a device. */
const NOT_READINGS = new Set(['device', 'arrival', 'received', 'full_topic', 'measured', 'raw', 'expires']);

/** The numbers of one message. */
export interface Reading {
  /** When it was measured, or arrived where the device did not tell, in milliseconds since 1970. */
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

/** So many rows behind a span are looked at for readings that came late: more than a board holds. */
const MOST_HELD = 1_000;

/**
 * What a device measured within a span, page by page: what arrived after it, then the rest, newest first. Asks by the table's
 * key alone, so that little else is read or billed.
 */
export async function* pagesOfReadings(table: string, span: Span): AsyncGenerator<readonly Reading[]> {
  const within = (rows: readonly Row[]) =>
    rows.map(readingOf).filter(({ time }) => time >= span.from && time <= span.to);
  const { device, to } = span;
  const late = { ...spanQuery(table, { device, from: to + 1, to: to + MOST_AGE_MS }), ScanIndexForward: true };
  for (let start: Row | undefined, left = MOST_HELD; left > 0;) {
    const { Items = [], LastEvaluatedKey } = await query({ ...late, Limit: left }, start);
    yield within(Items);
    start = LastEvaluatedKey;
    left = start === undefined ? 0 : left - Items.length;
  }
  let start: Row | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await query(spanQuery(table, span), start);
    yield within(Items);
    start = LastEvaluatedKey;
  } while (start !== undefined);
}

function spanQuery(table: string, { device, from, to }: Span): QueryCommandInput {
  return {
    TableName: table,
    KeyConditionExpression: 'device = :device AND arrival BETWEEN :from AND :to',
    // The sort key is the time, "#" and more; "$" is the character behind "#".
    ExpressionAttributeValues: { ':device': { S: device }, ':from': { S: `${from}` }, ':to': { S: `${to}$` } },
    ScanIndexForward: false,
  };
}

function query(input: QueryCommandInput, start: Row | undefined): Promise<QueryCommandOutput> {
  return dynamoDB.send(new QueryCommand({ ...input, ...(start && { ExclusiveStartKey: start }) }));
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
  const arrived = Number.parseInt(row.arrival?.S ?? '');
  const measured = row.raw?.S === undefined ? row.measured && Number(row.measured.N) : measuredIn(fields, arrived);
  if (measured !== undefined) values.delete(AGE_FIELD);
  return { time: measured ?? arrived, values };
}

/** When the reading in a payload that is kept whole was taken. */
function measuredIn(fields: readonly (readonly [string, unknown])[], arrived: number): number | undefined {
  if (process.env.READS_AGES !== 'true') return undefined;
  return measuredAt(arrived, fields.find(([name]) => name === AGE_FIELD)?.[1]);
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
