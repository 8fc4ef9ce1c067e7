import { CreateTableCommand, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Faults, memoryLog, startCloud } from '@esp-fleet/local-cloud';
import { afterAll, vi } from 'vitest';
import type { Row } from '../../cli/rows/time-series.ts';

/** A message as a device sent it. */
export interface Sent {
  readonly topic?: string;
  readonly payload: string | Uint8Array;
  readonly rule?: string;
}

/** A table and a queue in a local cloud, which the verbs then use. */
export async function deadLetters() {
  const faults = new Faults();
  const cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog(), faults });
  afterAll(() => cloud.close());
  for (const [name, value] of Object.entries(cloud.environment)) vi.stubEnv(name, value);
  const [sqs, dynamoDB] = [new SQSClient({}), new DynamoDBClient({})];
  return {
    faults,
    /** An empty table and an empty queue. */
    async fresh() {
      faults.clear();
      const name = crypto.randomUUID();
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
      await dynamoDB.send(
        new CreateTableCommand({
          TableName: name,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [
            { AttributeName: 'device', AttributeType: 'S' },
            { AttributeName: 'arrival', AttributeType: 'S' },
          ],
          KeySchema: [
            { AttributeName: 'device', KeyType: 'HASH' },
            { AttributeName: 'arrival', KeyType: 'RANGE' },
          ],
        }),
      );
      const send = async (MessageBody: string) => {
        const { MessageId = '' } = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
        return MessageId;
      };
      return {
        table: name,
        queueUrl: QueueUrl ?? '',
        send,
        /** As the error action sends it. @returns the id that SQS gave it */
        fail: ({ topic = 'rtjm/kitchen/telemetry', payload, rule = 'fleet_telemetry' }: Sent) =>
          send(
            JSON.stringify({
              ruleName: rule,
              topic,
              cloudwatchTraceId: crypto.randomUUID(),
              clientId: 'kitchen',
              base64OriginalPayload: Buffer.from(payload).toString('base64'),
              failures: [{ failedAction: 'DynamoDBv2Action', failedResource: name, errorMessage: 'it was down' }],
            }),
          ),
        async rows(): Promise<Row[]> {
          const rows: Row[] = [];
          for await (const { Items = [] } of paginateScan({ client: dynamoDB }, { TableName: name }))
            rows.push(...Items);
          return rows;
        },
        async depth() {
          const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
          const { Attributes } = await sqs.send(
            new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
          );
          return AttributeNames.map((attribute) => Number(Attributes?.[attribute]));
        },
      };
    },
  };
}
