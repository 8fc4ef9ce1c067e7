import type {
  Change,
  ChangeSetSummary,
  CreateChangeSetInput,
  CreateChangeSetOutput,
  DeleteChangeSetInput,
  DeleteChangeSetOutput,
  DescribeChangeSetInput,
  DescribeChangeSetOutput,
  ExecuteChangeSetInput,
  ExecuteChangeSetOutput,
  ListChangeSetsInput,
  ListChangeSetsOutput,
} from '@aws-sdk/client-cloudformation';
import { randomUUID } from 'node:crypto';
import { AwsError } from '../../errors.ts';
import { type AnyOperation, type Call, operation } from '../../service.ts';
import { type Context, authorizeRole, findStack, refuseMembers, stackResource } from '../context.ts';
import { foreignScope } from '../engine/exports.ts';
import { changesOf } from '../plan/changes.ts';
import { makePlan } from '../plan/plan.ts';
import type { ChangeSet, Stack, StoredChange } from '../stack/stack.ts';
import { validationError } from '../template/template.ts';
import { shownParameters } from './describe-stacks.ts';
import { type Prepared, hasChanges, newStack, prepare } from './prepare.ts';
import { beginCreation, beginUpdate, checkUpdatable } from './stack-operations.ts';

/** What the CDK CLI looks for to tell an empty change set from a failed one. */
const NO_CHANGES =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

export function changeSetOperations(context: Context): Record<string, AnyOperation> {
  const { store, account } = context;
  const stackOf = ({ StackName, ChangeSetName }: { StackName?: string; ChangeSetName?: string }) => ({
    StackName: StackName ?? store.changeSets.get(ChangeSetName ?? '')?.stackId,
  });
  const resource = (input: { StackName?: string; ChangeSetName?: string }): string =>
    stackResource(context)(stackOf(input));
  const find = (input: { StackName?: string; ChangeSetName?: string }): ChangeSet | undefined => {
    const byArn = store.changeSets.get(input.ChangeSetName ?? '');
    if (byArn) return byArn;
    const stack = findStack(context, stackOf(input).StackName);
    return changeSetsOf(stack).find(({ name }) => name === input.ChangeSetName);
  };
  const found = (input: { StackName?: string; ChangeSetName?: string }): ChangeSet => {
    const changeSet = find(input);
    if (changeSet) return changeSet;
    throw new AwsError('ChangeSetNotFoundException', `ChangeSet [${input.ChangeSetName}] does not exist`, 404);
  };
  const changeSetsOf = (stack: Stack): ChangeSet[] =>
    [...store.changeSets.values()].filter(({ stackId }) => stackId === stack.id);

  return {
    CreateChangeSet: operation<CreateChangeSetInput, CreateChangeSetOutput>({
      takes: [
        'StackName',
        'ChangeSetName',
        'ChangeSetType',
        'TemplateBody',
        'TemplateURL',
        'UsePreviousTemplate',
        'Parameters',
        'Capabilities',
        'RoleARN',
        'Tags',
        'Description',
        'ClientToken',
        'OnStackFailure',
        'RollbackConfiguration',
        'DeploymentConfig',
        'NotificationARNs',
        'ResourcesToImport',
        'ImportExistingResources',
        'IncludeNestedStacks',
      ],
      resource,
      handle: async (input, call) => {
        refuseMembers('CreateChangeSet', input, ['NotificationARNs', 'ResourcesToImport', 'ImportExistingResources']);
        authorizeRole(call, input.RoleARN);
        const stack = stackFor(context, input);
        const prepared = await prepare(context, call, input, stack);
        const changeSet = await newChangeSet(context, input, stack, prepared);
        if (changeSetsOf(stack).some(({ name }) => name === changeSet.name))
          throw new AwsError(
            'AlreadyExistsException',
            `ChangeSet ${changeSet.name} already exists for stack ${stack.name}`,
          );
        if ((store.find(stack.name) ?? stack) !== stack)
          throw new AwsError('AlreadyExistsException', `Stack [${stack.name}] already exists`);
        if (store.find(stack.id) === undefined) review(context, stack);
        store.changeSets.set(changeSet.id, changeSet);
        return { Id: changeSet.id, StackId: stack.id };
      },
    }),
    DescribeChangeSet: operation<DescribeChangeSetInput, DescribeChangeSetOutput>({
      resource,
      handle: (input) => {
        const changeSet = found(input);
        const { target, changes } = changeSet;
        return {
          ...summary(context, changeSet),
          Parameters: shownParameters(target.parameters),
          Tags: [...target.tags],
          Capabilities: [...target.capabilities] as DescribeChangeSetOutput['Capabilities'],
          OnStackFailure: changeSet.onFailure,
          Changes: changes.map(shownChange),
        };
      },
    }),
    ListChangeSets: operation<ListChangeSetsInput, ListChangeSetsOutput>({
      resource,
      handle: (input) => ({
        Summaries: changeSetsOf(findStack(context, input.StackName)).map((changeSet) => summary(context, changeSet)),
      }),
    }),
    DeleteChangeSet: operation<DeleteChangeSetInput, DeleteChangeSetOutput>({
      resource,
      handle: (input) => {
        const changeSet = find(input);
        if (changeSet) store.changeSets.delete(changeSet.id);
        return {};
      },
    }),
    ExecuteChangeSet: operation<ExecuteChangeSetInput, ExecuteChangeSetOutput>({
      takes: ['StackName', 'ChangeSetName', 'ClientRequestToken', 'DisableRollback', 'RetainExceptOnCreate'],
      resource,
      handle: async (input, call) => {
        const changeSet = found(input);
        if (changeSet.status !== 'CREATE_COMPLETE')
          throw new AwsError(
            'InvalidChangeSetStatusException',
            `ChangeSet [${changeSet.id}] cannot be executed in its current status of [${changeSet.status}]`,
          );
        await execute(context, call, input, changeSet);
        // They were made for the stack as it was.
        for (const { id } of changeSetsOf(findStack(context, changeSet.stackId))) store.changeSets.delete(id);
        return {};
      },
    }),
  };

  async function execute(
    context: Context,
    call: Call,
    input: ExecuteChangeSetInput,
    changeSet: ChangeSet,
  ): Promise<void> {
    const stack = findStack(context, changeSet.stackId);
    const { target, roleArn, onFailure } = changeSet;
    const { template: text, parameters } = target;
    const plan = makePlan({ text, parameters, stack, account, foreign: foreignScope(store) });
    const begin = stack.status === 'REVIEW_IN_PROGRESS' ? beginCreation : beginUpdate;
    await begin(
      context,
      call,
      stack,
      { target, plan },
      {
        ...input,
        RoleARN: roleArn,
        disableRollback: input.DisableRollback ?? false,
        onFailure: onFailure ?? 'ROLLBACK',
      },
    );
    stack.changeSetId = changeSet.id;
    store.save(stack);
  }
}

