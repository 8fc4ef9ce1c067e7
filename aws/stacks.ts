import {
  CloudFormationServiceException,
  DescribeStackResourceCommand,
  DescribeStacksCommand,
  paginateDescribeStackEvents,
  paginateListStackResources,
  paginateListStacks,
} from '@aws-sdk/client-cloudformation';
import type { FleetNames } from '../lib/fleet/names.ts';
import type { Site } from '../lib/fleet/read.ts';
import { cloudFormation } from './clients.ts';

/** The stack of a site, or one that it had in the last 90 days: that long CloudFormation remembers. */
export interface SiteStack {
  readonly site: string;
  /** ARN. */
  readonly id: string;
  /** Such as UPDATE_COMPLETE. */
  readonly status: string;
}

/**
 * The stacks of all sites of a fleet, whether a fleet file describes them or not, and those that are deleted.
 *
 * @param kind those of the devices, or those of their alarms
 */
export async function siteStacks(
  names: FleetNames,
  kind: 'siteStack' | 'alarmsStack' = 'siteStack',
): Promise<SiteStack[]> {
  const prefix = names[kind]('');
  const stacks: SiteStack[] = [];
  for await (const { StackSummaries = [] } of paginateListStacks({ client: cloudFormation }, {})) {
    for (const { StackName = '', StackId: id = '', StackStatus: status = '' } of StackSummaries) {
      if (StackName.startsWith(prefix)) stacks.push({ site: StackName.slice(prefix.length), id, status });
    }
  }
  return stacks;
}

export function isDeleted({ status }: SiteStack): boolean {
  return status === 'DELETE_COMPLETE';
}

/** Whether CloudFormation is changing the stack now. */
export function isUnderWay({ status }: Pick<SiteStack, 'status'>): boolean {
  return status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS'; // a change set that nobody has executed yet
}

/** What a stack holds of one kind, as CloudFormation has it. */
export interface StackResource {
  readonly logicalId: string;
  /** Undefined while it is being made. */
  readonly physicalId: string | undefined;
  /** Such as CREATE_IN_PROGRESS. */
  readonly status: string;
}

/** A resource of a stack; undefined when there is no such stack or resource (any more). */
export async function stackResource(stackId: string, logicalId: string): Promise<StackResource | undefined> {
  try {
    const { StackResourceDetail } = await cloudFormation.send(
      new DescribeStackResourceCommand({ StackName: stackId, LogicalResourceId: logicalId }),
    );
    const { PhysicalResourceId: physicalId, ResourceStatus: status = '' } = StackResourceDetail ?? {};
    return { logicalId, physicalId, status };
  } catch (error) {
    // CloudFormation has no error of its own for what does not exist.
    if (error instanceof Error && error.name === 'ValidationError') return undefined;
    throw error;
  }
}

/** What the stack of a site has of its devices. */
export interface SiteResources {
  /** One a device. */
  readonly things: readonly string[];
  /** One a generation of a device. A revoked one that never had a certificate has an id of another form. */
  readonly certificateIds: readonly string[];
}

/** Nothing when the site is not deployed. */
export async function resourcesOfSite({ name, names }: Pick<Site, 'name' | 'names'>): Promise<SiteResources> {
  const things: string[] = [];
  const certificateIds: string[] = [];
  const byType = new Map([
    ['AWS::IoT::Thing', things],
    ['Custom::DeviceCertificate', certificateIds],
  ]);
  try {
    const pages = paginateListStackResources({ client: cloudFormation }, { StackName: names.siteStack(name) });
    for await (const { StackResourceSummaries = [] } of pages) {
      for (const { ResourceType = '', ResourceStatus, PhysicalResourceId } of StackResourceSummaries) {
        if (ResourceStatus === 'DELETE_COMPLETE' || PhysicalResourceId === undefined) continue;
        byType.get(ResourceType)?.push(PhysicalResourceId);
      }
    }
  } catch (error) {
    if (!isMissingStack(error)) throw error;
  }
  return { things, certificateIds };
}

/** Whether CloudFormation is changing the stack of a site. */
export async function isDeploying({ name, names }: Pick<Site, 'name' | 'names'>): Promise<boolean> {
  try {
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: names.siteStack(name) }));
    return isUnderWay({ status: Stacks[0]?.StackStatus ?? '' });
  } catch (error) {
    if (isMissingStack(error)) return false;
    throw error;
  }
}

/** CloudFormation has no error of its own for this. */
export function isMissingStack(error: unknown): boolean {
  return (
    error instanceof CloudFormationServiceException &&
    error.name === 'ValidationError' &&
    error.message.includes('does not exist')
  );
}

/** The devices of things or policies, each with the site whose stack made it. */
export type Origins = ReadonlyMap<string, string>;

/** What CloudFormation remembers of the things and policies that it made for sites. */
export interface History {
  /** Every thing, those that are deleted included. */
  readonly things: Origins;
  /** What it could not delete, and has given up: it is there, and no stack has it any more. */
  readonly abandonedThings: Origins;
  readonly abandonedPolicies: Origins;
}

/** What happened last to a thing or a policy. */
interface Fate {
  readonly site: string;
  readonly time: number;
  readonly isAbandoned: boolean;
}

type Fates = Map<string, Fate>;

const ENDS: readonly (string | undefined)[] = ['CREATE_COMPLETE', 'DELETE_COMPLETE', 'DELETE_FAILED', 'DELETE_SKIPPED'];

/** What the events of these stacks of a fleet tell. */
export async function historyOf(stacks: readonly SiteStack[], names: FleetNames): Promise<History> {
  const things: Fates = new Map();
  const policies: Fates = new Map();
  const fates = new Map([
    ['AWS::IoT::Thing', things],
    ['AWS::IoT::Policy', policies],
  ]);
  for (const { site, id, status } of stacks) {
    const pages = paginateDescribeStackEvents({ client: cloudFormation }, { StackName: id });
    for await (const { StackEvents = [] } of pages) {
      for (const { ResourceType = '', ResourceStatus, PhysicalResourceId = '', Timestamp } of StackEvents) {
        const known = fates.get(ResourceType);
        const name = names.deviceOf(PhysicalResourceId);
        const time = Timestamp?.getTime() ?? 0;
        if (known === undefined || !ENDS.includes(ResourceStatus) || (known.get(name)?.time ?? 0) > time) continue;
        // A stack that could not be deleted keeps what is left of it. A thing that was to stay was there before the fleet, and
        // is given back.
        const isLeft =
          ResourceStatus === 'DELETE_FAILED' || (ResourceStatus === 'DELETE_SKIPPED' && known === policies);
        const isAbandoned = isLeft && status !== 'DELETE_FAILED';
        known.set(name, { site, time, isAbandoned });
      }
    }
  }
  return {
    things: originsOf([...things]),
    abandonedThings: originsOf([...things].filter(([, { isAbandoned }]) => isAbandoned)),
    abandonedPolicies: originsOf([...policies].filter(([, { isAbandoned }]) => isAbandoned)),
  };
}

function originsOf(fates: readonly (readonly [string, Fate])[]): Origins {
  return new Map(fates.map(([name, { site }]) => [name, site]));
}
