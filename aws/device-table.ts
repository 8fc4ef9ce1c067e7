import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  paginateScan,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { ResourceNotFoundException, VersionConflictException } from '@aws-sdk/client-iot';
import { enrolmentIn, WANTS, wantedOf } from '../lib/fleet/enrolment.ts';
import type { FleetDevice } from '../lib/fleet/fleet-device.ts';
import { DEVICE_KEY } from '../lib/fleet/names.ts';
import { dynamoDB } from './clients.ts';
import type { EnrolmentStore, KnownEnrolment } from './enrolments.ts';
import { unlessGone } from './gone.ts';

/*
 * The devices that are lines of a list: an item each. It says what the attributes of a thing say of another device
 * (lib/fleet/enrolment.ts), whose thing there is before its board enrols, and has a version, as a thing has.
 */

/** What the table knows of a device. */
export interface KnownLine extends KnownEnrolment {
  readonly device: string;
  readonly site: string;
  readonly board: string;
  /**
   * What the deployment last wanted of it, in the words of `wants`. That changes only where the list differs from this: so the
   * deployment of a list that does not say so does not take back what `fleet revoke` has done.
   */
  readonly declared: string | undefined;
}

/** Undefined when there is no such line. */
export async function findLine(table: string, device: string): Promise<KnownLine | undefined> {
  const { Item } = await dynamoDB.send(
    new GetItemCommand({ TableName: table, Key: keyOf(device), ConsistentRead: true }),
  );
  return Item && lineIn(Item);
}

/** All lines of all sites, as many at a time as DynamoDB gives: 1 MB, some 3,000. In no order. */
export async function* pagesOfLines(table: string): AsyncGenerator<readonly KnownLine[]> {
  const pages = paginateScan({ client: dynamoDB }, { TableName: table, ConsistentRead: true });
  for await (const { Items = [] } of pages) yield Items.map(lineIn);
}

/** Puts a line that is new. One that is there already stays: an earlier try may have put it, whose answer was lost. */
export async function addLine(table: string, site: string, { name, ...device }: FleetDevice): Promise<void> {
  const wanted = wantedOf(device);
  const texts = { device: name, site, board: device.board, declared: wanted, [WANTS]: wanted };
  const Item = { ...attributes(texts), version: { N: '1' } };
  await unlessOtherwise(
    dynamoDB.send(
      new PutItemCommand({ TableName: table, Item, ConditionExpression: `attribute_not_exists(${DEVICE_KEY})` }),
    ),
  );
}

/** Deletes a line of a site. What is of another site by now stays. */
export async function deleteLine(table: string, site: string, device: string): Promise<void> {
  await unlessOtherwise(
    dynamoDB.send(
      new DeleteItemCommand({
        ...{ TableName: table, Key: keyOf(device) },
        ConditionExpression: 'site = :site',
        ExpressionAttributeValues: attributes({ ':site': site }),
      }),
    ),
  );
}

/** The line of a device. Its errors are those of a thing, so that whoever has either need not tell them apart. */
export function lineStore(table: string, device: string): EnrolmentStore {
  return {
    read: () => findLine(table, device),
    change: async (values, expectedVersion) => {
      const entries = Object.entries(values);
      const isThere = await unlessOtherwise(
        dynamoDB.send(
          new UpdateItemCommand({
            ...{ TableName: table, Key: keyOf(device) },
            UpdateExpression: `SET ${entries.map((_, index) => `#${index} = :${index}`).join(', ')} ADD version :one`,
            ConditionExpression:
              expectedVersion === undefined ? `attribute_exists(${DEVICE_KEY})` : 'version = :version',
            ExpressionAttributeNames: Object.fromEntries(entries.map(([name], index) => [`#${index}`, name])),
            ExpressionAttributeValues: {
              ...Object.fromEntries(entries.map(([, S], index) => [`:${index}`, { S }])),
              ':one': { N: '1' },
              ...(expectedVersion !== undefined && { ':version': { N: String(expectedVersion) } }),
            },
          }),
        ),
      );
      if (isThere) return;
      if (expectedVersion === undefined)
        throw new ResourceNotFoundException({ message: `there is no device ${device} in ${table}`, $metadata: {} });
      throw new VersionConflictException({ message: `${device} has been changed meanwhile`, $metadata: {} });
    },
  };
}

function lineIn(item: Readonly<Record<string, AttributeValue>>): KnownLine {
  const texts = Object.fromEntries(
    Object.entries(item).flatMap(([name, { S }]) => (S === undefined ? [] : [[name, S] as const])),
  );
  const { device = '', site = '', board = '', declared } = texts;
  return { ...enrolmentIn(texts), device, site, board, declared, version: Number(item.version?.N ?? 0) };
}

const keyOf = (device: string) => attributes({ [DEVICE_KEY]: device });

function attributes(texts: Readonly<Record<string, string>>): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(texts).map(([name, S]) => [name, { S }]));
}

/** @returns whether the condition of a write held */
async function unlessOtherwise(write: Promise<unknown>): Promise<boolean> {
  return (await unlessGone(write, (error) => error instanceof ConditionalCheckFailedException)) !== undefined;
}
