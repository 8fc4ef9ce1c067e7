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
import type { Dynalite } from './dynalite.ts';

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

export function itemOperations(dynalite: Dynalite): Record<string, AnyOperation> {
  const forward = <I extends object, O>(name: string, resource: (input: I, call: Call) => string): AnyOperation =>
    operation<I, O>({ resource, handle: (input) => dynalite.run<O>(name, input) });
  // IAM is asked about every table of a batch before anything is done.
  const forwardBatch = <I extends Batch, O>(name: string): AnyOperation =>
    operation<I, O>({
      resource: ({ RequestItems = {} }, call) => tableArn({ TableName: Object.keys(RequestItems)[0] ?? '' }, call),
      handle: (input, call) => {
        for (const TableName of Object.keys(input.RequestItems ?? {}).slice(1))
          call.authorize(`dynamodb:${name}`, tableArn({ TableName }, call));
        return dynalite.run<O>(name, input);
      },
    });
  return {
    PutItem: forward<PutItemInput, PutItemOutput>('PutItem', tableArn),
    GetItem: forward<GetItemInput, GetItemOutput>('GetItem', tableArn),
    UpdateItem: forward<UpdateItemInput, UpdateItemOutput>('UpdateItem', tableArn),
    DeleteItem: forward<DeleteItemInput, DeleteItemOutput>('DeleteItem', tableArn),
    Query: forward<QueryInput, QueryOutput>('Query', tableOrIndexArn),
    Scan: operation<ScanInput, ScanOutput>({
      resource: tableOrIndexArn,
      // Every read here is consistent; dynalite does not know the member for a scan.
      handle: (input) => dynalite.run<ScanOutput>('Scan', { ...input, ConsistentRead: undefined }),
    }),
    BatchWriteItem: forwardBatch<BatchWriteItemInput, BatchWriteItemOutput>('BatchWriteItem'),
    BatchGetItem: forwardBatch<BatchGetItemInput, BatchGetItemOutput>('BatchGetItem'),
  };
}
