import type * as sdk from '@aws-sdk/client-dynamodb';
import { AwsError } from '../errors.ts';
import type { Operations } from '../service.ts';
import { tagList, tagsOf, withoutTags } from '../tags.ts';
import type { Dynalite } from './dynalite.ts';
import { tableArn } from './items.ts';
import type { TableSettings, TableSettingsStore } from './table-settings.ts';

const MAX_RECOVERY_DAYS = 35;
const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

const describeBackups = ({ recovery }: TableSettings): sdk.ContinuousBackupsDescription => ({
  ContinuousBackupsStatus: 'ENABLED',
  PointInTimeRecoveryDescription: recovery
    ? {
        PointInTimeRecoveryStatus: 'ENABLED',
        RecoveryPeriodInDays: recovery.days,
        EarliestRestorableDateTime: recovery.since,
        LatestRestorableDateTime: new Date(),
      }
    : { PointInTimeRecoveryStatus: 'DISABLED' },
});

/** Point-in-time recovery, time to live and tags of tables. */
export function tableFeatureOperations(dynalite: Dynalite, settings: TableSettingsStore): Operations<typeof sdk> {
  /** The settings of a table that exists. Throws ResourceNotFoundException. */
  const find = async (TableName = ''): Promise<TableSettings> => {
    await dynalite.run<sdk.DescribeTableOutput>('DescribeTable', { TableName });
    return settings.get(TableName);
  };
  const tableName = (arn = ''): string => arn.split(':table/')[1] ?? '';
  return {
    UpdateContinuousBackups: {
      resource: tableArn,
      handle: async ({ TableName = '', PointInTimeRecoverySpecification: wanted }) => {
        const { recovery } = await find(TableName);
        const days = wanted?.RecoveryPeriodInDays ?? MAX_RECOVERY_DAYS;
        if (days < 1 || days > MAX_RECOVERY_DAYS)
          throw invalid(`RecoveryPeriodInDays is ${days}; allowed are 1 to ${MAX_RECOVERY_DAYS}`);
        const changed = settings.change(TableName, {
          recovery: wanted?.PointInTimeRecoveryEnabled ? { since: recovery?.since ?? new Date(), days } : undefined,
        });
        return { ContinuousBackupsDescription: describeBackups(changed) };
      },
    },
    DescribeContinuousBackups: {
      resource: tableArn,
      handle: async ({ TableName }) => ({ ContinuousBackupsDescription: describeBackups(await find(TableName)) }),
    },
    UpdateTimeToLive: {
      resource: tableArn,
      handle: async ({ TableName = '', TimeToLiveSpecification = {} as never }) => {
        const { Enabled = false, AttributeName = '' } = TimeToLiveSpecification;
        const { ttlAttribute } = await find(TableName);
        if (AttributeName === '') throw invalid('TimeToLiveSpecification.AttributeName is missing');
        if (Enabled && ttlAttribute !== undefined) throw invalid('TimeToLive is already enabled');
        if (!Enabled && ttlAttribute === undefined) throw invalid('TimeToLive is already disabled');
        if (!Enabled && ttlAttribute !== AttributeName)
          throw invalid(`TimeToLive is active on a different AttributeName: current AttributeName is ${ttlAttribute}`);
        settings.change(TableName, { ttlAttribute: Enabled ? AttributeName : undefined });
        return { TimeToLiveSpecification: { Enabled, AttributeName } };
      },
    },
    DescribeTimeToLive: {
      resource: tableArn,
      handle: async ({ TableName }) => {
        const { ttlAttribute: AttributeName } = await find(TableName);
        return {
          TimeToLiveDescription:
            AttributeName === undefined
              ? { TimeToLiveStatus: 'DISABLED' }
              : { TimeToLiveStatus: 'ENABLED', AttributeName },
        };
      },
    },
    TagResource: {
      resource: ({ ResourceArn = '' }) => ResourceArn,
      handle: async ({ ResourceArn, Tags }) => {
        const table = tableName(ResourceArn);
        const { tags } = await find(table);
        settings.change(table, { tags: { ...tags, ...tagsOf(Tags) } });
      },
    },
    UntagResource: {
      resource: ({ ResourceArn = '' }) => ResourceArn,
      handle: async ({ ResourceArn, TagKeys }) => {
        const table = tableName(ResourceArn);
        const { tags } = await find(table);
        settings.change(table, { tags: withoutTags(tags, TagKeys) });
      },
    },
    ListTagsOfResource: {
      resource: ({ ResourceArn = '' }) => ResourceArn,
      handle: async ({ ResourceArn }) => ({ Tags: tagList((await find(tableName(ResourceArn))).tags) }),
    },
  };
}
