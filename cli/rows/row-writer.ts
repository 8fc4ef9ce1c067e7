import { DynamoDBClient, PutItemCommand, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { MissingTableError } from '../terminal/cli-error.ts';
import { timeLimits } from '../../aws/clients.ts';
import type { Row } from './time-series.ts';

/**
 * Without the slowing down of `clientConfig`, which takes a throttle as a sign for minutes: thousands of rows are written, and
 * a table that is billed by request throttles single ones while it grows (Developer Guide, "On-demand capacity mode").
 */
const dynamoDB = new DynamoDBClient({ ...timeLimits, retryMode: 'standard', maxAttempts: 8 });

/** Why DynamoDB refuses a row that it would refuse again. */
export class RefusedRowError extends Error {}

/**
 * Writes a row, over the one of the same key where there is one.
 *
 * @throws {RefusedRowError}
 * @throws {MissingTableError}
 */
export async function writeRow(table: string, row: Row): Promise<void> {
  try {
    await dynamoDB.send(new PutItemCommand({ TableName: table, Item: { ...row } }));
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationException') throw new RefusedRowError(error.message);
    throw error instanceof ResourceNotFoundException ? new MissingTableError(table) : error;
  }
}
