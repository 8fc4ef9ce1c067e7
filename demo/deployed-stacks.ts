import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateDescribeStackEvents,
} from '@aws-sdk/client-cloudformation';
import type { FleetNames } from '../lib/fleet/names.ts';
import type { Site } from '../lib/fleet/read.ts';

/** A stack of the app as CloudFormation has it. */
export interface DeployedStack {
  readonly name: string;
  /** Such as CREATE_COMPLETE. */
  readonly status: string;
}

/** The stacks that the fleet files alone make: one a site, and the one that they share. */
export function stacksOfFleet(sites: readonly Site[], names: FleetNames): string[] {
  return [names.telemetryStack, ...sites.map(({ name }) => names.siteStack(name))];
}

/** Those of these stacks that are there. */
export async function deployedStacks(ours: readonly string[]): Promise<DeployedStack[]> {
  const { Stacks = [] } = await new CloudFormationClient({}).send(new DescribeStacksCommand({}));
  return Stacks.map(({ StackName = '', StackStatus = '' }) => ({ name: StackName, status: StackStatus })).filter(
    ({ name }) => ours.includes(name),
  );
}

/**
 * How long CloudFormation worked on a stack: from the first to the last of its events since then.
 *
 * @param since in milliseconds since 1970
 * @returns milliseconds; undefined when nothing was to be done
 */
export async function workedOn({ name }: DeployedStack, since: number): Promise<number | undefined> {
  const times: number[] = [];
  const pages = paginateDescribeStackEvents({ client: new CloudFormationClient({}) }, { StackName: name });
  for await (const { StackEvents = [] } of pages) {
    times.push(...StackEvents.map(({ Timestamp }) => Timestamp?.getTime() ?? 0).filter((time) => time >= since));
  }
  return times.length === 0 ? undefined : Math.max(...times) - Math.min(...times);
}
