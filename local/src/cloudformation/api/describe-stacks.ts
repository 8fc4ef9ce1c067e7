import type * as sdk from '@aws-sdk/client-cloudformation';
import type { Operations } from '../../service.ts';
import { type Context, findStack, stackResource } from '../context.ts';
import { exportsOf } from '../engine/exports.ts';
import { type Stack, type StackResource, isDeleted } from '../stack/stack.ts';
import { validationError } from '../template/template.ts';
import type { StackParameter } from '../template/parameters.ts';

/** How long DescribeStacks waits for an operation to end. The CDK CLI asks every 5 s, and would learn of the end that much later. */
const HOLD_MS = 4000;

export function describeOperations(context: Context): Operations<typeof sdk> {
  const { store, engine } = context;
  const resource = stackResource(context);
  const resourcesOf = (name: string | undefined): { stack: Stack; resources: StackResource[] } => {
    const stack = findStack(context, name, 'with id');
    return { stack, resources: [...store.resources(stack.id).values()] };
  };
  const ownerOf = (physicalId: string | undefined): string | undefined =>
    store.stacks().find(({ id }) => [...store.resources(id).values()].some(({ now }) => now?.id === physicalId))?.id;
  return {
    DescribeStacks: {
      takes: ['StackName'],
      resource,
      handle: async (input) => {
        if (input.StackName === undefined)
          return {
            Stacks: store
              .stacks()
              .filter((stack) => !isDeleted(stack))
              .map(shownStack),
          };
        const stack = findStack(context, input.StackName, 'with id');
        await engine.idle(stack.id, HOLD_MS);
        return { Stacks: [shownStack(stack)] };
      },
    },
    ListStacks: {
      takes: ['StackStatusFilter'],
      resource: () => '*',
      handle: ({ StackStatusFilter: wanted = [] }) => ({
        StackSummaries: store
          .stacks()
          .filter(({ status }) => wanted.length === 0 || wanted.includes(status))
          .map((stack) => ({
            StackId: stack.id,
            StackName: stack.name,
            TemplateDescription: stack.deployed.description,
            CreationTime: stack.created,
            LastUpdatedTime: stack.updated,
            DeletionTime: stack.deleted,
            StackStatus: stack.status,
            StackStatusReason: stack.statusReason,
          })),
      }),
    },
    DescribeStackEvents: {
      takes: ['StackName'],
      resource,
      handle: (input) => ({ StackEvents: store.events(findStack(context, input.StackName).id).toReversed() }),
    },
    DescribeStackResources: {
      takes: ['StackName', 'LogicalResourceId', 'PhysicalResourceId'],
      resource,
      handle: ({ StackName, LogicalResourceId, PhysicalResourceId }) => {
        const { stack, resources } = resourcesOf(StackName ?? ownerOf(PhysicalResourceId) ?? PhysicalResourceId);
        return {
          StackResources: resources
            .filter(({ logicalId }) => LogicalResourceId === undefined || logicalId === LogicalResourceId)
            .map((found) => ({
              ...shownResource(found),
              StackId: stack.id,
              StackName: stack.name,
              Timestamp: found.updated,
            })),
        };
      },
    },
    DescribeStackResource: {
      takes: ['StackName', 'LogicalResourceId'],
      resource,
      handle: ({ StackName, LogicalResourceId }) => {
        const { stack, resources } = resourcesOf(StackName);
        const found = resources.find(({ logicalId }) => logicalId === LogicalResourceId);
        if (!found) throw validationError(`Resource ${LogicalResourceId} does not exist for stack ${StackName}`);
        return {
          StackResourceDetail: {
            ...shownResource(found),
            StackId: stack.id,
            StackName: stack.name,
            LastUpdatedTimestamp: found.updated,
            Metadata: found.metadata === undefined ? undefined : JSON.stringify(found.metadata),
          },
        };
      },
    },
    ListStackResources: {
      takes: ['StackName'],
      resource,
      handle: (input) => ({
        StackResourceSummaries: resourcesOf(input.StackName).resources.map((found) => ({
          ...shownResource(found),
          LastUpdatedTimestamp: found.updated,
        })),
      }),
    },
    ListExports: {
      takes: [],
      resource: () => '*',
      handle: () => ({
        Exports: exportsOf(store).map(({ stack, name, value }) => ({
          ExportingStackId: stack.id,
          Name: name,
          Value: value,
        })),
      }),
    },
  };
}

const shownStack = (stack: Stack): sdk.Stack => ({
  StackId: stack.id,
  StackName: stack.name,
  ChangeSetId: stack.changeSetId,
  Description: stack.deployed.description,
  Parameters: shownParameters(stack.deployed.parameters),
  CreationTime: stack.created,
  LastUpdatedTime: stack.updated,
  DeletionTime: stack.deleted,
  StackStatus: stack.status,
  StackStatusReason: stack.statusReason,
  DisableRollback: stack.disableRollback,
  DeploymentConfig: stack.deploymentConfig,
  Capabilities: [...stack.deployed.capabilities] as sdk.Stack['Capabilities'],
  Outputs: [...stack.deployed.outputs],
  RoleARN: stack.roleArn,
  Tags: [...stack.deployed.tags],
  EnableTerminationProtection: stack.terminationProtection,
  NotificationARNs: [],
});

/** Parameters as they are shown: asterisks for NoEcho. */
export const shownParameters = (parameters: readonly StackParameter[]): sdk.Parameter[] =>
  parameters.map(({ key, value, resolved, hidden }) => ({
    ParameterKey: key,
    ParameterValue: hidden ? '****' : value,
    ResolvedValue: resolved,
  }));

const shownResource = ({ logicalId, now, type, status, statusReason }: StackResource) => ({
  LogicalResourceId: logicalId,
  PhysicalResourceId: now?.id,
  ResourceType: type,
  ResourceStatus: status,
  ResourceStatusReason: statusReason,
});
