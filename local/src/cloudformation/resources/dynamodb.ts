import type {
  AttributeDefinition,
  BillingMode,
  CreateTableInput,
  CreateTableOutput,
  DescribeTableOutput,
  GlobalSecondaryIndex,
  KeySchemaElement,
  LocalSecondaryIndex,
  PointInTimeRecoverySpecification,
  ProvisionedThroughput,
  TimeToLiveSpecification,
} from '@aws-sdk/client-dynamodb';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { AwsError, NotImplementedError } from '../../errors.ts';
import { ifThere, type Invoke, provider, unlessGone } from './provider.ts';
import { type Tag, tagChanges } from './tag-changes.ts';

interface TableProperties {
  readonly TableName?: string;
  readonly AttributeDefinitions?: AttributeDefinition[];
  readonly KeySchema: KeySchemaElement[];
  readonly BillingMode?: BillingMode;
  readonly ProvisionedThroughput?: ProvisionedThroughput;
  readonly GlobalSecondaryIndexes?: GlobalSecondaryIndex[];
  readonly LocalSecondaryIndexes?: LocalSecondaryIndex[];
  readonly DeletionProtectionEnabled?: boolean;
  readonly PointInTimeRecoverySpecification?: PointInTimeRecoverySpecification;
  readonly TimeToLiveSpecification?: TimeToLiveSpecification;
  readonly Tags?: readonly Tag[];
}

const GONE = 'ResourceNotFoundException';

export const table = provider<TableProperties>({
  properties: [
    'TableName',
    'AttributeDefinitions',
    'KeySchema',
    'BillingMode',
    'ProvisionedThroughput',
    'GlobalSecondaryIndexes',
    'LocalSecondaryIndexes',
    'DeletionProtectionEnabled',
    'PointInTimeRecoverySpecification',
    'TimeToLiveSpecification',
    'Tags',
  ],
  async create({ properties, invoke, name, created }) {
    const TableName = properties.TableName ?? name({ max: 255 });
    const request: CreateTableInput = {
      TableName,
      AttributeDefinitions: properties.AttributeDefinitions,
      KeySchema: properties.KeySchema,
      BillingMode: properties.BillingMode,
      ProvisionedThroughput: properties.ProvisionedThroughput,
      GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes,
      LocalSecondaryIndexes: properties.LocalSecondaryIndexes,
      DeletionProtectionEnabled: properties.DeletionProtectionEnabled,
      Tags: properties.Tags?.map((tag) => ({ ...tag })),
    };
    const { TableDescription } = await invoke<CreateTableOutput>('dynamodb', 'CreateTable', request);
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
    const { set, remove } = tagChanges(old.Tags, properties.Tags);
    const ResourceArn = attributes.Arn;
    if (remove.length > 0) await invoke('dynamodb', 'UntagResource', { ResourceArn, TagKeys: remove });
    if (set.length > 0) await invoke('dynamodb', 'TagResource', { ResourceArn, Tags: set });
    return attributes;
  },
  async find({ invoke, identifier: { TableName = '' } }) {
    const found = await ifThere(invoke<DescribeTableOutput>('dynamodb', 'DescribeTable', { TableName }), GONE);
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
    const { Table } = await invoke<DescribeTableOutput>('dynamodb', 'DescribeTable', { TableName });
    if (Table?.TableStatus === 'ACTIVE') return;
    await setTimeout(POLL_MS);
  }
}

async function waitUntilGone(invoke: Invoke, TableName: string): Promise<void> {
  for (;;) {
    try {
      await invoke('dynamodb', 'DescribeTable', { TableName });
    } catch (error) {
      if (error instanceof AwsError && error.code === GONE) return;
      throw error;
    }
    await setTimeout(POLL_MS);
  }
}
