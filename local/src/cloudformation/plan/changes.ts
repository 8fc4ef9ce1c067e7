import type { Tag } from '@aws-sdk/client-cloudformation';
import type { ResourceTypes } from '../resources/resource-types.ts';
import { differences } from '../spec/differences.ts';
import { isCustom } from '../spec/resource-spec.ts';
import type { StackResource, StoredChange } from '../stack/stack.ts';
import type { ResourceScope } from '../template/scope.ts';
import { UNKNOWN, isSame } from '../template/value.ts';
import { desiredProperties } from './desired-properties.ts';
import { inOrder } from './graph.ts';
import type { Plan, PlannedResource } from './plan.ts';

type Detail = StoredChange['details'][number];

/** What a plan would do to the resources of a stack, as far as that can be known before it is done. */
export function changesOf(
  types: ResourceTypes,
  plan: Plan,
  existing: ReadonlyMap<string, StackResource>,
  tags: readonly Tag[],
): StoredChange[] {
  // Resources whose physical id or attributes the deployment will change.
  const uncertain = new Set<string>();
  const scope: ResourceScope = {
    ref: (logicalId) => (uncertain.has(logicalId) ? UNKNOWN : (existing.get(logicalId)?.now?.id ?? UNKNOWN)),
    attribute: (logicalId, name) =>
      uncertain.has(logicalId) ? UNKNOWN : (existing.get(logicalId)?.now?.attributes[name] ?? UNKNOWN),
  };
  const changes: StoredChange[] = [];
  for (const logicalId of inOrder(plan.graph)) {
    const planned = plan.resources.get(logicalId);
    if (!planned) continue;
    const resource = existing.get(logicalId);
    const change = resource?.now
      ? modification(types, plan, planned, resource, scope, tags)
      : addition(logicalId, planned.declaration.type);
    if (!change) continue;
    changes.push(change);
    if (change.replacement !== 'False' || isCustom(change.type)) uncertain.add(logicalId);
  }
  for (const resource of existing.values())
    if (!plan.resources.has(resource.logicalId)) changes.push(removal(resource));
  return changes;
}

const addition = (logicalId: string, type: string): StoredChange => ({
  action: 'Add',
  logicalId,
  physicalId: undefined,
  type,
  replacement: undefined,
  retain: false,
  details: [],
});

const removal = ({ logicalId, now, type, deletionPolicy }: StackResource): StoredChange => ({
  action: 'Remove',
  logicalId,
  physicalId: now?.id,
  type,
  replacement: undefined,
  retain: deletionPolicy !== 'Delete',
  details: [],
});

function modification(
  types: ResourceTypes,
  plan: Plan,
  planned: PlannedResource,
  { logicalId, now, type: typeName, metadata, deletionPolicy }: StackResource,
  scope: ResourceScope,
  tags: readonly Tag[],
): StoredChange | undefined {
  const { declaration } = planned;
  const type = types.find(typeName);
  const details: Detail[] = [];
  const inPlace = { property: undefined, recreation: 'Never', dynamic: false } as const;
  if (!isSame(metadata ?? null, declaration.metadata ?? null)) details.push({ attribute: 'Metadata', ...inPlace });
  if (deletionPolicy !== declaration.deletionPolicy) details.push({ attribute: 'DeletionPolicy', ...inPlace });
  if (typeof type !== 'string' && now) {
    const { properties } = desiredProperties(types, type, plan, planned, scope, tags);
    for (const { property, replaces, certain } of differences(types.specs, type.spec, now.properties, properties))
      details.push({
        attribute: 'Properties',
        property,
        recreation: replaces ? 'Always' : 'Never',
        dynamic: !certain,
      });
  }
  if (details.length === 0) return undefined;
  const replacing = details.filter(({ recreation }) => recreation === 'Always');
  return {
    action: 'Modify',
    logicalId,
    physicalId: now?.id,
    type: typeName,
    replacement: replacing.length === 0 ? 'False' : replacing.some(({ dynamic }) => !dynamic) ? 'True' : 'Conditional',
    retain: declaration.updateReplacePolicy === 'Retain',
    details,
  };
}
