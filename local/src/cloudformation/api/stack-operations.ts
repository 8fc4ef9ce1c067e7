import type {
  ContinueUpdateRollbackInput,
  ContinueUpdateRollbackOutput,
  CreateStackInput,
  CreateStackOutput,
  DeleteStackInput,
  OnStackFailure,
  RollbackStackInput,
  RollbackStackOutput,
  UpdateStackInput,
  UpdateStackOutput,
  UpdateTerminationProtectionInput,
  UpdateTerminationProtectionOutput,
} from '@aws-sdk/client-cloudformation';
import { AwsError } from '../../errors.ts';
import { type AnyOperation, type Call, operation } from '../../service.ts';
import {
  type BeginOptions,
  type Context,
  authorizeRole,
  beginOperation,
  findStack,
  refuseMembers,
  stackResource,
} from '../context.ts';
import { createStack, updateStack } from '../engine/deploy.ts';
import { deleteStack } from '../engine/delete-stack.ts';
import { rollBackCreation, rollBackUpdate } from '../engine/rollback.ts';
import { changesOf } from '../plan/changes.ts';
import { type Stack, isInProgress } from '../stack/stack.ts';
import { validationError } from '../template/template.ts';
import { type Prepared, hasChanges, newStack, prepare } from './prepare.ts';

export interface DeployOptions extends BeginOptions {
  readonly disableRollback: boolean;
  readonly onFailure: OnStackFailure;
}

/**
 * Creates the resources of a stack that is new or under review. Answers when the operation has begun; throws AlreadyExists
 * when another one has that name.
 */
export async function beginCreation(
  context: Context,
  call: Call,
  stack: Stack,
  { target, plan }: Prepared,
  options: DeployOptions,
): Promise<void> {
  const begun = await beginOperation(context, call, stack, options);
  if ((context.store.find(stack.name) ?? stack) !== stack || stack.status !== 'REVIEW_IN_PROGRESS')
    throw new AwsError('AlreadyExistsException', `Stack [${stack.name}] already exists`);
  stack.disableRollback = options.disableRollback;
  stack.onFailure = options.onFailure;
  stack.deployed = { ...target, outputs: [], imports: plan.imports };
  context.engine.start(begun, () => createStack(begun, plan));
}

/** Updates a stack. Throws ValidationError when its status does not allow that; answers when the operation has begun. */
export async function beginUpdate(
  context: Context,
  call: Call,
  stack: Stack,
  { target, plan }: Prepared,
  options: DeployOptions,
): Promise<void> {
  const begun = await beginOperation(context, call, stack, options);
  checkUpdatable(stack, options.disableRollback);
  stack.disableRollback = options.disableRollback;
  stack.updated = new Date();
  stack.before ??= stack.deployed;
  stack.deployed = { ...stack.deployed, ...target, imports: [...stack.deployed.imports, ...plan.imports] };
  context.engine.start(begun, () => updateStack(begun, plan));
}

const UPDATABLE: readonly string[] = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'];
/** Where a failure without rollback has left a stack. */
const PAUSED: readonly string[] = ['CREATE_FAILED', 'UPDATE_FAILED'];

/** Throws ValidationError when the stack cannot be updated as it is. */
export function checkUpdatable(stack: Stack, disableRollback: boolean): void {
  if (UPDATABLE.includes(stack.status) || (disableRollback && PAUSED.includes(stack.status))) return;
  if (PAUSED.includes(stack.status))
    throw validationError(
      `This stack is currently in a non-terminal [${stack.status}] state. To update the stack from this state, please use the ` +
        'disable-rollback parameter with update-stack API. To rollback to the last known good state, use the rollback-stack API',
    );
  throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
}

