import { z } from 'zod';
import { unlessGone } from '../../aws/gone.ts';
import { findStack } from '../../aws/stacks.ts';
import { MEASURED_COLUMN, STAMPS } from '../../lib/fleet/columns.ts';
import { FLEET_ID_PARAMETER, type FleetNames } from '../../lib/fleet/names.ts';
import { unlessItThrows } from '../../lib/fleet/unless-it-throws.ts';
import { NotDeployedError } from '../terminal/cli-error.ts';

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
export async function telemetryDeployment(names: FleetNames): Promise<TelemetryDeployment> {
  const { output } = await telemetryStack(names);
  return {
    table: output('TableName'),
    deadLetters: output('DeadLetterQueueUrl'),
    rowSettings: rowSettings.parse(JSON.parse(output('RowSettings'))),
  };
}

/** Of the stack of the time-series, its status and by which settings it makes rows; undefined when there is no such stack. */
export async function telemetryStackState(
  names: FleetNames,
): Promise<{ status: string; rowSettings?: RowSettings } | undefined> {
  const stack = await unlessGone(telemetryStack(names), isNotDeployed);
  if (stack === undefined) return undefined;
  const { status, output } = stack;
  // Unless they are not made yet, or too old to say so.
  const settings = unlessItThrows(() => rowSettings.parse(JSON.parse(output('RowSettings'))));
  return { status, ...(settings && { rowSettings: settings }) };
}

/** Where devices publish. Where nothing is deployed that would say so, it is the broker, which is always allowed. */
export async function deployedIngest(names: FleetNames): Promise<RowSettings['ingest']> {
  return (await unlessGone(telemetryDeployment(names), isNotDeployed))?.rowSettings.ingest ?? 'broker';
}

/** The table of the time-series, and how to read it. */
export interface TimeSeries {
  /** The name of the DynamoDB table. */
  readonly table: string;
  /** Whether an `age` in a payload that was kept whole says when it was measured, as the rule has it of columns. */
  readonly readsAges: boolean;
}

/** @throws {NotDeployedError} */
export async function timeSeries(names: FleetNames): Promise<TimeSeries> {
  const { output } = await telemetryStack(names);
  const settings = z.object({ stamps: z.array(z.string()) }).safeParse(JSON.parse(output('RowSettings', '{}')));
  return { table: output('TableName'), readsAges: settings.data?.stamps.includes(MEASURED_COLUMN) === true };
}

/** The stack that all sites share, with its outputs by their names, and what there is to say where one is absent. */
async function telemetryStack({
  telemetryStack: name,
}: FleetNames): Promise<{ status: string; output: (name: string, absent?: string) => string }> {
  const stack = await findStack(name);
  const missing = new NotDeployedError(`stack "${name}"`);
  if (stack === undefined) throw missing;
  const output = (key: string, absent?: string) => {
    const value = stack.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue ?? absent;
    if (value === undefined) throw missing;
    return value;
  };
  return { status: stack.StackStatus ?? '', output };
}

const isNotDeployed = (error: unknown): boolean => error instanceof NotDeployedError;

/** The fleet that a stack says it belongs to; undefined where there is no such stack, or one that does not say. */
export async function deployedFleetId(stack: string): Promise<string | undefined> {
  const { Parameters = [] } = (await findStack(stack)) ?? {};
  return Parameters.find(({ ParameterKey }) => ParameterKey === FLEET_ID_PARAMETER)?.ParameterValue;
}

/** The table alone; undefined when it is not deployed. */
export function timeSeriesTableNameIfDeployed(names: FleetNames): Promise<string | undefined> {
  return tableIfDeployed(names, 'TableName');
}

/** The table of lib/telemetry/used-identities.ts; undefined when it is not deployed. */
export function usedIdentitiesTableIfDeployed(names: FleetNames): Promise<string | undefined> {
  return tableIfDeployed(names, 'UsedIdentitiesTableName');
}

function tableIfDeployed(names: FleetNames, name: string): Promise<string | undefined> {
  return unlessGone(
    telemetryStack(names).then(({ output }) => output(name)),
    isNotDeployed,
  );
}
