import type { Tag } from '@aws-sdk/client-cloudformation';
import type { ResourceTypes } from '../resources/resource-types.ts';
import { desiredProperties } from './desired-properties.ts';
import { ANY_RESOURCE, type Plan } from './plan.ts';

/** What can be said against resources before anything is made, by logical id: each line names property and type. */
export function problemsOf(types: ResourceTypes, plan: Plan, tags: readonly Tag[]): Map<string, string[]> {
  const problems = new Map<string, string[]>();
  const add = (logicalId: string, ...lines: readonly string[]): void => {
    if (lines.length > 0) problems.set(logicalId, [...(problems.get(logicalId) ?? []), ...lines]);
  };
  for (const [logicalId, planned] of plan.resources) {
    const type = types.find(planned.declaration.type);
    if (typeof type === 'string') add(logicalId, type);
    else add(logicalId, ...desiredProperties(types, type, plan, planned, ANY_RESOURCE, tags).problems);
  }
  for (const { usedBy, logicalId, attribute } of plan.attributeUses) {
    const type = types.find(plan.resources.get(logicalId)?.declaration.type ?? '');
    if (typeof type === 'string' || !type.spec.attributes || type.spec.attributes.includes(attribute)) continue;
    const reporter = plan.resources.has(usedBy) ? usedBy : logicalId;
    add(
      reporter,
      `Requested attribute ${attribute} of ${logicalId} (by ${usedBy}) does not exist in ${type.spec.type}; ` +
        `it has ${type.spec.attributes.join(', ') || 'none'}`,
    );
  }
  return problems;
}
