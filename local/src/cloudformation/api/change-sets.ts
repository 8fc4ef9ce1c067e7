import type * as sdk from '@aws-sdk/client-cloudformation';
import { randomUUID } from 'node:crypto';
import { AwsError, refuseMembers } from '../../errors.ts';
import type { Call, Operations } from '../../service.ts';
import { type Context, authorizeRole, disablesRollback, findStack, stackResource } from '../context.ts';
import { foreignScope } from '../engine/exports.ts';
import { changesOf } from '../plan/changes.ts';
import { makePlan } from '../plan/plan.ts';
import type { ChangeSet, Stack, StoredChange } from '../stack/stack.ts';
import { parseTemplate } from '../template/parse-template.ts';
import { validationError } from '../template/template.ts';
import { beginCreation, beginImport, beginUpdate, checkUpdatable, isPaused } from './begin-deployment.ts';
import { shownParameters } from './describe-stacks.ts';
import { automaticImports, type Imports, namedImports } from './imports.ts';
import { DEPLOYMENT_MEMBERS, type Prepared, hasChanges, newStack, prepare } from './prepare.ts';
import { shownChange, shownChangeSet } from './shown-change-set.ts';

/** What the CDK CLI looks for to tell an empty change set from a failed one. */
const NO_CHANGES =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

/** A change set is named by its ARN, or by its name and its stack. */
interface ChangeSetRef {
  readonly StackName?: string | undefined;
  readonly ChangeSetName?: string | undefined;
}

export function changeSetOperations(context: Context): Operations<typeof sdk> {
  const { store } = context;
  const stackOf = ({ StackName, ChangeSetName = '' }: ChangeSetRef): string | undefined =>
    StackName ?? store.changeSets.get(ChangeSetName)?.stackId;
  const resource = (input: ChangeSetRef): string => stackResource(context)({ StackName: stackOf(input) });
  const find = (input: ChangeSetRef): ChangeSet | undefined =>
    store.changeSets.get(input.ChangeSetName ?? '') ??
    store.changeSetsOf(findStack(context, stackOf(input))).find(({ name }) => name === input.ChangeSetName);
  const found = (input: ChangeSetRef): ChangeSet => {
    const changeSet = find(input);
    if (changeSet) return changeSet;
    throw new AwsError('ChangeSetNotFoundException', `ChangeSet [${input.ChangeSetName}] does not exist`, 404);
  };
  return {
    CreateChangeSet: {
      takes: [
        ...DEPLOYMENT_MEMBERS,
        ...(['ChangeSetName', 'ChangeSetType', 'Description', 'ClientToken', 'OnStackFailure'] as const),
        ...(['UsePreviousTemplate', 'ResourcesToImport', 'ImportExistingResources', 'IncludeNestedStacks'] as const),
      ],
      resource,
      handle: async (input, call) => {
        refuseMembers('CreateChangeSet', input, ['NotificationARNs']);
        authorizeRole(call, input.RoleARN);
        const stack = stackFor(context, input);
        const prepared = await prepare(context, call, input, stack);
        const changeSet = await newChangeSet(context, call, input, stack, prepared);
        if (store.changeSetsOf(stack).some(({ name }) => name === changeSet.name))
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
    },
    DescribeChangeSet: {
      takes: ['StackName', 'ChangeSetName', 'IncludePropertyValues'],
      resource,
      handle: (input) => {
        const changeSet = found(input);
        const { target, changes } = changeSet;
        return {
          ...shownChangeSet(context, changeSet),
          Parameters: shownParameters(target.parameters),
          Tags: [...target.tags],
          Capabilities: [...target.capabilities] as sdk.DescribeChangeSetOutput['Capabilities'],
          OnStackFailure: changeSet.onFailure,
          DeploymentConfig: changeSet.deploymentConfig,
          Changes: changes.map(shownChange),
        };
      },
    },
    ListChangeSets: {
      takes: ['StackName'],
      resource,
      handle: (input) => ({
        Summaries: store
          .changeSetsOf(findStack(context, input.StackName))
          .map((changeSet) => shownChangeSet(context, changeSet)),
      }),
    },
    DeleteChangeSet: {
      takes: ['StackName', 'ChangeSetName'],
      resource,
      handle: (input) => {
        const changeSet = find(input);
        if (changeSet) store.changeSets.delete(changeSet.id);
      },
    },
    ExecuteChangeSet: {
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
      },
    },
  };
}

