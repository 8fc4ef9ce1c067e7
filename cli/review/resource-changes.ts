import { type Difference, ResourceImpact, type TemplateDiff } from '@aws-cdk/cloudformation-diff';
import { isDeepStrictEqual } from 'node:util';
import { arrow } from './devices.ts';
import { resolved, textOf } from './template.ts';

/** A resource that changes, and is neither a device's certificate, its policy nor a topic rule. */
export interface ResourceChange {
  readonly stack: string;
  readonly logicalId: string;
  /** What people know it by: where its construct stands in the stack. */
  readonly name: string;
  readonly type: string;
  readonly change: 'added' | 'deleted' | 'left behind' | 'replaced' | 'may be replaced' | 'changed';
  /** A line each: `MessageRetentionPeriod 1209600 → 345600`. */
  readonly details: readonly string[];
}

/** Of other parts of a template: outputs, parameters, conditions. */
export interface PartChange {
  readonly stack: string;
  /** Such as `Outputs.TableName`. */
  readonly part: string;
  readonly change: 'added' | 'removed' | 'changed';
}

const IMPACTS: Readonly<Record<ResourceImpact, ResourceChange['change'] | undefined>> = {
  [ResourceImpact.WILL_CREATE]: 'added',
  [ResourceImpact.WILL_IMPORT]: 'added',
  [ResourceImpact.WILL_DESTROY]: 'deleted',
  [ResourceImpact.WILL_ORPHAN]: 'left behind',
  [ResourceImpact.WILL_REPLACE]: 'replaced',
  [ResourceImpact.MAY_REPLACE]: 'may be replaced',
  [ResourceImpact.WILL_UPDATE]: 'changed',
  [ResourceImpact.NO_CHANGE]: undefined,
};

/** The statements in them stand under access, or under what a device may do. */
const STATEMENTS = new Set(['AssumeRolePolicyDocument', 'ManagedPolicyArns', 'Policies', 'PolicyDocument']);
/** They say nothing of what is deployed. */
const NONE: ReadonlySet<string> = new Set();
const NOISE = new Set(['DependsOn', 'Metadata']);

const LONGEST_VALUE = 80;

/**
 * All resources of a stack that change, in the order of their logical ids.
 *
 * @param isOwned whether a resource belongs to a device
 */
export function resourceChanges(
  stack: string,
  { resources }: TemplateDiff,
  nameOf: (logicalId: string) => string,
  isOwned: (logicalId: string) => boolean,
): ResourceChange[] {
  return resources.logicalIds.sort().flatMap((logicalId): ResourceChange[] => {
    const difference = resources.get(logicalId);
    const change = IMPACTS[difference.changeImpact];
    const type = difference.newResourceType ?? difference.oldResourceType ?? '';
    if (change === undefined) return [];
    const whole = difference.isAddition || difference.isRemoval;
    const details = whole
      ? []
      : [
          ...differences(
            difference.propertyUpdates,
            type === 'AWS::IoT::Policy' && !isOwned(logicalId) ? NONE : STATEMENTS,
          ),
          ...differences(difference.otherChanges, NOISE),
        ];
    // Without a detail it is metadata alone, or a statement.
    if (change === 'changed' && details.length === 0) return [];
    return [{ stack, logicalId, name: nameOf(logicalId), type, change, details: details.sort() }];
  });
}

function differences(changed: Readonly<Record<string, Difference<unknown>>>, left: ReadonlySet<string>): string[] {
  return Object.entries(changed)
    .filter(([name]) => !left.has(name))
    .flatMap(([name, { oldValue, newValue }]) => leaves(name, resolved(oldValue), resolved(newValue)));
}

/** The innermost members that differ, a line each. */
function leaves(path: string, before: unknown, after: unknown): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  // The hash of an asset tells nobody anything; that the code is another one does.
  if (path === 'Code') return ['another code'];
  if (isMap(before) && isMap(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => leaves(`${path}.${name}`, before[name], after[name]));
  }
  return [`${path} ${arrow(shown(before), shown(after))}`];
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (value === undefined) return 'none';
  const text = textOf(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

/** What else of a template changes; its description, metadata and CDK's own checks left out. */
export function partChanges(stack: string, diff: TemplateDiff): PartChange[] {
  const parts = {
    Conditions: diff.conditions,
    Mappings: diff.mappings,
    Outputs: diff.outputs,
    Parameters: diff.parameters,
  };
  return Object.entries(parts).flatMap(([part, { logicalIds, changes }]) =>
    logicalIds.sort().map((id): PartChange => {
      const { isAddition, isRemoval } = changes[id] ?? {};
      return { stack, part: `${part}.${id}`, change: isAddition ? 'added' : isRemoval ? 'removed' : 'changed' };
    }),
  );
}