export function stackOperations(context: Context): Record<string, AnyOperation> {
  const { store, engine } = context;
  const resource = stackResource(context);
  return {
    CreateStack: operation<CreateStackInput, CreateStackOutput>({
      takes: [
        'StackName',
        'TemplateBody',
        'TemplateURL',
        'Parameters',
        'Capabilities',
        'RoleARN',
        'Tags',
        'RollbackConfiguration',
        'DeploymentConfig',
        'NotificationARNs',
        'ClientRequestToken',
        'DisableRollback',
        'RetainExceptOnCreate',
        'OnFailure',
        'EnableTerminationProtection',
      ],
      resource,
      handle: async (input, call) => {
        refuseMembers('CreateStack', input, ['NotificationARNs']);
        authorizeRole(call, input.RoleARN);
        const stack = newStack(context, input.StackName);
        const prepared = await prepare(context, call, input, stack);
        stack.terminationProtection = input.EnableTerminationProtection ?? false;
        await beginCreation(context, call, stack, prepared, {
          ...input,
          disableRollback: input.DisableRollback ?? false,
          onFailure: input.OnFailure ?? 'ROLLBACK',
        });
        return { StackId: stack.id };
      },
    }),
    UpdateStack: operation<UpdateStackInput, UpdateStackOutput>({
      takes: [
        'StackName',
        'TemplateBody',
        'TemplateURL',
        'Parameters',
        'Capabilities',
        'RoleARN',
        'Tags',
        'RollbackConfiguration',
        'DeploymentConfig',
        'NotificationARNs',
        'ClientRequestToken',
        'DisableRollback',
        'RetainExceptOnCreate',
        'UsePreviousTemplate',
      ],
      resource,
      handle: async (input, call) => {
        refuseMembers('UpdateStack', input, ['NotificationARNs']);
        authorizeRole(call, input.RoleARN);
        const stack = findStack(context, input.StackName);
        const disableRollback = input.DisableRollback ?? false;
        checkUpdatable(stack, disableRollback);
        const prepared = await prepare(context, call, input, stack);
        const changes = changesOf(
          await context.types(),
          prepared.plan,
          store.resources(stack.id),
          prepared.target.tags,
        );
        if (!PAUSED.includes(stack.status) && !hasChanges(stack.deployed, prepared, changes))
          throw validationError('No updates are to be performed.');
        await beginUpdate(context, call, stack, prepared, { ...input, disableRollback, onFailure: stack.onFailure });
        return { StackId: stack.id };
      },
    }),
    DeleteStack: operation<DeleteStackInput, object>({
      takes: ['StackName', 'RetainResources', 'RoleARN', 'ClientRequestToken', 'DeletionMode', 'DeploymentConfig'],
      resource,
      handle: async (input, call) => {
        if (input.DeletionMode !== 'STANDARD') refuseMembers('DeleteStack', input, ['DeletionMode']);
        authorizeRole(call, input.RoleARN);
        const stack = store.find(input.StackName ?? '');
        if (!stack || stack.status === 'DELETE_COMPLETE' || stack.status === 'DELETE_IN_PROGRESS') return {};
        if (stack.terminationProtection)
          throw validationError(`Stack [${stack.id}] cannot be deleted while TerminationProtection is enabled`);
        const begun = await beginOperation(context, call, stack, input);
        if (isInProgress(stack))
          throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be deleted.`);
        const retained = input.RetainResources ?? [];
        if (retained.length > 0 && stack.status !== 'DELETE_FAILED')
          throw validationError('RetainResources can be given for a stack in the state DELETE_FAILED only.');
        for (const changeSet of [...store.changeSets.values()])
          if (changeSet.stackId === stack.id) store.changeSets.delete(changeSet.id);
        engine.start(begun, () => deleteStack(begun, retained));
        return {};
      },
    }),
    RollbackStack: operation<RollbackStackInput, RollbackStackOutput>({
      takes: ['StackName', 'RoleARN', 'ClientRequestToken', 'RetainExceptOnCreate', 'DeploymentConfig'],
      resource,
      handle: async (input, call) => {
        authorizeRole(call, input.RoleARN);
        const stack = findStack(context, input.StackName);
        const begun = await beginOperation(context, call, stack, input);
        const { status } = stack;
        if (!PAUSED.includes(status))
          throw validationError(`Stack:${stack.id} is in ${status} state and can not be rolled back.`);
        engine.start(begun, () =>
          status === 'CREATE_FAILED'
            ? rollBackCreation(begun, 'User Initiated')
            : rollBackUpdate(begun, 'User Initiated', []),
        );
        return { StackId: stack.id };
      },
    }),
    ContinueUpdateRollback: operation<ContinueUpdateRollbackInput, ContinueUpdateRollbackOutput>({
      takes: ['StackName', 'RoleARN', 'ResourcesToSkip', 'ClientRequestToken', 'ForceRollback'],
      resource,
      handle: async (input, call) => {
        refuseMembers('ContinueUpdateRollback', input, ['ForceRollback']);
        authorizeRole(call, input.RoleARN);
        const stack = findStack(context, input.StackName);
        const begun = await beginOperation(context, call, stack, input);
        if (stack.status !== 'UPDATE_ROLLBACK_FAILED')
          throw validationError(
            `Stack:${stack.id} is in ${stack.status} state and can not continue its update rollback.`,
          );
        const skip = input.ResourcesToSkip ?? [];
        engine.start(begun, () => rollBackUpdate(begun, 'User Initiated', skip));
        return {};
      },
    }),
    UpdateTerminationProtection: operation<UpdateTerminationProtectionInput, UpdateTerminationProtectionOutput>({
      resource,
      handle: (input) => {
        const stack = findStack(context, input.StackName);
        stack.terminationProtection = input.EnableTerminationProtection ?? false;
        store.save(stack);
        return { StackId: stack.id };
      },
    }),
  };
}
