import type * as sdk from '@aws-sdk/client-cloudformation';
import { refuseMembers } from '../../errors.ts';
import type { Operations } from '../../service.ts';
import { type Context, authorizeRole, beginOperation, disablesRollback, findStack, stackResource } from '../context.ts';
import { deleteStack } from '../engine/delete-stack.ts';
import { rollBackCreation, rollBackUpdate } from '../engine/rollback.ts';
import { changesOf } from '../plan/changes.ts';
import { isInProgress } from '../stack/stack.ts';
import { validationError } from '../template/template.ts';
import { beginCreation, beginUpdate, checkUpdatable, dropChangeSets, isPaused } from './begin-deployment.ts';
import { DEPLOYMENT_MEMBERS, hasChanges, newStack, prepare } from './prepare.ts';

export function stackOperations(context: Context): Operations<typeof sdk> {
  const { store, engine } = context;
  const resource = stackResource(context);
  return {
    CreateStack: {
      takes: [
        ...DEPLOYMENT_MEMBERS,
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
          disableRollback: disablesRollback(input.DeploymentConfig, input.DisableRollback),
          onFailure: input.OnFailure ?? 'ROLLBACK',
        });
        return { StackId: stack.id };
      },
    },
    UpdateStack: {
      takes: [
        ...DEPLOYMENT_MEMBERS,
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
        const disableRollback = disablesRollback(input.DeploymentConfig, input.DisableRollback);
        checkUpdatable(stack, disableRollback);
        const prepared = await prepare(context, call, input, stack);
        const changes = changesOf(
          await context.types(),
          prepared.plan,
          store.resources(stack.id),
          prepared.target.tags,
        );
        if (!isPaused(stack) && !hasChanges(stack.deployed, prepared, changes))
          throw validationError('No updates are to be performed.');
        await beginUpdate(context, call, stack, prepared, { ...input, disableRollback, onFailure: stack.onFailure });
        return { StackId: stack.id };
      },
    },
    DeleteStack: {
      takes: ['StackName', 'RetainResources', 'RoleARN', 'ClientRequestToken', 'DeletionMode', 'DeploymentConfig'],
      resource,
      handle: async (input, call) => {
        if (input.DeletionMode !== 'STANDARD') refuseMembers('DeleteStack', input, ['DeletionMode']);
        authorizeRole(call, input.RoleARN);
        const stack = store.find(input.StackName ?? '');
        if (!stack || stack.status === 'DELETE_COMPLETE' || stack.status === 'DELETE_IN_PROGRESS') return;
        if (stack.terminationProtection)
          throw validationError(`Stack [${stack.id}] cannot be deleted while TerminationProtection is enabled`);
        const begun = await beginOperation(context, call, stack, input);
        if (isInProgress(stack))
          throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be deleted.`);
        const retained = input.RetainResources ?? [];
        if (retained.length > 0 && stack.status !== 'DELETE_FAILED')
          throw validationError('RetainResources can be given for a stack in the state DELETE_FAILED only.');
        dropChangeSets(context, stack);
        stack.deploymentConfig = input.DeploymentConfig;
        engine.start(begun, () => deleteStack(begun, retained));
      },
    },
    RollbackStack: {
      takes: ['StackName', 'RoleARN', 'ClientRequestToken', 'RetainExceptOnCreate', 'DeploymentConfig'],
      resource,
      handle: async (input, call) => {
        authorizeRole(call, input.RoleARN);
        const stack = findStack(context, input.StackName);
        const begun = await beginOperation(context, call, stack, input);
        if (!isPaused(stack))
          throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be rolled back.`);
        stack.deploymentConfig = input.DeploymentConfig;
        engine.start(begun, () =>
          // Nothing to go back to when the stack has never been complete.
          stack.before === undefined
            ? rollBackCreation(begun, 'User Initiated')
            : rollBackUpdate(begun, 'User Initiated', []),
        );
        return { StackId: stack.id };
      },
    },
    ContinueUpdateRollback: {
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
      },
    },
    UpdateTerminationProtection: {
      takes: ['StackName', 'EnableTerminationProtection'],
      resource,
      handle: (input) => {
        const stack = findStack(context, input.StackName);
        stack.terminationProtection = input.EnableTerminationProtection ?? false;
        store.save(stack);
        return { StackId: stack.id };
      },
    },
  };
}
