import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { z } from 'zod';
import { cloudFormation } from '../../aws/clients.ts';
import { isMissingStack } from '../../aws/stacks.ts';
import { STAMPS } from '../../lib/fleet/columns.ts';
import { TELEMETRY_STACK_NAME } from '../../lib/fleet/names.ts';
import { NotDeployedError } from '../cli-error.ts';

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
  const { output } = await telemetryStack();
  return {
    table: output('TableName'),
    deadLetters: output('DeadLetterQueueUrl'),
    rowSettings: rowSettings.parse(JSON.parse(output('RowSettings'))),
  };
}

/** Of the stack of the time-series, its status and by which settings it makes rows; undefined when there is no such stack. */
export async function telemetryStackState(): Promise<{ status: string; rowSettings?: RowSettings } | undefined> {
  try {
    const { status, output } = await telemetryStack();
    try {
      return { status, rowSettings: rowSettings.parse(JSON.parse(output('RowSettings'))) };
    } catch {
      return { status }; // not made yet, or too old to say so
    }
  } catch (error) {
    if (error instanceof NotDeployedError) return undefined;
    throw error;
  }
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
  return (await telemetryStack()).output('TableName');
}

/** The stack that all sites share, with its outputs by their names. */
async function telemetryStack(): Promise<{ status: string; output: (name: string) => string }> {
  try {
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: TELEMETRY_STACK_NAME }));
    const output = (name: string) => {
      const found = Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === name);
      if (found?.OutputValue === undefined) throw missing();
      return found.OutputValue;
    };
    return { status: Stacks[0]?.StackStatus ?? '', output };
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
