import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { vi } from 'vitest';
import { nothingDeployed } from './deployed.ts';

/* For tests of verbs that read no rows from a real table, beside deployed.ts. */

export const dynamoDB = mockClient(DynamoDBClient);

/** Nothing is deployed, and whatever a verb asks, a double answers. */
export function doubles(): void {
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1');
  nothingDeployed();
  dynamoDB.reset();
}

/** By which certificate a client connected last, as the table "used" has it: by none without one. */
export function connectedBy(client: string, certificateId?: string, connected = 1_790_000_000_000): void {
  const Item = certificateId && { certificate: { S: certificateId }, connected: { N: String(connected) } };
  dynamoDB
    .on(GetItemCommand, { TableName: 'used', Key: { client: { S: client } } }, false)
    .resolves(Item ? { Item } : {});
}
