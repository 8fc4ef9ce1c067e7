import {
  CloudFormationServiceException,
  DescribeStackResourceCommand,
  DescribeStacksCommand,
  paginateDescribeStackEvents,
  paginateListStackResources,
  paginateListStacks,
  type Stack,
  type StackSummary,
} from '@aws-sdk/client-cloudformation';
import type { FleetNames } from '../lib/fleet/names.ts';
import type { Site } from '../lib/fleet/read.ts';
import { cloudFormation } from './clients.ts';
import { listed, unlessGone } from './gone.ts';

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
  return (await listStacks())
    .filter(({ StackName = '' }) => StackName.startsWith(prefix))
    .map(({ StackName = '', StackId: id = '', StackStatus: status = '' }) => {
      return { site: StackName.slice(prefix.length), id, status };
    });
}

/** All stacks of the account, and those that are deleted. */
export function listStacks(): Promise<StackSummary[]> {
  return listed(paginateListStacks({ client: cloudFormation }, {}), ({ StackSummaries }) => StackSummaries);
}

export function isDeleted({ status }: SiteStack): boolean {
  return status === 'DELETE_COMPLETE';
}

/** Whether CloudFormation is changing the stack now. */
export function isUnderWay({ status }: Pick<SiteStack, 'status'>): boolean {
  return status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS'; // a change set that nobody has executed yet
}

/** A resource of a stack, as CloudFormation has it. */
export interface StackResource {
  /** Undefined while it is being made. */
  readonly physicalId: string | undefined;
  /** Such as CREATE_IN_PROGRESS. */
  readonly status: string;
}

/** A resource of a stack; undefined when there is no such stack or resource (any more). */
export async function stackResource(stackId: string, logicalId: string): Promise<StackResource | undefined> {
  const question = new DescribeStackResourceCommand({ StackName: stackId, LogicalResourceId: logicalId });
  // CloudFormation has no error of its own for what does not exist.
  const isMissing = (error: unknown) => (error as Error).name === 'ValidationError';
  const answer = await unlessGone(cloudFormation.send(question), isMissing);
  if (answer === undefined) return undefined;
  const { PhysicalResourceId: physicalId, ResourceStatus: status = '' } = answer.StackResourceDetail ?? {};
  return { physicalId, status };
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
  const pages = paginateListStackResources({ client: cloudFormation }, { StackName: names.siteStack(name) });
  const asked = listed(pages, (page) => page.StackResourceSummaries);
  const all = (await unlessGone(asked, isMissingStack)) ?? [];
  const idsOf = (type: string) =>
    all
      .filter(({ ResourceType, ResourceStatus }) => ResourceType === type && ResourceStatus !== 'DELETE_COMPLETE')
      .map(({ PhysicalResourceId }) => PhysicalResourceId)
      .filter((id) => id !== undefined);
  return { things: idsOf('AWS::IoT::Thing'), certificateIds: idsOf('Custom::DeviceCertificate') };
}

/** Whether CloudFormation is changing the stack of a site. */
export async function isDeploying({ name, names }: Pick<Site, 'name' | 'names'>): Promise<boolean> {
  return isUnderWay({ status: (await findStack(names.siteStack(name)))?.StackStatus ?? '' });
}

/** A stack that is there now; undefined when there is none. */
export async function findStack(StackName: string): Promise<Stack | undefined> {
  const asked = cloudFormation.send(new DescribeStacksCommand({ StackName }));
  return (await unlessGone(asked, isMissingStack))?.Stacks?.[0];
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
type Origins = ReadonlyMap<string, string>;

/** What CloudFormation remembers of the things and policies that it made for sites. */
export interface History {
  /** Every thing, those that are deleted included. */
  readonly things: Origins;
  /** What it could not delete, and has given up: it is there, and no stack has it any more. */
  readonly abandonedThings: Origins;
  readonly abandonedPolicies: Origins;
  /** The devices of which it gave up deleting what they got by enrolment, and when, in milliseconds since 1970. */
  readonly abandonedEnrolments: ReadonlyMap<string, number>;
}

/** What happened last to resources of a type, by device. */
type Fates = Map<string, { readonly site: string; readonly time: number; readonly isAbandoned: boolean }>;

const ENDS: readonly (string | undefined)[] = ['CREATE_COMPLETE', 'DELETE_COMPLETE', 'DELETE_FAILED', 'DELETE_SKIPPED'];

/** What the events of these stacks of a fleet tell. */
export async function historyOf(stacks: readonly SiteStack[], names: FleetNames): Promise<History> {
  const things: Fates = new Map();
  const policies: Fates = new Map();
  const enrolments: Fates = new Map();
  const fates = new Map([
    ['AWS::IoT::Thing', things],
    ['AWS::IoT::Policy', policies],
    ['Custom::DeviceCertificate', enrolments],
  ]);
  for (const { site, id, status } of stacks) {
    const pages = paginateDescribeStackEvents({ client: cloudFormation }, { StackName: id });
    const events = await listed(pages, ({ StackEvents }) => StackEvents);
    for (const { ResourceType = '', ResourceStatus, PhysicalResourceId = '', Timestamp } of events) {
      const known = fates.get(ResourceType);
      const name = known === enrolments ? enrolmentOf(PhysicalResourceId) : names.deviceOf(PhysicalResourceId);
      const time = Timestamp?.getTime() ?? 0;
      if (
        known === undefined ||
        name === undefined ||
        !ENDS.includes(ResourceStatus) ||
        (known.get(name)?.time ?? 0) > time
      )
        continue;
      // A stack that could not be deleted keeps what is left of it. A thing that was to stay was there before the fleet, and
      // is given back.
      const isLeft = ResourceStatus === 'DELETE_FAILED' || (ResourceStatus === 'DELETE_SKIPPED' && known === policies);
      const isAbandoned = isLeft && status !== 'DELETE_FAILED';
      known.set(name, { site, time, isAbandoned });
    }
  }
  return {
    things: originsOf(things),
    abandonedThings: originsOf(abandonedIn(things)),
    abandonedPolicies: originsOf(abandonedIn(policies)),
    abandonedEnrolments: new Map(abandonedIn(enrolments).map(([device, { time }]) => [device, time])),
  };
}

/** The physical id of what stands for all certificates that a device gets by enrolment. @param request unlike any other */
export function enrolmentId(device: string, request: string): string {
  return `enrolment/${device}/${request}`;
}

/** The device of such an id; undefined when it is another one. */
function enrolmentOf(physicalId: string): string | undefined {
  return /^enrolment\/([^/]+)\//.exec(physicalId)?.[1];
}

function abandonedIn(fates: Fates) {
  return [...fates].filter(([, { isAbandoned }]) => isAbandoned);
}

function originsOf(fates: Iterable<readonly [string, { readonly site: string }]>): Origins {
  return new Map([...fates].map(([device, { site }]) => [device, site]));
}
