import {
  CloudFormationClient,
  CloudFormationServiceException,
  DescribeStacksCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { z } from 'zod';
import { STAMPS } from '../../lib/fleet/columns.ts';
import { siteStackName, TELEMETRY_STACK_NAME } from '../../lib/fleet/names.ts';
import { NotDeployedError } from '../cli-error.ts';
import { patience } from './patience.ts';

const cloudFormation = new CloudFormationClient(patience);

/** The settings of the fleet by which rows differ, as they were deployed. */
const rowSettings = z.object({
  stamps: z.array(z.enum(STAMPS)),
  /** Seconds. */
  retention: z.number().optional(),
  ingest: z.enum(['broker', 'basic']),
  payload: z.enum(['columns', 'raw']).default('columns'),
});

export type RowSettings = z.infer<typeof rowSettings>;

/** What the stack of the time-series says of itself. */
export interface TelemetryDeployment {
  /** The name of the DynamoDB table. */
  readonly table: string;
  /** The URL of the SQS queue. */
  readonly deadLetters: string;
  readonly rowSettings: RowSettings;
}

/** @throws {NotDeployedError} also when what is deployed is too old to say all of it */
export async function telemetryDeployment(): Promise<TelemetryDeployment> {
  const output = await telemetryOutputs();
  return {
    table: output('TableName'),
    deadLetters: output('DeadLetterQueueUrl'),
    rowSettings: rowSettings.parse(JSON.parse(output('RowSettings'))),
  };
}

/** Where devices publish. Where nothing is deployed that would say so, it is the broker, which is always allowed. */
export async function deployedIngest(): Promise<RowSettings['ingest']> {
  try {
    return (await telemetryDeployment()).rowSettings.ingest;
  } catch (error) {
    if (error instanceof NotDeployedError) return 'broker';
    throw error;
  }
}

/**
 * The name of the DynamoDB table of the time-series.
 *
 * @throws {NotDeployedError}
 */
export async function timeSeriesTableName(): Promise<string> {
  return (await telemetryOutputs())('TableName');
}

/** The outputs of the stack that all sites share, by their names. */
async function telemetryOutputs(): Promise<(name: string) => string> {
  try {
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: TELEMETRY_STACK_NAME }));
    return (name) => {
      const output = Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === name);
      if (output?.OutputValue === undefined) throw missing();
      return output.OutputValue;
    };
  } catch (error) {
    throw isMissingStack(error) ? missing() : error;
  }
}

const missing = () => new NotDeployedError(`stack "${TELEMETRY_STACK_NAME}"`);

/** Like {@link timeSeriesTableName}; undefined when it is not deployed. */
export async function timeSeriesTableNameIfDeployed(): Promise<string | undefined> {
  try {
    return await timeSeriesTableName();
  } catch (error) {
    if (error instanceof NotDeployedError) return undefined;
    throw error;
  }
}

/** Whether CloudFormation is changing the stack of a site. */
export async function isDeploying(site: string): Promise<boolean> {
  try {
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: siteStackName(site) }));
    const status = Stacks[0]?.StackStatus ?? '';
    // A change set that nobody has executed yet.
    return status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS';
  } catch (error) {
    if (isMissingStack(error)) return false;
    throw error;
  }
}

/** The things that the stack of a site holds: one a device. None when the site is not deployed. */
export async function thingsOfSite(site: string): Promise<string[]> {
  const things: string[] = [];
  try {
    const pages = paginateListStackResources({ client: cloudFormation }, { StackName: siteStackName(site) });
    for await (const { StackResourceSummaries = [] } of pages) {
      for (const { ResourceType, ResourceStatus, PhysicalResourceId } of StackResourceSummaries) {
        const isThere = ResourceType === 'AWS::IoT::Thing' && ResourceStatus !== 'DELETE_COMPLETE';
        if (isThere && PhysicalResourceId !== undefined) things.push(PhysicalResourceId);
      }
    }
    return things;
  } catch (error) {
    if (isMissingStack(error)) return [];
    throw error;
  }
}

/** CloudFormation has no error of its own for this. */
function isMissingStack(error: unknown): boolean {
  return (
    error instanceof CloudFormationServiceException &&
    error.name === 'ValidationError' &&
    error.message.includes('does not exist')
  );
}
