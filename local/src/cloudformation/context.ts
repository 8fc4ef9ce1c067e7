import type { DeploymentConfig } from '@aws-sdk/client-cloudformation';
import type { Dispatcher } from '../dispatcher.ts';
import type { IamStore } from '../iam/iam-store.ts';
import type { Pace } from '../pace/pace.ts';
import type { Readings } from '../readings.ts';
import type { Account, Call } from '../service.ts';
import type { Engine } from './engine/engine.ts';
import type { Handler } from './engine/handler.ts';
import { Operation, type OperationOptions } from './engine/operation.ts';
import type { Invoke } from './resources/provider.ts';
import type { ResourceTypes } from './resources/resource-types.ts';
import type { StackStore } from './stack/stack-store.ts';
import type { Stack } from './stack/stack.ts';
import { validationError } from './template/template.ts';

/** What the operations of the API share. */
export interface Context {
  readonly store: StackStore;
  readonly engine: Engine;
  readonly account: Account;
  readonly iam: IamStore;
  readonly dispatcher: Dispatcher;
  readonly readings: Readings;
  readonly pace: Pace;
  readonly customResources: Handler;
  /** Loads AWS's data about resource types when it is first asked for. */
  readonly types: () => Promise<ResourceTypes>;
}

/** The ARN that IAM is asked about: of the stack, or of any stack of that name while there is none. */
export const stackResource =
  ({ store, account }: Context) =>
  ({ StackName: name }: { StackName?: string | undefined }): string =>
    name === undefined
      ? '*'
      : (store.find(name)?.id ?? `arn:aws:cloudformation:${account.region}:${account.id}:stack/${name}/*`);

/** Throws, in the words that the CDK CLI looks for, when there is no such stack. */
export function findStack(
  { store }: Context,
  name: string | undefined,
  words: 'with id' | 'brackets' = 'brackets',
): Stack {
  const stack = store.find(name ?? '');
  if (!stack)
    throw validationError(
      words === 'with id' ? `Stack with id ${name} does not exist` : `Stack [${name}] does not exist`,
    );
  return stack;
}

export interface BeginOptions {
  readonly RoleARN?: string | undefined;
  readonly ClientRequestToken?: string | undefined;
  readonly RetainExceptOnCreate?: boolean | undefined;
  /** See OperationOptions. */
  readonly imported?: OperationOptions['imported'] | undefined;
}

/** Throws AccessDenied when the caller may not hand that role to CloudFormation. */
export function authorizeRole(call: Call, roleArn: string | undefined): void {
  if (roleArn !== undefined)
    call.authorize('iam:PassRole', roleArn, { 'iam:PassedToService': 'cloudformation.amazonaws.com' });
}

/**
 * Prepares an operation on a stack. It works as the role that is passed or that the stack had before, else as the caller.
 * Throws AccessDenied when that role does not trust CloudFormation.
 */
export async function beginOperation(
  context: Context,
  call: Call,
  stack: Stack,
  { RoleARN, ClientRequestToken, RetainExceptOnCreate, imported = {} }: BeginOptions,
): Promise<Operation> {
  const { store, account, readings, pace, customResources, types } = context;
  const roleArn = RoleARN ?? stack.roleArn;
  const environment = { store, account, readings, pace, types: await types(), customResources };
  return new Operation(environment, stack, {
    invoke: invokeAs(context, call, roleArn),
    roleArn,
    imported,
    token: ClientRequestToken,
    retainExceptOnCreate: RetainExceptOnCreate ?? false,
  });
}

/** Calls as the role that a stack works as, or without one as the caller. Throws AccessDenied when it does not trust us. */
export function invokeAs({ iam, dispatcher }: Context, call: Call, roleArn: string | undefined): Invoke {
  const principal =
    roleArn === undefined
      ? call.principal
      : iam.serviceSession(roleArn, 'cloudformation.amazonaws.com', 'AWSCloudFormation');
  return (service, operation, input) => dispatcher.invoke(principal, service, operation, input);
}

/** Whether a failure is to leave everything as it is, which in express mode goes without saying (User Guide, cloudformation-express-mode). */
export const disablesRollback = (config: DeploymentConfig | undefined, DisableRollback = false): boolean =>
  config?.DisableRollback ?? (config?.Mode === 'EXPRESS' || DisableRollback);
