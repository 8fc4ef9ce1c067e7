import type * as sdk from '@aws-sdk/client-dynamodb';
import { AwsError, NotImplementedError } from '../errors.ts';
import type { Operations } from '../service.ts';
import { tagsOf } from '../tags.ts';
import type { Dynalite } from './dynalite.ts';
import { tableArn } from './items.ts';
import { DEFAULT_SETTINGS, type TableSettings, type TableSettingsStore, asksForKms } from './table-settings.ts';

interface OwnMembers {
  DeletionProtectionEnabled?: boolean | undefined;
  SSESpecification?: sdk.CreateTableInput['SSESpecification'];
  TableClass?: sdk.CreateTableInput['TableClass'];
}

function readSettings({ DeletionProtectionEnabled, SSESpecification, TableClass }: OwnMembers): Partial<TableSettings> {
  if (TableClass !== undefined && TableClass !== 'STANDARD')
    throw new NotImplementedError(`TableClass ${TableClass} of a DynamoDB table`);
  return {
    ...(DeletionProtectionEnabled !== undefined && { deletionProtection: DeletionProtectionEnabled }),
    ...(SSESpecification && { kms: asksForKms(SSESpecification) }),
  };
}

const describe = (
  table: sdk.TableDescription = {},
  { deletionProtection, kms }: TableSettings,
): sdk.TableDescription => ({
  ...table,
  DeletionProtectionEnabled: deletionProtection,
  ...(kms && { SSEDescription: { Status: 'ENABLED', SSEType: 'KMS' } }),
});

/**
 * The tables: dynalite keeps their keys and indexes, the settings store the rest. Where AWS takes its time, they are ready,
 * changed or gone with the answer.
 */
export const tableOperations = (dynalite: Dynalite, settings: TableSettingsStore): Operations<typeof sdk> => ({
  CreateTable: {
    resource: tableArn,
    handle: async ({ DeletionProtectionEnabled, SSESpecification, TableClass, Tags, ...input }) => {
      const wanted = readSettings({ DeletionProtectionEnabled, SSESpecification, TableClass });
      const TableName = input.TableName ?? '';
      await dynalite.run<sdk.CreateTableOutput>('CreateTable', input);
      const made = settings.change(TableName, { ...DEFAULT_SETTINGS, ...wanted, tags: tagsOf(Tags) });
      return { TableDescription: describe(await dynalite.settled(TableName), made) };
    },
  },
  UpdateTable: {
    resource: tableArn,
    handle: async ({ DeletionProtectionEnabled, SSESpecification, TableClass, ...input }) => {
      const own = { DeletionProtectionEnabled, SSESpecification, TableClass };
      const wanted = readSettings(own);
      for (const { Update } of input.GlobalSecondaryIndexUpdates ?? [])
        if (!Update) throw new NotImplementedError('making or deleting an index by dynamodb:UpdateTable');
      const { TableName = '', ...others } = input;
      await dynalite.run<sdk.DescribeTableOutput>('DescribeTable', { TableName });
      const given = (members: object): boolean => Object.values(members).some((value) => value !== undefined);
      if (given(others) || !given(own))
        await dynalite.run<sdk.UpdateTableOutput>('UpdateTable', { TableName, ...others });
      const table = await dynalite.settled(TableName);
      return { TableDescription: describe(table, settings.change(TableName, wanted)) };
    },
  },
  DescribeTable: {
    resource: tableArn,
    handle: async (input) => {
      const { Table } = await dynalite.run<sdk.DescribeTableOutput>('DescribeTable', input);
      return { Table: describe(Table, settings.get(input.TableName ?? '')) };
    },
  },
  DeleteTable: {
    resource: tableArn,
    handle: async (input, call) => {
      const TableName = input.TableName ?? '';
      const { deletionProtection } = settings.get(TableName);
      if (deletionProtection)
        throw new AwsError(
          'ValidationException',
          `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first: ${tableArn(input, call)}`,
        );
      const output = await dynalite.run<sdk.DeleteTableOutput>('DeleteTable', input);
      settings.delete(TableName);
      await dynalite.settled(TableName);
      return output;
    },
  },
  ListTables: {
    resource: () => '*',
    handle: (input) => dynalite.run<sdk.ListTablesOutput>('ListTables', input),
  },
});
