import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { type AttributeValue, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { NAMES } from '../proved-fleet.ts';
import type { CloudProcess } from '../../testing/cloud/cloud-process.ts';

export type Item = Readonly<Record<string, AttributeValue>>;

/** Where messages end up: the table, and the queue of what it did not take. Read past the product, by the SDK. */
export class Sink {
  readonly #dynamoDB: DynamoDBClient;
  readonly #sqs: SQSClient;
  readonly #table: string;
  readonly #queue: string;

  private constructor(client: CloudProcess['client'], table: string, queue: string) {
    this.#dynamoDB = new DynamoDBClient(client);
    this.#sqs = new SQSClient({ ...client, useQueueUrlAsEndpoint: false });
    this.#table = table;
    this.#queue = queue;
  }

  static async of({ client }: CloudProcess): Promise<Sink> {
    const { Stacks = [] } = await new CloudFormationClient(client).send(
      new DescribeStacksCommand({ StackName: NAMES.telemetryStack }),
    );
    const output = (key: string) => Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue ?? '';
    return new Sink(client, output('TableName'), output('DeadLetterQueueUrl'));
  }

  async *rows(): AsyncGenerator<Item> {
    const pages = paginateScan({ client: this.#dynamoDB }, { TableName: this.#table, ConsistentRead: true });
    for await (const { Items = [] } of pages) yield* Items;
  }

  /** How many dead letters there are, be they hidden or not. */
  async deadLetters(): Promise<number> {
    const { Attributes = {} } = await this.#sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.#queue,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
  }

  /** How the messages of a flood stand in the table, by the ids in their payloads. */
  async census(): Promise<Census> {
    const ids = new Set<string>();
    const instants = new Set<string>();
    let rows = 0;
    const unknown: string[] = [];
    for await (const { device, arrival, id, raw } of this.rows()) {
      rows += 1;
      instants.add(`${device?.S} ${arrival?.S?.split('#')[0]}`);
      const found = id?.S ?? ID.exec(Buffer.from(raw?.S ?? '', 'base64').toString())?.[0];
      if (found?.startsWith(`${device?.S}.`)) ids.add(found);
      else unknown.push(`${device?.S} ${arrival?.S}`);
    }
    return { rows, ids, unknown, sharing: rows - instants.size };
  }
}

const ID = /[a-z0-9-]+\.\d+/;

export interface Census {
  readonly rows: number;
  readonly ids: ReadonlySet<string>;
  /** Rows that hold no message of their device. */
  readonly unknown: readonly string[];
  /** Rows that another one of the same device and millisecond came before. */
  readonly sharing: number;
}
