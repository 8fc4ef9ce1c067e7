import { type Resolved, type ResolvedMap, hasUnknown, isMap, isSame } from '../template/value.ts';
import { type PropertySpecs, type ResourceSpec, type ResourceSpecs, isCustom } from './resource-spec.ts';

/** A property that differs, and whether that makes the resource another one. */
export interface Difference {
  readonly property: string;
  readonly replaces: boolean;
  /** False when the new value is known only once other resources are deployed. */
  readonly certain: boolean;
}

/** What differs between the properties of a resource and those it is to have, by AWS's data about what replaces it. */
export function differences(
  specs: ResourceSpecs,
  spec: ResourceSpec,
  before: ResolvedMap,
  after: ResolvedMap,
): Difference[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .filter((name) => !isSame(before[name], after[name]))
    .map((property) => ({
      property,
      // A custom resource tells by its physical id whether it has become another one.
      replaces: !isCustom(spec.type) && replaces(specs, spec.properties, property, before[property], after[property]),
      certain: !hasUnknown(after[property] ?? null),
    }));
}

function replaces(
  specs: ResourceSpecs,
  members: PropertySpecs,
  name: string,
  before: Resolved | undefined,
  after: Resolved | undefined,
): boolean {
  const spec = members[name];
  if (!spec) return false;
  if (spec.causesReplacement === 'yes') return true;
  if (spec.type.type !== 'ref') return false;
  const [old, now] = [
    isMap(before ?? null) ? (before as ResolvedMap) : {},
    isMap(after ?? null) ? (after as ResolvedMap) : {},
  ];
  const below = specs.members(spec.type);
  return Object.keys(below)
    .filter((member) => !isSame(old[member], now[member]))
    .some((member) => replaces(specs, below, member, old[member], now[member]));
}
