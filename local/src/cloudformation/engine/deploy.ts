import type { Output } from '@aws-sdk/client-cloudformation';
import { runInOrder } from '../plan/graph.ts';
import type { Plan } from '../plan/plan.ts';
import { problemsOf } from '../plan/validate.ts';
import { evaluate } from '../template/intrinsics.ts';
import type { Value } from '../template/value.ts';
import { cleanUp } from './removal.ts';
import { deployResource, failResource, liveScope } from './deploy-resource.ts';
import { checkExports } from './exports.ts';
import { failureReason } from './failure-reason.ts';
import type { Operation } from './operation.ts';
import { rollBackCreation, rollBackUpdate } from './rollback.ts';
import { settle } from './settle.ts';

/** Creates the resources of a stack; a failure deletes them again, or does what the stack says about failures. */
export async function createStack(operation: Operation, plan: Plan): Promise<void> {
  const { stack } = operation;
  operation.setStackStatus('CREATE_IN_PROGRESS', 'User Initiated');
  const failure = await deploy(operation, plan);
  if (failure === undefined) {
    settle(operation, plan.template);
    return operation.setStackStatus('CREATE_COMPLETE');
  }
  if (stack.disableRollback || stack.onFailure === 'DO_NOTHING')
    return operation.setStackStatus('CREATE_FAILED', failure);
  await rollBackCreation(operation, `${failure} Rollback requested by user.`);
}

/** Brings a stack to another template; a failure brings it back, or does what the stack says about failures. */
export async function updateStack(operation: Operation, plan: Plan): Promise<void> {
  const { stack } = operation;
  operation.setStackStatus('UPDATE_IN_PROGRESS', 'User Initiated');
  const failure = await deploy(operation, plan);
  if (failure !== undefined) {
    if (stack.disableRollback) return operation.setStackStatus('UPDATE_FAILED', failure);
    return rollBackUpdate(operation, failure, []);
  }
  for (const resource of operation.resources()) {
    const planned = plan.resources.get(resource.logicalId);
    const { before, now } = resource;
    if (planned && before && before !== 'nothing' && before.id !== now?.id)
      resource.leftovers.push({ physical: before, retain: planned.declaration.updateReplacePolicy === 'Retain' });
  }
  settle(operation, plan.template);
  operation.setStackStatus('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
  const gone = operation.resources().filter(({ logicalId }) => !plan.resources.has(logicalId));
  await cleanUp(
    operation,
    gone.map((resource) => ({ resource, retain: resource.deletionPolicy !== 'Delete' })),
  );
  operation.setStackStatus('UPDATE_COMPLETE');
}

/** Takes what is there into a stack, which does nothing else; a failure lets go of it again. */
export async function importIntoStack(operation: Operation, plan: Plan): Promise<void> {
  const { stack } = operation;
  operation.setStackStatus('IMPORT_IN_PROGRESS', 'User Initiated');
  const failure = await deploy(operation, plan);
  if (failure === undefined) {
    settle(operation, plan.template);
    return operation.setStackStatus('IMPORT_COMPLETE');
  }
  operation.resume();
  operation.setStackStatus('IMPORT_ROLLBACK_IN_PROGRESS', failure);
  for (const resource of operation.resources()) if (resource.before === 'nothing') operation.forget(resource);
  stack.deployed = stack.before ?? stack.deployed;
  stack.before = undefined;
  operation.setStackStatus('IMPORT_ROLLBACK_COMPLETE');
}

/** @returns why it failed, undefined when it did not */
async function deploy(operation: Operation, plan: Plan): Promise<string | undefined> {
  const { types } = operation.environment;
  const { stack } = operation;
  const problems = problemsOf(types, plan, stack.deployed.tags);
  const created: string[] = [];
  const updated: string[] = [];
  const fail = (logicalId: string): number =>
    operation.resource(logicalId)?.status === 'CREATE_FAILED' ? created.push(logicalId) : updated.push(logicalId);
  for (const [logicalId, lines] of problems) {
    const planned = plan.resources.get(logicalId);
    if (planned) failResource(operation, planned, lines.join('; '));
    fail(logicalId);
  }
  if (problems.size === 0) {
    const failed = await runInOrder(
      plan.graph,
      async (logicalId) => {
        const planned = plan.resources.get(logicalId);
        if (planned) await deployResource(operation, plan, planned);
      },
      () => operation.cancelled,
    );
    failed.forEach(fail);
  }
  if (created.length + updated.length > 0)
    return [
      ...(created.length > 0 ? [`The following resource(s) failed to create: [${created.join(', ')}].`] : []),
      ...(updated.length > 0 ? [`The following resource(s) failed to update: [${updated.join(', ')}].`] : []),
    ].join(' ');
  try {
    const outputs = outputsOf(operation, plan);
    checkExports(operation.environment.store, stack, outputs);
    stack.deployed = { ...stack.deployed, outputs, imports: plan.imports };
    return undefined;
  } catch (error) {
    return failureReason(error, 'update');
  }
}

function outputsOf(operation: Operation, plan: Plan): Output[] {
  const scope = plan.scope(liveScope(operation));
  const text = (value: Value, place: string): string => {
    const evaluated = evaluate(value, scope);
    if (evaluated === undefined || typeof evaluated === 'object')
      throw new Error(`Template format error: the ${place} is not a string.`);
    return String(evaluated);
  };
  return [...plan.outputs].map(([key, { value, description, exportName }]) => ({
    OutputKey: key,
    OutputValue: text(value, `Value of output ${key}`),
    Description: description,
    ExportName: exportName === undefined ? undefined : text(exportName, `Export of output ${key}`),
  }));
}
