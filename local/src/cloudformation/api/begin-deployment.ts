import type { DeploymentConfig, OnStackFailure } from '@aws-sdk/client-cloudformation';
import { AwsError } from '../../errors.ts';
import type { Call } from '../../service.ts';
import { type BeginOptions, type Context, beginOperation } from '../context.ts';
import { createStack, importIntoStack, updateStack } from '../engine/deploy.ts';
import type { Stack } from '../stack/stack.ts';
import { validationError } from '../template/template.ts';
import type { Prepared } from './prepare.ts';

export interface DeployOptions extends BeginOptions {
  readonly DeploymentConfig?: DeploymentConfig | undefined;
  readonly disableRollback: boolean;
  readonly onFailure: OnStackFailure;
}

type Begin = (context: Context, call: Call, stack: Stack, prepared: Prepared, options: DeployOptions) => Promise<void>;

/**
 * Creates the resources of a stack that is new or under review. Answers when the operation has begun; throws AlreadyExists
 * when another one has that name.
 */
export const beginCreation: Begin = async (context, call, stack, { target, plan }, options) => {
  const begun = await beginOperation(context, call, stack, options);
  if ((context.store.find(stack.name) ?? stack) !== stack || stack.status !== 'REVIEW_IN_PROGRESS')
    throw new AwsError('AlreadyExistsException', `Stack [${stack.name}] already exists`);
  dropChangeSets(context, stack);
  stack.disableRollback = options.disableRollback;
  stack.deploymentConfig = options.DeploymentConfig;
  stack.onFailure = options.onFailure;
  stack.deployed = { ...target, outputs: [], imports: plan.imports };
  context.engine.start(begun, () => createStack(begun, plan));
};

/** Updates a stack. Throws ValidationError when its status does not allow that; answers when the operation has begun. */
export const beginUpdate: Begin = async (context, call, stack, prepared, options) => {
  const operation = await beginOperation(context, call, stack, options);
  checkUpdatable(stack, options.disableRollback);
  stack.disableRollback = options.disableRollback;
  stack.deploymentConfig = options.DeploymentConfig;
  // From a failure without rollback, the way back leads past it.
  change(context, stack, prepared, UPDATABLE.includes(stack.status) ? stack.deployed : stack.before);
  context.engine.start(operation, () => updateStack(operation, prepared.plan));
};

/** Imports what is there into a stack, which may be new. Answers when the operation has begun. */
export const beginImport: Begin = async (context, call, stack, prepared, options) => {
  const operation = await beginOperation(context, call, stack, options);
  change(context, stack, prepared, stack.deployed);
  context.engine.start(operation, () => importIntoStack(operation, prepared.plan));
};

function change(context: Context, stack: Stack, { target, plan }: Prepared, before: Stack['before']): void {
  dropChangeSets(context, stack);
  stack.updated = new Date();
  stack.before = before;
  stack.deployed = { ...stack.deployed, ...target, imports: [...stack.deployed.imports, ...plan.imports] };
}

/** Change sets were made for the stack as it was: once it changes, all of them are gone. */
export function dropChangeSets({ store }: Context, stack: Stack): void {
  for (const { id } of store.changeSetsOf(stack)) store.changeSets.delete(id);
}

const UPDATABLE: readonly string[] = [
  ...['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'],
  ...['IMPORT_COMPLETE', 'IMPORT_ROLLBACK_COMPLETE'],
];
/** Where a failure without rollback has left a stack. */
const PAUSED: readonly string[] = ['CREATE_FAILED', 'UPDATE_FAILED'];
export const isPaused = ({ status }: Stack): boolean => PAUSED.includes(status);

/** Throws ValidationError when the stack cannot be updated as it is. */
export function checkUpdatable(stack: Stack, disableRollback: boolean): void {
  if (UPDATABLE.includes(stack.status) || (disableRollback && isPaused(stack))) return;
  if (isPaused(stack))
    throw validationError(
      `This stack is currently in a non-terminal [${stack.status}] state. To update the stack from this state, please use the ` +
        'disable-rollback parameter with update-stack API. To rollback to the last known good state, use the rollback-stack API',
    );
  throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
}