async function execute(
  context: Context,
  call: Call,
  input: sdk.ExecuteChangeSetInput,
  { id, stackId, target, roleArn, onFailure = 'ROLLBACK', deploymentConfig, imported, isImport }: ChangeSet,
): Promise<void> {
  const { store, account } = context;
  const stack = findStack(context, stackId);
  const template = parseTemplate(target.template);
  const plan = makePlan({ template, parameters: target.parameters, stack, account, foreign: foreignScope(store) });
  const begin = isImport ? beginImport : stack.status === 'REVIEW_IN_PROGRESS' ? beginCreation : beginUpdate;
  const disableRollback = disablesRollback(deploymentConfig, input.DisableRollback);
  await begin(
    context,
    call,
    stack,
    { target, plan },
    { ...input, RoleARN: roleArn, DeploymentConfig: deploymentConfig, disableRollback, onFailure, imported },
  );
  stack.changeSetId = id;
  store.save(stack);
}

/** The stack that a change set is for: one under review or not there yet to be created, one that is there to be updated. */
function stackFor(
  context: Context,
  { StackName, ChangeSetName, ChangeSetType = 'UPDATE' }: sdk.CreateChangeSetInput,
): Stack {
  const existing = context.store.find(StackName ?? '');
  if (ChangeSetType === 'CREATE' || (ChangeSetType === 'IMPORT' && !existing)) {
    if (!existing) return newStack(context, StackName);
    if (existing.status === 'REVIEW_IN_PROGRESS') return existing;
    throw validationError(
      `Stack [${StackName}] already exists and cannot be created again with the changeSet [${ChangeSetName}].`,
    );
  }
  if (ChangeSetType === 'IMPORT' && existing?.status === 'REVIEW_IN_PROGRESS') return existing;
  if (!existing || existing.status === 'REVIEW_IN_PROGRESS')
    throw validationError(`Stack [${StackName}] does not exist`);
  // Whether a paused stack may go on without rollback is asked when the change set is executed.
  checkUpdatable(existing, true);
  return existing;
}

async function newChangeSet(
  context: Context,
  call: Call,
  input: sdk.CreateChangeSetInput,
  stack: Stack,
  prepared: Prepared,
): Promise<ChangeSet> {
  const name = input.ChangeSetName ?? '';
  if (!/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(name))
    throw validationError(
      `The change set name ${name} must be of 1 to 128 letters, digits and hyphens, the first a letter.`,
    );
  const { account, store } = context;
  const found = changesOf(await context.types(), prepared.plan, store.resources(stack.id), prepared.target.tags);
  const isImport = input.ChangeSetType === 'IMPORT';
  if (!isImport && (input.ResourcesToImport ?? []).length > 0)
    throw validationError('ResourcesToImport goes with the change set type IMPORT alone.');
  const { imported, refusal }: Imports = isImport
    ? await namedImports(context, call, input, prepared, found)
    : input.ImportExistingResources
      ? await automaticImports(context, call, input, prepared, found)
      : { imported: {} };
  const changes = found.map((change): StoredChange =>
    Object.hasOwn(imported, change.logicalId) ? { ...change, action: 'Import' } : change,
  );
  const deployed = stack.status !== 'REVIEW_IN_PROGRESS' && !isPaused(stack);
  const empty = deployed && !hasChanges(stack.deployed, prepared, changes);
  return {
    id: `arn:aws:cloudformation:${account.region}:${account.id}:changeSet/${name}/${randomUUID()}`,
    name,
    stackId: stack.id,
    created: new Date(),
    description: input.Description,
    status: empty || refusal !== undefined ? 'FAILED' : 'CREATE_COMPLETE',
    statusReason: refusal ?? (empty ? NO_CHANGES : undefined),
    target: prepared.target,
    roleArn: input.RoleARN,
    onFailure: input.OnStackFailure,
    deploymentConfig: input.DeploymentConfig,
    changes,
    imported,
    isImport,
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
