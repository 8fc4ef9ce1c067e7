import { isUnderWay } from '../../aws/stacks.ts';
import type { FleetNames } from '../../lib/fleet/names.ts';
import type { FleetSettings } from '../../lib/fleet/schema.ts';
import { telemetryStackState } from '../aws/deployment.ts';
import { stackProblem } from './stack-problem.ts';

/**
 * Why what devices publish makes no rows, or other ones than cdk.json says. The broker acknowledges a message all the same,
 * so that no board notices.
 *
 * @param wanted what the settings are; without them, they are not compared
 * @returns a line with what to do; undefined when all is well, or while a deployment is on its way to it
 */
export async function telemetryProblem(
  names: FleetNames,
  wanted: FleetSettings | undefined,
): Promise<string | undefined> {
  const { telemetryStack } = names;
  const stack = await telemetryStackState(names);
  const deploy = 'run: npx cdk deploy --all';
  if (stack === undefined) {
    return `${telemetryStack} is not deployed: the broker takes what devices publish, and no row comes of it; ${deploy}`;
  }
  const { status, rowSettings } = stack;
  if (status === 'DELETE_IN_PROGRESS') return `${telemetryStack} is being deleted, and no rows are made any more`;
  const problem = stackProblem(telemetryStack, status);
  if (problem !== undefined) return `${problem}; until then it may be that no rows are made of what devices publish`;
  if (wanted === undefined || isUnderWay(stack)) return undefined;
  const older = `${telemetryStack} is older than cdk.json`;
  if (rowSettings === undefined) return `${older}: it does not say by which settings it makes rows; ${deploy}`;
  const differences = (['ingest', 'payload', 'stamps', 'retention'] as const)
    .map((name) => ({ name, deployed: shown(rowSettings[name]), wanted: shown(wanted[name]) }))
    .filter((each) => each.deployed !== each.wanted)
    .map(({ name, deployed, wanted }) => `${name} is ${deployed} there and ${wanted} in cdk.json`);
  if (differences.length === 0) return undefined;
  return `${telemetryStack} is older than the settings: ${differences.join(', ')}; ${deploy}`;
}

function shown(value: string | number | readonly string[] | undefined): string {
  if (typeof value === 'number') return `${value / 86_400}d`;
  if (value === undefined) return 'not set';
  return typeof value === 'string' ? value : JSON.stringify([...value].sort());
}
