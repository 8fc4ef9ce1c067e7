import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { clientConfig } from '../../aws/clients.ts';

const dynamoDB = new DynamoDBClient(clientConfig);

/** By which certificate a client connected last, as lib/telemetry/used-identities.ts has recorded it. */
export interface LastConnection {
  readonly certificateId: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** @returns undefined when the client has not connected since there is such a record */
export async function lastConnection(table: string, clientId: string): Promise<LastConnection | undefined> {
  const Key = { client: { S: clientId } };
  const { Item } = await dynamoDB.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
  const certificateId = Item?.certificate?.S;
  return certificateId === undefined ? undefined : { certificateId, time: Number(Item?.connected?.N) };
}
