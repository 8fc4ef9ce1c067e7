import type {
  CreateTableInput,
  PointInTimeRecoverySpecification,
  TimeToLiveSpecification,
} from '@aws-sdk/client-dynamodb';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { NotImplementedError } from '../../errors.ts';
import { ifThere, type Invoke, pick, provider, unlessGone } from './provider.ts';
import { changeTags, type Tag } from './tag-changes.ts';

/** Of CreateTable as well. */
const SETTINGS = [
  ...(['AttributeDefinitions', 'KeySchema', 'BillingMode', 'ProvisionedThroughput'] as const),
  ...(['GlobalSecondaryIndexes', 'LocalSecondaryIndexes', 'DeletionProtectionEnabled'] as const),
];

interface TableProperties extends Pick<CreateTableInput, (typeof SETTINGS)[number]> {
  readonly TableName?: string;
  readonly PointInTimeRecoverySpecification?: PointInTimeRecoverySpecification;
  readonly TimeToLiveSpecification?: TimeToLiveSpecification;
  readonly Tags?: Tag[];
}

const GONE = 'ResourceNotFoundException';

export const table = provider<TableProperties>({
  properties: [
    ...SETTINGS,
    ...(['TableName', 'PointInTimeRecoverySpecification', 'TimeToLiveSpecification', 'Tags'] as const),
  ],
  async create({ properties, invoke, name, created }) {
    const TableName = properties.TableName ?? name({ max: 255 });
    const request = { ...pick(properties, SETTINGS), TableName, Tags: properties.Tags };
    const { TableDescription } = await invoke('dynamodb', 'CreateTable', request);
    const attributes = created({ TableName, Arn: TableDescription?.TableArn ?? '' });
    await waitUntilActive(invoke, TableName);
    await putSettings(invoke, TableName, {}, properties);
    return attributes;
  },
  async update({ properties, old, invoke, attributes }) {
    const TableName = attributes.TableName ?? '';
    for (const name of ['AttributeDefinitions', 'GlobalSecondaryIndexes', 'LocalSecondaryIndexes'] as const)
      if (!isDeepStrictEqual(properties[name], old[name]))
        throw new NotImplementedError(`a change of ${name} of AWS::DynamoDB::Table`);
    const capacity = ({ BillingMode = 'PROVISIONED', ProvisionedThroughput }: TableProperties) => ({
      BillingMode,
      ProvisionedThroughput,
    });
    if (!isDeepStrictEqual(capacity(properties), capacity(old)))
      await invoke('dynamodb', 'UpdateTable', { TableName, ...capacity(properties) });
    const { DeletionProtectionEnabled = false } = properties;
    if (DeletionProtectionEnabled !== (old.DeletionProtectionEnabled ?? false))
      await invoke('dynamodb', 'UpdateTable', { TableName, DeletionProtectionEnabled });
    await waitUntilActive(invoke, TableName);
    await putSettings(invoke, TableName, old, properties);
    const ResourceArn = attributes.Arn;
    await changeTags(
      old.Tags,
      properties.Tags,
      (Tags) => invoke('dynamodb', 'TagResource', { ResourceArn, Tags }),
      (TagKeys) => invoke('dynamodb', 'UntagResource', { ResourceArn, TagKeys }),
    );
  },
  async find({ invoke, identifier: { TableName = '' } }) {
    const found = await ifThere(invoke('dynamodb', 'DescribeTable', { TableName }), GONE);
    return found && { TableName, Arn: found.Table?.TableArn ?? '' };
  },
  async delete({ invoke, attributes }) {
    const TableName = attributes.TableName ?? '';
    await unlessGone(invoke('dynamodb', 'DeleteTable', { TableName }), GONE);
    await waitUntilGone(invoke, TableName);
  },
});

async function putSettings(
  invoke: Invoke,
  TableName: string,
  old: Partial<TableProperties>,
  now: TableProperties,
): Promise<void> {
  const recovery = ({ PointInTimeRecoverySpecification: spec }: Partial<TableProperties>) => ({
    ...spec,
    PointInTimeRecoveryEnabled: spec?.PointInTimeRecoveryEnabled ?? false,
  });
  if (!isDeepStrictEqual(recovery(old), recovery(now)))
    await invoke('dynamodb', 'UpdateContinuousBackups', { TableName, PointInTimeRecoverySpecification: recovery(now) });
  const [before, after] = [old.TimeToLiveSpecification, now.TimeToLiveSpecification];
  if (!isDeepStrictEqual(before, after)) {
    const off = before && { ...before, Enabled: false };
    await invoke('dynamodb', 'UpdateTimeToLive', { TableName, TimeToLiveSpecification: after ?? off });
  }
}

/** DynamoDB makes and deletes tables after its answer. */
const POLL_MS = 20;

async function waitUntilActive(invoke: Invoke, TableName: string): Promise<void> {
  for (;;) {
    const { Table } = await invoke('dynamodb', 'DescribeTable', { TableName });
    if (Table?.TableStatus === 'ACTIVE') return;
    await setTimeout(POLL_MS);
  }
}

async function waitUntilGone(invoke: Invoke, TableName: string): Promise<void> {
  while (await ifThere(invoke('dynamodb', 'DescribeTable', { TableName }), GONE)) await setTimeout(POLL_MS);
}
