import type { AttributeValue, GetItemInput, QueryInput, ScanInput } from '@aws-sdk/client-dynamodb';
import { NotImplementedError } from '../errors.ts';

type Item = Readonly<Record<string, AttributeValue>>;

/** DynamoDB leaves alone what would have expired longer ago (Developer Guide, "Using time to live"): likely an error. */
const OLDEST_S = 5 * 365 * 24 * 60 * 60;
const NAME = '#timeToLive';
const [NOW, OLDEST] = [':timeToLiveNow', ':timeToLiveOldest'];

const span = () => {
  const now = Math.floor(Date.now() / 1000);
  return { now, oldest: now - OLDEST_S };
};

/** Whether an item is past the time in its attribute: a number of seconds since 1970; anything else never expires. */
export function isExpired(item: Item, attribute: string): boolean {
  const seconds = Number(item[attribute]?.N ?? NaN);
  const { now, oldest } = span();
  return seconds < now && seconds > oldest;
}

/** A query or scan that passes over what has expired, whatever part of the items it asks for. */
export function withoutExpired<I extends QueryInput | ScanInput>(input: I, attribute: string): I {
  for (const member of ['KeyConditions', 'QueryFilter', 'ScanFilter', 'AttributesToGet'])
    if (member in input && input[member as keyof I] !== undefined)
      throw new NotImplementedError(`${member} on a table with a time to live (use expressions)`);
  const { now, oldest } = span();
  const alive = `(NOT attribute_type(${NAME}, ${NOW}Type) OR ${NAME} >= ${NOW} OR ${NAME} <= ${OLDEST})`;
  const { FilterExpression: filter } = input;
  return {
    ...input,
    FilterExpression: filter === undefined ? alive : `(${filter}) AND ${alive}`,
    ExpressionAttributeNames: { ...input.ExpressionAttributeNames, [NAME]: attribute },
    ExpressionAttributeValues: {
      ...input.ExpressionAttributeValues,
      [NOW]: { N: String(now) },
      [`${NOW}Type`]: { S: 'N' },
      [OLDEST]: { N: String(oldest) },
    },
  };
}

/** The whole item behind a GetItem, to see whether it has expired. */
export const wholeItem = ({ TableName, Key }: GetItemInput): GetItemInput => ({ TableName, Key, ConsistentRead: true });
