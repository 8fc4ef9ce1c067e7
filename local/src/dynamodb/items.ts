import type {
  BatchGetItemInput,
  BatchGetItemOutput,
  BatchWriteItemInput,
  BatchWriteItemOutput,
  DeleteItemInput,
  DeleteItemOutput,
  GetItemInput,
  GetItemOutput,
  PutItemInput,
  PutItemOutput,
  QueryInput,
  QueryOutput,
  ScanInput,
  ScanOutput,
  UpdateItemInput,
  UpdateItemOutput,
} from '@aws-sdk/client-dynamodb';
import { type AnyOperation, type Call, operation } from '../service.ts';
import { checkAttributes, checkName } from './attribute-limits.ts';
import type { Dynalite } from './dynalite.ts';
import { isExpired, wholeItem, withoutExpired } from './expiry.ts';
import type { TableSettingsStore } from './table-settings.ts';

export const tableArn = ({ TableName }: { TableName?: string | undefined }, { region, id }: Call): string =>
  `arn:aws:dynamodb:${region}:${id}:table/${TableName}`;

interface Read {
  TableName?: string | undefined;
  IndexName?: string | undefined;
}
const tableOrIndexArn = (input: Read, call: Call): string =>
  input.IndexName === undefined ? tableArn(input, call) : `${tableArn(input, call)}/index/${input.IndexName}`;

interface Batch {
  RequestItems?: Record<string, unknown> | undefined;
}

/**
 * Reads and writes of items. What is past its time to live is passed over by every read from that second on, and stays on disk;
 * AWS deletes it within a few days and shows it until then.
 */
export function itemOperations(dynalite: Dynalite, settings: TableSettingsStore): Record<string, AnyOperation> {
  const ttlOf = (TableName = ''): string | undefined => settings.get(TableName).ttlAttribute;
  const alive = <I extends QueryInput | ScanInput>(input: I): I => {
    const attribute = ttlOf(input.TableName);
    return attribute === undefined ? input : withoutExpired(input, attribute);
  };
  const forward = <I extends object, O>(
    name: string,
    resource: (input: I, call: Call) => string,
    check: (input: I) => void = () => undefined,
  ): AnyOperation =>
    operation<I, O>({
      resource,
      handle: (input) => {
        check(input);
        return dynalite.run<O>(name, input);
      },
    });
  // IAM is asked about every table of a batch before anything is done.
  const forwardBatch = <I extends Batch, O>(
    name: string,
    edit = (output: O): O => output,
    check: (input: I) => void = () => undefined,
  ): AnyOperation =>
    operation<I, O>({
      resource: ({ RequestItems = {} }, call) => tableArn({ TableName: Object.keys(RequestItems)[0] ?? '' }, call),
      handle: async (input, call) => {
        for (const TableName of Object.keys(input.RequestItems ?? {}).slice(1))
          call.authorize(`dynamodb:${name}`, tableArn({ TableName }, call));
        check(input);
        return edit(await dynalite.run<O>(name, input));
      },
    });
  return {
    PutItem: forward<PutItemInput, PutItemOutput>('PutItem', tableArn, ({ Item }) => checkAttributes(Item)),
    GetItem: operation<GetItemInput, GetItemOutput>({
      resource: tableArn,
      handle: async (input) => {
        const attribute = ttlOf(input.TableName);
        const output = await dynalite.run<GetItemOutput>('GetItem', input);
        if (attribute === undefined || !output.Item) return output;
        const { Item = {} } = await dynalite.run<GetItemOutput>('GetItem', wholeItem(input));
        return isExpired(Item, attribute) ? { ...output, Item: undefined } : output;
      },
    }),
    UpdateItem: forward<UpdateItemInput, UpdateItemOutput>('UpdateItem', tableArn, checkUpdate),
    DeleteItem: forward<DeleteItemInput, DeleteItemOutput>('DeleteItem', tableArn),
    Query: operation<QueryInput, QueryOutput>({
      resource: tableOrIndexArn,
      handle: (input) => dynalite.run<QueryOutput>('Query', alive(input)),
    }),
    Scan: operation<ScanInput, ScanOutput>({
      resource: tableOrIndexArn,
      // Every read here is consistent; dynalite does not know the member for a scan.
      handle: (input) => dynalite.run<ScanOutput>('Scan', { ...alive(input), ConsistentRead: undefined }),
    }),
    BatchWriteItem: forwardBatch<BatchWriteItemInput, BatchWriteItemOutput>('BatchWriteItem', undefined, checkBatch),
    BatchGetItem: forwardBatch<BatchGetItemInput, BatchGetItemOutput>('BatchGetItem', (output) => {
      for (const [TableName, items] of Object.entries(output.Responses ?? {})) {
        const attribute = ttlOf(TableName);
        if (attribute === undefined) continue;
        output.Responses = { ...output.Responses, [TableName]: items.filter((item) => !isExpired(item, attribute)) };
      }
      return output;
    }),
  };
}

function checkUpdate({ ExpressionAttributeNames, ExpressionAttributeValues, AttributeUpdates }: UpdateItemInput): void {
  for (const name of Object.values(ExpressionAttributeNames ?? {})) checkName(name);
  checkAttributes(ExpressionAttributeValues);
  for (const [name, { Value }] of Object.entries(AttributeUpdates ?? {})) {
    checkName(name);
    if (Value) checkAttributes({ [name]: Value });
  }
}

function checkBatch({ RequestItems }: BatchWriteItemInput): void {
  for (const requests of Object.values(RequestItems ?? {}))
    for (const { PutRequest } of requests) checkAttributes(PutRequest?.Item);
}
