import type { Plan, PlannedResource } from '../plan/plan.ts';
import { desiredProperties } from '../plan/desired-properties.ts';
import type { ResourceType } from '../resources/resource-types.ts';
import { differences } from '../spec/differences.ts';
import { isCustom } from '../spec/resource-spec.ts';
import type { Physical, StackResource } from '../stack/stack.ts';
import type { ResourceScope } from '../template/scope.ts';
import { type Properties, isSame, known } from '../template/value.ts';
import { failureReason } from './failure-reason.ts';
import type { Operation } from './operation.ts';
import { ProviderHandler } from './provider-handler.ts';

/** Brings one resource to what the plan says, its dependencies being there already. Throws once the failure is recorded. */
export async function deployResource(operation: Operation, plan: Plan, planned: PlannedResource): Promise<void> {
  const { logicalId, declaration } = planned;
  const existing = operation.resource(logicalId);
  const resource: StackResource =
    existing?.now && existing.status !== 'CREATE_FAILED' ? existing : newResource(operation, planned, existing);
  const isNew = resource !== existing;
  try {
    const type = operation.environment.types.find(declaration.type);
    if (typeof type === 'string') throw new Error(type);
    if (resource.type !== declaration.type)
      throw new Error(`Update of resource type is not permitted: ${resource.type} to ${declaration.type}`);
    const properties = liveProperties(operation, type, plan, planned);
    const physical = { properties, dependencies: planned.dependencies };
    if (isNew) await create(operation, type, resource, physical);
    else await change(operation, type, resource, physical);
  } catch (error) {
    const reason = failureReason(error, isNew ? 'creation' : 'update');
    // The others are told before the event, so that nothing is begun that would have to be rolled back.
    operation.cancel();
    operation.setResourceStatus(resource, isNew ? 'CREATE_FAILED' : 'UPDATE_FAILED', reason);
    throw error;
  }
}

/** A resource that is to fail without having been tried, because it cannot succeed. */
export function failResource(operation: Operation, planned: PlannedResource, reason: string): void {
  const existing = operation.resource(planned.logicalId);
  const resource = existing?.now ? existing : newResource(operation, planned, existing);
  operation.setResourceStatus(resource, existing?.now ? 'UPDATE_FAILED' : 'CREATE_FAILED', reason);
}

/** Resources as they are now, for what the template makes of them. */
export const liveScope = (operation: Operation): ResourceScope => ({
  ref: (logicalId) => existingOf(operation, logicalId).physical.id,
  attribute: (logicalId, name) => {
    const { physical, type } = existingOf(operation, logicalId);
    const value = Object.hasOwn(physical.attributes, name) ? physical.attributes[name] : undefined;
    if (value !== undefined) return value;
    throw new Error(
      isCustom(type)
        ? `Vendor response doesn't contain ${name} attribute in object ${logicalId}`
        : `attribute ${name} of ${type} is not implemented by the local cloud`,
    );
  },
});

function existingOf(operation: Operation, logicalId: string): { physical: Physical; type: string } {
  const resource = operation.resource(logicalId);
  if (!resource?.now) throw new Error(`the resource ${logicalId} does not exist`);
  return { physical: resource.now, type: resource.type };
}

function newResource(operation: Operation, planned: PlannedResource, failed?: StackResource): StackResource {
  const { type, metadata, deletionPolicy } = planned.declaration;
  return {
    stackId: operation.stack.id,
    logicalId: planned.logicalId,
    type,
    status: 'CREATE_IN_PROGRESS',
    statusReason: undefined,
    updated: new Date(),
    metadata,
    deletionPolicy,
    now: undefined,
    before: 'nothing',
    replaced: false,
    leftovers: [...(failed?.leftovers ?? []), ...(failed?.now ? [{ physical: failed.now, retain: false }] : [])],
  };
}

function liveProperties(operation: Operation, type: ResourceType, plan: Plan, planned: PlannedResource): Properties {
  const { types } = operation.environment;
  const { tags } = operation.stack.deployed;
  const { properties, problems } = desiredProperties(types, type, plan, planned, liveScope(operation), tags);
  if (problems.length > 0) throw new Error(problems.join('; '));
  return known(properties) as Properties;
}

type Wanted = Omit<Physical, 'id' | 'attributes'>;

async function create(
  operation: Operation,
  type: ResourceType,
  resource: StackResource,
  wanted: Wanted,
): Promise<void> {
  const identifier = operation.options.imported[resource.logicalId];
  if (identifier !== undefined && type.provider) {
    resource.imported = true;
    operation.setResourceStatus(resource, 'IMPORT_IN_PROGRESS');
    const handler = new ProviderHandler(type.spec, type.provider);
    resource.now = { ...wanted, ...(await handler.import(identifier, operation.request(resource, wanted))) };
    return operation.setResourceStatus(resource, 'IMPORT_COMPLETE');
  }
  operation.setResourceStatus(resource, 'CREATE_IN_PROGRESS');
  resource.now = { ...wanted, ...(await operation.handler(type).create(operation.request(resource, wanted))) };
  operation.setResourceStatus(resource, 'CREATE_COMPLETE');
}

async function change(
  operation: Operation,
  type: ResourceType,
  resource: StackResource,
  wanted: Wanted,
): Promise<void> {
  const old = resource.now as Physical;
  const { types } = operation.environment;
  const found = differences(types.specs, type.spec, old.properties, wanted.properties);
  if (isCustom(resource.type) && found.some(({ property }) => property === 'ServiceToken'))
    throw new Error('Modifying service token is not allowed.');
  if (found.some(({ replaces }) => replaces)) return replace(operation, type, resource, old, wanted);
  resource.now = { ...old, ...wanted };
  if (found.length === 0 && resource.status !== 'UPDATE_FAILED') return operation.save(resource);
  resource.before ??= old;
  operation.setResourceStatus(resource, 'UPDATE_IN_PROGRESS');
  const request = { ...operation.request(resource, wanted), old: old.properties, made: old };
  resource.now = { ...wanted, ...(await operation.handler(type).update(request)) };
  // What was neither there before the operation nor is there now was made by an earlier attempt.
  const isBefore = resource.before !== 'nothing' && resource.before.id === old.id;
  if (resource.now.id !== old.id && !isBefore) resource.leftovers.push({ physical: old, retain: false });
  operation.setResourceStatus(resource, 'UPDATE_COMPLETE');
}

async function replace(
  operation: Operation,
  type: ResourceType,
  resource: StackResource,
  old: Physical,
  wanted: Wanted,
): Promise<void> {
  if (operation.stack.disableRollback)
    throw new Error('Replacement type updates not supported on stack with disable-rollback.');
  const { ref } = type.spec;
  if (ref.every((name) => name in wanted.properties && isSame(wanted.properties[name], old.properties[name])))
    throw new Error(
      'CloudFormation cannot update a stack when a custom-named resource requires replacing. ' +
        `Rename ${old.id} and update the stack again.`,
    );
  resource.before ??= old;
  resource.replaced = true;
  operation.setResourceStatus(
    resource,
    'UPDATE_IN_PROGRESS',
    'Requested update requires the creation of a new physical resource; hence creating one.',
  );
  resource.now = undefined;
  resource.now = { ...wanted, ...(await operation.handler(type).create(operation.request(resource, wanted))) };
  operation.setResourceStatus(resource, 'UPDATE_COMPLETE');
}