/** The stack that a change set is for: one under review or not there yet to be created, one that is there to be updated. */
function stackFor(
  context: Context,
  { StackName, ChangeSetName, ChangeSetType = 'UPDATE' }: CreateChangeSetInput,
): Stack {
  const existing = context.store.find(StackName ?? '');
  if (ChangeSetType === 'CREATE') {
    if (!existing) return newStack(context, StackName);
    if (existing.status === 'REVIEW_IN_PROGRESS') return existing;
    throw validationError(
      `Stack [${StackName}] already exists and cannot be created again with the changeSet [${ChangeSetName}].`,
    );
  }
  if (ChangeSetType !== 'UPDATE') throw validationError(`ChangeSetType ${ChangeSetType} is not supported here`);
  if (!existing || existing.status === 'REVIEW_IN_PROGRESS')
    throw validationError(`Stack [${StackName}] does not exist`);
  // Whether a paused stack may go on without rollback is asked when the change set is executed.
  checkUpdatable(existing, true);
  return existing;
}

async function newChangeSet(
  context: Context,
  input: CreateChangeSetInput,
  stack: Stack,
  prepared: Prepared,
): Promise<ChangeSet> {
  const name = input.ChangeSetName ?? '';
  if (!/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(name))
    throw validationError(
      `The change set name ${name} must be of 1 to 128 letters, digits and hyphens, the first a letter.`,
    );
  const { account, store } = context;
  const changes = changesOf(await context.types(), prepared.plan, store.resources(stack.id), prepared.target.tags);
  const paused = stack.status.endsWith('_FAILED');
  const empty = !paused && stack.status !== 'REVIEW_IN_PROGRESS' && !hasChanges(stack.deployed, prepared, changes);
  return {
    id: `arn:aws:cloudformation:${account.region}:${account.id}:changeSet/${name}/${randomUUID()}`,
    name,
    stackId: stack.id,
    created: new Date(),
    description: input.Description,
    status: empty ? 'FAILED' : 'CREATE_COMPLETE',
    statusReason: empty ? NO_CHANGES : undefined,
    target: prepared.target,
    roleArn: input.RoleARN,
    onFailure: input.OnStackFailure,
    changes,
  };
}

function review(context: Context, stack: Stack): void {
  context.store.save(stack);
  context.store.addEvent(stack, {
    LogicalResourceId: stack.name,
    PhysicalResourceId: stack.id,
    ResourceType: 'AWS::CloudFormation::Stack',
    ResourceStatus: 'REVIEW_IN_PROGRESS',
    ResourceStatusReason: 'User Initiated',
    OperationId: undefined,
    ClientRequestToken: undefined,
  });
}

const summary = ({ store }: Context, changeSet: ChangeSet): ChangeSetSummary => ({
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

function shownChange(change: StoredChange): Change {
  const { action, logicalId, physicalId, type, replacement, retain, details } = change;
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

  function policyAction({ action }: StoredChange) {
    if (action === 'Remove') return retain ? 'Retain' : 'Delete';
    if (replacement === 'True') return retain ? 'ReplaceAndRetain' : 'ReplaceAndDelete';
    return undefined;
  }
}
