import type { Tag } from '@aws-sdk/client-cloudformation';
import type { ResourceType, ResourceTypes } from '../resources/resource-types.ts';
import { type Conformed, conform } from '../spec/conform.ts';
import { evaluate } from '../template/intrinsics.ts';
import type { ResourceScope } from '../template/scope.ts';
import { type Resolved, type ResolvedMap, isMap } from '../template/value.ts';
import type { Plan, PlannedResource } from './plan.ts';

/** The properties that a resource is to have, with the stack's tags among them, and what is wrong with them. */
export function desiredProperties(
  types: ResourceTypes,
  type: ResourceType,
  plan: Plan,
  { declaration }: PlannedResource,
  resources: ResourceScope,
  tags: readonly Tag[],
): Conformed {
  const evaluated = evaluate(declaration.properties, plan.scope(resources)) as ResolvedMap;
  const { properties, problems } = conform(types.specs, type.spec, withTags(type, evaluated, tags));
  const ignored = Object.keys(properties).filter((name) => type.provider && !type.provider.properties.includes(name));
  return {
    properties,
    problems: [
      ...problems,
      // Those that AWS does not know either are among the problems already.
      ...ignored
        .filter((name) => Object.hasOwn(type.spec.properties, name))
        .map((name) => `property ${name} of ${type.spec.type} is not implemented by the local cloud`),
    ],
  };
}

/** A stack's tags go to each of its resources that takes some; the resource's own win. */
function withTags({ spec, provider }: ResourceType, properties: ResolvedMap, tags: readonly Tag[]): ResolvedMap {
  if (tags.length === 0 || !spec.tags || !provider?.properties.includes(spec.tags.property)) return properties;
  const { property, form } = spec.tags;
  const own: Resolved = properties[property] ?? (form === 'map' ? {} : []);
  const inherited = tags.map(({ Key = '', Value = '' }) => ({ Key, Value }));
  if (form === 'map')
    return {
      ...properties,
      [property]: {
        ...Object.fromEntries(inherited.map(({ Key, Value }) => [Key, Value])),
        ...(isMap(own) ? own : {}),
      },
    };
  const list = Array.isArray(own) ? own : [];
  const missing = inherited.filter(({ Key }) => !list.some((tag) => isMap(tag) && tag.Key === Key));
  return { ...properties, [property]: [...list, ...missing] };
}
