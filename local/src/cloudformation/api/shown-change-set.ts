import type { Change, ChangeSetSummary, PolicyAction } from '@aws-sdk/client-cloudformation';
import type { Context } from '../context.ts';
import type { ChangeSet, StoredChange } from '../stack/stack.ts';

/** What DescribeChangeSet and ListChangeSets both say. */
export const shownChangeSet = ({ store }: Context, changeSet: ChangeSet): ChangeSetSummary => ({
  StackId: changeSet.stackId,
  StackName: store.find(changeSet.stackId)?.name,
  ChangeSetId: changeSet.id,
  ChangeSetName: changeSet.name,
  CreationTime: changeSet.created,
  Description: changeSet.description,
  Status: changeSet.status,
  StatusReason: changeSet.statusReason,
  ExecutionStatus: changeSet.status === 'FAILED' ? 'UNAVAILABLE' : 'AVAILABLE',
});

/**
 * A change without the values before and after, also for those who ask for them: they may be secrets, and the CDK CLI takes
 * them from the templates.
 */
export function shownChange(change: StoredChange): Change {
  const { action, logicalId, physicalId, type, replacement, details } = change;
  return {
    Type: 'Resource',
    ResourceChange: {
      Action: action,
      LogicalResourceId: logicalId,
      PhysicalResourceId: physicalId,
      ResourceType: type,
      Replacement: replacement,
      PolicyAction: policyAction(change),
      Scope: [...new Set(details.map(({ attribute }) => attribute))],
      Details: details.map(({ attribute, property, recreation, dynamic }) => ({
        Target: { Attribute: attribute, Name: property, RequiresRecreation: recreation },
        Evaluation: dynamic ? 'Dynamic' : 'Static',
        ChangeSource: 'DirectModification',
      })),
    },
  };
}

function policyAction({ action, replacement, retain }: StoredChange): PolicyAction | undefined {
  if (action === 'Remove') return retain ? 'Retain' : 'Delete';
  if (replacement === 'True') return retain ? 'ReplaceAndRetain' : 'ReplaceAndDelete';
  return undefined;
}
